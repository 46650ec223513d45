"""``link.bandwidth``: the link carries little data per second, like a saturated line."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._bulk import BulkToxicFault

WITNESS_SECONDS = 0.5
FEWEST_BYTES = 1000


class LinkBandwidth(BulkToxicFault):
    """Limit how much data a link carries per second, separately for each connection and direction.

    This is a toxic: neither the injection nor the undo drops a connection.

    What a client sees: connecting takes no longer; small answers arrive almost as fast as before, large ones
    slowly, on open and new connections.

    What the witness measures: the time of an exchange of as many bytes as the limit allows in half a second,
    and at least 1000. It measures five times before the injection. The exchange was complete then, and now
    takes longer than the median of those five by at least half of the time that the limit requires, and
    longer than the second slowest of them.
    """

    fault: Literal["link.bandwidth"]
    rate: int = Field(ge=1, le=200, description="KB (1000 bytes) a second for each connection and direction")

    def kind(self) -> str:
        return "bandwidth"

    def attributes(self) -> dict[str, int]:
        return {"rate": self.rate}

    def size(self) -> int:
        return max(FEWEST_BYTES, round(self.rate * 1000 * WITNESS_SECONDS))

    def added(self) -> float:
        return self.size() / (self.rate * 1000)
