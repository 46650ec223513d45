"""``link.latency``: all data arrives later, as on a congested or very long line."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from chaos.faults._link import OUTCOME, ROUND_TRIP, USUAL_MOST, ToxicFault, milliseconds
from chaos.ports import DialOutcome, FaultContext, RoundTrip
from chaos.timeline.events import Measurement
from chaos.timing import Duration, format_duration

ROUND_TRIPS = 5
PATIENCE = 2.0  # real seconds that a round trip may take in addition to the longest delay


class LinkLatency(ToxicFault):
    """Delay data on a link by latency ± jitter, uniformly distributed.

    The delay applies to each named direction, so ``both`` adds it twice to a round trip. The bandwidth does
    not change. The delay is real time: the pace does not compress it. This is a toxic: neither the injection
    nor the undo drops a connection.

    What a client sees: connecting takes no longer (the proxy itself accepts); the first byte of each answer
    arrives later, on open and new connections. A protocol with several exchanges is delayed at each of them.

    What the witness measures: the median of five simultaneous round trips of clients over the link. It
    measures five times before the injection. The median must be larger than the middle one of those five by
    at least half the latency, and larger than the second largest of them.
    """

    baselines: ClassVar[int] = 5
    timed: ClassVar[str] = ROUND_TRIP

    fault: Literal["link.latency"]
    latency: Duration = Field(gt=0, le=60, description="added delay in each affected direction")
    jitter: Duration = Field(default=0.0, description="the delay varies by ± this; at most half the latency")

    @model_validator(mode="after")
    def _provable(self) -> LinkLatency:
        # Then no delay is below half the latency, which is the bound of the witness.
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

    async def look(self, context: FaultContext) -> Measurement:
        """Five simultaneous round trips: the median of those that were answered, in real seconds, and how
        many were.
        """
        trips = await asyncio.gather(*(self._trip(context) for _ in range(ROUND_TRIPS)))
        served = [trip for trip in trips if trip.outcome is DialOutcome.ANSWERED]
        answered = [trip.seconds for trip in served if trip.seconds is not None]
        enough = len(answered) > ROUND_TRIPS // 2
        failed = (trip.outcome for trip in trips if trip not in served)
        outcome = DialOutcome.ANSWERED if enough else next(failed)
        return Measurement(
            subject=f"link {self.link}",
            values={
                OUTCOME: outcome.value,
                ROUND_TRIP: median(answered) if enough else None,
                "answered": len(answered),
                "asked": ROUND_TRIPS,
            },
        )

    async def struck(self, context: FaultContext) -> bool | None:
        seconds = (await self._trip(context)).seconds
        return None if seconds is None else seconds >= self.latency / 2

    async def _trip(self, context: FaultContext) -> RoundTrip:
        longest = (self.latency + self.jitter) * len(self.direction.streams()) + PATIENCE
        return await context.links.round_trip(self.link, longest)

    def measured_in(self) -> float:
        """The longest delay that the fault adds to a round trip."""
        return (self.latency + self.jitter) * len(self.direction.streams())

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """The median round trip grew by at least half the latency, and is above the second largest from
        before.

        Half: the jitter is at most half the latency, so every delay is at least that long. The noise of a
        round trip on one host (a third of a millisecond; tens under load) does not reach it unless the
        latency is very small. If round trips already differed by more than that before the fault, most
        measurements of noise are below the second largest of them. Without a median on either side nothing
        is proved.
        """
        then, here = before.values[ROUND_TRIP], now.values[ROUND_TRIP]
        if not isinstance(then, float) or not isinstance(here, float):
            return False
        most = before.values.get(USUAL_MOST)
        return here - then >= self.latency / 2 and not (isinstance(most, float) and here <= most)
