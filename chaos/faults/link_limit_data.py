"""``link.limit_data``: connections end after some data, as behind a proxy that cuts off long answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._bulk import RECEIVED, BulkToxicFault
from chaos.faults._link import HUNG_UP, OUTCOME, shown
from chaos.ports import DialOutcome, FaultContext
from chaos.timeline.events import Measurement


class LinkLimitData(BulkToxicFault):
    """Close each connection of a link after it has carried a number of bytes in one direction.

    This is a toxic. Data beyond the limit is lost. A connection that is already open also ends at the limit.

    What a client sees: dials succeed; the data up to the limit arrives, then the connection ends in the
    middle of an answer. With ``bytes: 0`` it ends at the first data.

    What the witness measures: an exchange of 1000 bytes more than the limit. It measures five times before
    the injection, and most of these exchanges were complete; now the connection ends earlier, with less data.
    """

    fault: Literal["link.limit_data"]
    bytes: int = Field(ge=0, le=50_000, description="bytes after which the proxy closes a connection")

    def kind(self) -> str:
        return "limit_data"

    def attributes(self) -> dict[str, int]:
        return {"bytes": self.bytes}

    def size(self) -> int:
        return self.bytes + 1000

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """The exchange was complete before; now the connection ends with less data."""
        then, here = before.values[RECEIVED], now.values[RECEIVED]
        if not isinstance(then, float) or not isinstance(here, float):
            return False
        complete = before.values[OUTCOME] == DialOutcome.ANSWERED
        return complete and now.values[OUTCOME] in HUNG_UP and here < then

    async def struck(self, context: FaultContext) -> bool | None:
        return shown((await self._exchange(context)).outcome, HUNG_UP)
