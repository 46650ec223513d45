"""``http.bad_body``: answers break off in the middle, or are no JSON."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.faults._http import HttpFault
from chaos.ports import MALFORMED, HttpEffect, HttpReply


class How(StrEnum):
    """What is wrong with the body."""

    CUT = "cut"
    MALFORMED = "malformed"


class HttpBadBody(HttpFault):
    """Break the body of the answers of an HTTP link: cut it off, or make it malformed.

    ``cut`` ends the connection after ``bytes`` of the body. ``malformed`` puts a beginning of JSON in place
    of the body; status and content type are those of the target. The witness must ask for an answer that has
    a longer body, or for ``malformed`` one that is JSON.

    For example ``{at: 1m, fault: http.bad_body, link: "web->mock", how: malformed, ask: /items, for: 5m}``.

    What a client sees: status and headers as ever; then the connection ends within the body, or the body
    cannot be read as JSON.

    What the witness measures: the bodies of the answers to GET requests of a client over the link. All were
    complete before (and for ``malformed`` JSON), and now half of the share or more are not.
    """

    effect: ClassVar[HttpEffect] = HttpEffect.BODY
    fault: Literal["http.bad_body"]
    how: How = Field(default=How.CUT, description="what is wrong with the body")
    bytes: int = Field(default=20, ge=1, le=50_000, description="with how: cut, bytes that still come")

    def argument(self) -> str:
        return MALFORMED if self.how is How.MALFORMED else str(self.bytes)

    def struck(self, reply: HttpReply) -> bool:
        if self.how is How.CUT:
            return reply.outcome == "cut" and len(reply.body) <= self.bytes
        return reply.outcome == "answered" and not _is_json(reply.body)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
