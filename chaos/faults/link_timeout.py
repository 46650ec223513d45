"""``link.timeout``: data is lost on the way, as behind a firewall that drops packets silently."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._link import Direction, ToxicFault, milliseconds, shown
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.ports import DialOutcome, FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration


class LinkTimeout(ToxicFault):
    """Discard the data on a link; a connection hangs until the undo, or is closed after the timeout.

    This is a toxic: connections stay open, and data is lost, not delayed. With timeout 0s and both
    directions it is a partition in which connections hang. The undo closes the silenced connections: their
    data is lost, so they could not continue.

    What a client sees: dials succeed, but no answer comes until its own time-out; with a timeout above 0s
    the connection ends (end of stream) after it was silent for that long. After the undo the silenced
    connections end; new ones work.

    What the witness measures: a round trip of a client over the link. It was answered before; now no byte
    comes within 2 s or, with a timeout, the connection ends without one.
    """

    fault: Literal["link.timeout"]
    direction: Direction = Field(default=Direction.BOTH, description="the direction in which data vanishes")
    timeout: Duration = Field(
        default=0.0, le=600, description="time after which the proxy closes a silent connection; 0s: never"
    )

    def kind(self) -> str:
        return "timeout"

    def attributes(self) -> dict[str, int]:
        return {"timeout": milliseconds(self.timeout)}

    def measured_in(self) -> float:
        """No answer comes, so the round trip takes its whole time-out, or the ``timeout`` of the fault."""
        return min(self.timeout, ROUND_TRIP_TIMEOUT) if self.timeout else ROUND_TRIP_TIMEOUT

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """A client was answered before. Now it gets no byte within its time-out or, with a ``timeout``, the
        connection ends without one.
        """
        return self.sees(before, now, self._outcomes())

    async def struck(self, context: FaultContext) -> bool | None:
        return shown((await context.links.round_trip(self.link)).outcome, self._outcomes())

    def _outcomes(self) -> tuple[DialOutcome, ...]:
        if self.timeout:
            return (DialOutcome.TIMEOUT, DialOutcome.CLOSED, DialOutcome.RESET)
        return (DialOutcome.TIMEOUT,)
