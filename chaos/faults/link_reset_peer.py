"""``link.reset_peer``: connections are reset in use, as by a crashed peer or a restarted load balancer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._link import HUNG_UP, ToxicFault, milliseconds, shown
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration


class LinkResetPeer(ToxicFault):
    """Reset each connection of a link once it is in use: at the first data, or ``timeout`` later.

    This is a toxic: an idle connection stays open until it is used. Downstream (the default): the target
    serves the request, but its answer is lost. Upstream: the request never arrives.

    What a client sees: dials succeed, but the first exchange ends with a connection reset. Connections that
    were open at the injection end with a plain end of stream: Toxiproxy arms the reset when a connection is
    made. From outside, through a published port, both show as an end of stream.

    What the witness measures: a round trip of a client over the link. It was answered before, and is
    reset or closed without an answer now.
    """

    fault: Literal["link.reset_peer"]
    # While it waits, Toxiproxy cannot remove the toxic: the bound keeps the undo inside its deadline.
    timeout: Duration = Field(default=0.0, le=5, description="time between the first data and the reset")

    def kind(self) -> str:
        return "reset_peer"

    def attributes(self) -> dict[str, int]:
        return {"timeout": milliseconds(self.timeout)}

    def measured_in(self) -> float:
        """The connection is reset after the time-out."""
        return min(self.timeout, ROUND_TRIP_TIMEOUT)

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """A client was answered before, and its connection ends without an answer now."""
        return self.sees(before, now, HUNG_UP)

    async def struck(self, context: FaultContext) -> bool | None:
        return shown((await context.links.round_trip(self.link)).outcome, HUNG_UP)
