"""``http.bad_body``: answers break off in the middle, or are not valid JSON."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.faults._http import HttpFault
from chaos.ports import MALFORMED, DialOutcome, HttpEffect, HttpReply


class BodyDamage(StrEnum):
    """How the body is damaged."""

    CUT = "cut"
    MALFORMED = "malformed"


class HttpBadBody(HttpFault):
    """Damage the bodies of answers on an HTTP link: cut them off, or make them malformed.

    ``cut`` ends the connection after ``bytes`` of the body. ``malformed`` replaces the body by the beginning
    of a JSON document; status and content type stay those of the target. The witness must request an answer
    with a longer body, or for ``malformed`` a JSON answer.

    For example ``{at: 1m, fault: http.bad_body, link: "web->mock", how: malformed, ask: /items, for: 5m}``.

    What a client sees: the usual status and headers; then the connection ends within the body, or the body
    is not valid JSON.

    What the witness measures: the bodies of the answers to GET requests of a client over the link. None was
    damaged before; now at least half of the share break off within ``bytes`` (for ``malformed``: are not
    JSON).
    """

    effect: ClassVar[HttpEffect] = HttpEffect.BODY
    fault: Literal["http.bad_body"]
    how: BodyDamage = Field(default=BodyDamage.CUT, description="how to damage the body")
    bytes: int = Field(default=20, ge=1, le=50_000, description="with how: cut, bytes to send before it")

    def argument(self) -> str:
        return MALFORMED if self.how is BodyDamage.MALFORMED else str(self.bytes)

    def struck(self, reply: HttpReply) -> bool:
        if self.how is BodyDamage.CUT:
            return reply.outcome is DialOutcome.CUT and len(reply.body) <= self.bytes
        return reply.outcome is DialOutcome.ANSWERED and not _is_json(reply.body)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
