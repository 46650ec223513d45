"""``http.no_header``: answers lack a header, as behind a proxy that drops it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from chaos.faults._http import HttpFault
from chaos.ports import DialOutcome, HttpEffect, HttpReply


class HttpNoHeader(HttpFault):
    """Remove a header from the answers on an HTTP link. The witness must request an answer that has it.

    For example ``{at: 1m, fault: http.no_header, link: "web->mock", header: Content-Type, for: 5m}``.

    What a client sees: the usual answers without the header; connections stay open.

    What the witness measures: the headers of the answers to GET requests of a client over the link. All had
    the header before; now at least half of the share lack it.
    """

    effect: ClassVar[HttpEffect] = HttpEffect.HEADER
    fault: Literal["http.no_header"]
    header: str = Field(pattern=r"^[A-Za-z0-9-]+$", description="name of the header to remove")

    def argument(self) -> str:
        return self.header

    def struck(self, reply: HttpReply) -> bool:
        return reply.outcome is DialOutcome.ANSWERED and self.header.lower() not in reply.headers
