"""``http.status``: requests get an error status, as from an overloaded target."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from chaos.faults._http import HttpFault
from chaos.ports import DialOutcome, HttpEffect, HttpReply


class HttpStatus(HttpFault):
    """Answer requests on an HTTP link with a status; they do not reach the target.

    HAProxy answers instead of the target, with a text and without the target's headers. The link has HAProxy
    only in runs of such a scenario.

    For example ``{at: 1m, fault: http.status, link: "web->mock", status: 503, share: 0.3, for: 5m}``.

    What a client sees: complete answers with this status, without delay; connections stay open.

    What the witness measures: the status of the answers to GET requests of a client over the link. None had
    the status of the fault before; now at least half of the share have it.
    """

    effect: ClassVar[HttpEffect] = HttpEffect.STATUS
    fault: Literal["http.status"]
    status: int = Field(default=503, ge=400, le=599, description="status of the answers")

    def argument(self) -> str:
        return str(self.status)

    def struck(self, reply: HttpReply) -> bool:
        return reply.outcome is DialOutcome.ANSWERED and reply.status == self.status
