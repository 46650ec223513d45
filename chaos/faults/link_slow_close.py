"""``link.slow_close``: connections stay open for a while after one side has closed them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._bulk import PATIENCE, BulkToxicFault
from chaos.faults._link import milliseconds
from chaos.ports import Exchange, FaultContext
from chaos.timing import Duration


class LinkSlowClose(BulkToxicFault):
    """Delay the end of each connection of a link, like a load balancer that drains connections.

    This is a toxic: it drops no connection, and data flows normally. A server or pool that counts open
    connections runs out of them.

    What a client sees: answers without delay; when the other side closes a connection, the end arrives later.

    What the witness measures: the time in which the witness sends a request, closes its side of the
    connection, and sees the other side close. It measures five times before the injection. Now it takes
    longer than the median of those five by at least half of the delay, and longer than the second slowest.
    """

    fault: Literal["link.slow_close"]
    delay: Duration = Field(default=1.0, ge=0.1, le=5, description="real time by which to delay the end")

    def kind(self) -> str:
        return "slow_close"

    def attributes(self) -> dict[str, int]:
        return {"delay": milliseconds(self.delay)}

    def size(self) -> int:
        return 0

    def added(self) -> float:
        return self.delay

    async def _exchange(self, context: FaultContext) -> Exchange:
        return await context.links.ending(self.link, self.measured_in() + PATIENCE)
