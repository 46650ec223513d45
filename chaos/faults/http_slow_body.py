"""``http.slow_body``: the headers of an answer arrive at once, and its body arrives slowly."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from chaos.faults._http import PATIENCE, HttpFault
from chaos.ports import DialOutcome, HttpEffect, HttpReply


class HttpSlowBody(HttpFault):
    """Limit how fast the body of each answer on an HTTP link arrives, in bytes per second.

    The body that the witness requests must be longer than two seconds of that rate. The limit applies to each
    answer separately.

    For example ``{at: 1m, fault: http.slow_body, link: "web->mock", rate: 100, ask: /items, for: 5m}``.

    What a client sees: status and headers without delay, then the body in pieces, one each second. A time-out
    for each single read does not detect it.

    What the witness measures: the time until the answers to GET requests of a client over the link are
    complete. None was slow before; now at least half of the share are. An answer is slow if it is incomplete
    after 3 s, or if it has more than two seconds' worth of bytes and takes at least half of the time that the
    rate requires.
    """

    effect: ClassVar[HttpEffect] = HttpEffect.SLOW
    fault: Literal["http.slow_body"]
    rate: int = Field(ge=10, le=100_000, description="bytes of the body per second of real time")

    def argument(self) -> str:
        return str(self.rate)

    def struck(self, reply: HttpReply) -> bool:
        """The first piece comes at once, so a body of ``n`` pieces takes ``n - 1`` seconds."""
        if reply.outcome is DialOutcome.SLOW:
            return len(reply.body) > 0
        least = max(1.0, (len(reply.body) / self.rate - 1) / 2)
        complete = reply.outcome is DialOutcome.ANSWERED
        return complete and len(reply.body) > 2 * self.rate and reply.seconds >= least

    def measured_in(self) -> float:
        return PATIENCE
