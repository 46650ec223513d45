"""``link.slicer``: data arrives in small pieces with pauses between them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from chaos.faults._bulk import BulkToxicFault
from chaos.timing import Duration

WITNESS_SECONDS = 0.5
FEWEST_PIECES, MOST_PIECES = 4, 50


class LinkSlicer(BulkToxicFault):
    """Cut data on a link into small pieces, with a pause after each piece.

    This is a toxic: neither the injection nor the undo drops a connection.

    What a client sees: an answer arrives in many pieces; the longer it is, the later it ends. A client that
    expects one read to return a whole message breaks.

    What the witness measures: the time of an exchange of 4 to 50 pieces. It measures five times before the
    injection. The exchange was complete then, and now takes longer than the median of those five by at least
    half of its pauses, and longer than the second slowest of them.
    """

    fault: Literal["link.slicer"]
    average_size: int = Field(default=64, ge=16, le=1024, description="mean size of a piece, in bytes")
    variation: int = Field(default=0, ge=0, description="how many bytes a piece may differ from the mean")
    delay: Duration = Field(default=0.02, ge=0.01, le=0.5, description="real-time pause after each piece")

    @model_validator(mode="after")
    def _possible(self) -> LinkSlicer:
        if self.variation > self.average_size // 2:
            raise ValueError(
                f"expected a variation of at most half the average_size ({self.average_size // 2} bytes), "
                f"got {self.variation}"
            )
        return self

    def kind(self) -> str:
        return "slicer"

    def attributes(self) -> dict[str, int]:
        """Toxiproxy counts this delay in microseconds."""
        return {
            "average_size": self.average_size,
            "size_variation": self.variation,
            "delay": round(self.delay * 1e6),
        }

    def size(self) -> int:
        return self.average_size * self._pieces()

    def added(self) -> float:
        return self.delay * self._pieces()

    def _pieces(self) -> int:
        return min(MOST_PIECES, max(FEWEST_PIECES, round(WITNESS_SECONDS / self.delay)))
