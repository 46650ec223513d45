"""How much of the API is on offer: three levels, and features that are switched off from a level on.

The level follows from what is gone; an operator can force it, and can switch each feature by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum

from prometheus_client import Gauge


class Level(IntEnum):
    NORMAL = 0
    DEGRADED = 1  # something that guests can do without is gone: PMS, Redis, NLP engine
    CRITICAL = 2  # the database is gone: nothing can be booked


class Feature(StrEnum):
    RECOMMENDATIONS = "recommendations"  # answers to messages name free rooms; costs a question to the PMS
    AUDIO = "audio"  # voice messages are transcribed


OFF_FROM = {Feature.RECOMMENDATIONS: Level.DEGRADED, Feature.AUDIO: Level.CRITICAL}


class Degradation:
    """Asked at every use of a feature. `refresh` keeps the gauge true between uses."""

    def __init__(
        self,
        facts: Callable[[], Level],
        gauge: Gauge,
        switched: Mapping[Feature, bool],
        ignored: bool = False,
    ) -> None:
        """`facts`: the level that the dependencies call for; `switched`: by hand from the start;
        `ignored`: the broken variant that never gives anything up."""
        self._facts = facts
        self._gauge = gauge
        self._switched = dict(switched)
        self._ignored = ignored
        self.forced: Level | None = None

    @property
    def level(self) -> Level:
        if self._ignored:
            return Level.NORMAL
        return self._facts() if self.forced is None else self.forced

    def is_on(self, feature: Feature) -> bool:
        if self._ignored:
            return True
        return self._switched.get(feature, self.level < OFF_FROM[feature])

    def switch(self, feature: Feature, on: bool | None) -> None:
        """By hand; None leaves it to the level again."""
        if on is None:
            self._switched.pop(feature, None)
        else:
            self._switched[feature] = on

    async def refresh(self) -> None:
        self._gauge.set(self.level)
