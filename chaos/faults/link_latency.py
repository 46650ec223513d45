"""``link.latency``: every piece of data arrives later; as on a congested or a very long line."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import Literal

from pydantic import Field, model_validator

from chaos.faults._link import OUTCOME, ROUND_TRIP, ToxicFault, milliseconds
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration, format_duration

ROUND_TRIPS = 5
PATIENCE = 2.0  # real seconds that a round trip may take beside the longest delay that was asked for


class LinkLatency(ToxicFault):
    """Delay what goes over a link by latency ± jitter, uniformly distributed.

    The delay is added to each direction that is named, so ``both`` adds it twice to a round trip. The
    bandwidth stays. Real time: the pace does not compress it. A toxic: no connection is dropped, neither at
    the injection nor at the undo.

    What a client sees: connecting takes no longer (the proxy accepts by itself); the first byte of each
    answer comes later, on open connections and new ones alike. A protocol that needs several exchanges pays
    for each of them.
    """

    fault: Literal["link.latency"]
    latency: Duration = Field(gt=0, le=60, description="added delay in each affected direction")
    jitter: Duration = Field(default=0.0, description="the delay varies by ± this; at most half the latency")

    @model_validator(mode="after")
    def _provable(self) -> LinkLatency:
        # Then no single delay lies below half the latency, which is the bound of the witness.
        if self.jitter > self.latency / 2:
            raise ValueError(
                f"expected a jitter of at most half the latency ({format_duration(self.latency / 2)}), "
                f"got {format_duration(self.jitter)}"
            )
        return self

    def kind(self) -> str:
        return "latency"

    def attributes(self) -> dict[str, int]:
        return {"latency": milliseconds(self.latency), "jitter": milliseconds(self.jitter)}

    async def measure(self, context: FaultContext) -> Measurement:
        """Five round trips side by side: the median of those that were answered, in real seconds, and how
        many were.
        """
        longest = (self.latency + self.jitter) * len(self.direction.streams()) + PATIENCE
        trips = await asyncio.gather(
            *(context.links.round_trip(self.link, longest) for _ in range(ROUND_TRIPS))
        )
        answered = [trip.seconds for trip in trips if trip.outcome == "answered" and trip.seconds is not None]
        enough = len(answered) > ROUND_TRIPS // 2
        return Measurement(
            subject=f"link {self.link}",
            values={
                OUTCOME: "answered" if enough else next(t.outcome for t in trips if t.outcome != "answered"),
                ROUND_TRIP: median(answered) if enough else None,
                "answered": len(answered),
                "asked": ROUND_TRIPS,
            },
        )

    def measured_in(self) -> float:
        """As long as the added delay."""
        return (self.latency + self.jitter) * len(self.direction.streams())

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The median round trip grew by at least half the latency.

        Half: a jitter of at most half the latency cannot bring any delay below it, and the noise of a round
        trip on one host (a third of a millisecond; tens under load) cannot lift the median over it unless
        the latency is tiny. Without a median on either side nothing is proved.
        """
        then, here = before.values[ROUND_TRIP], now.values[ROUND_TRIP]
        if not isinstance(then, float) or not isinstance(here, float):
            return False
        return here - then >= self.latency / 2
