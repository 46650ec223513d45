"""A recording of a breaker that goes the expected way, and what is expected of it."""

from __future__ import annotations

from chaos.checks.breaker import Breaker
from tests.recording_builder import RecordingBuilder

PATH, OPENS, FAST, CLOSES = (
    f"breaker dep {what}" for what in ("passes through the expected states", "opens", "fails fast", "closes")
)
EXPECTED = Breaker.model_validate(
    {"name": "dep", "opens_within": "5s", "fails_fast_under": "50ms", "closes_within": "2m"}  # 6 s at pace 20
)
GOOD = ((0, "closed"), (21, "open"), (45, "half_open"), (45.5, "closed"))


def recorded(*states: tuple[float, str], until: float = 90.0, every: float | None = None) -> RecordingBuilder:
    """The dependency is gone from 20 to 44; the gauge went through ``states``; degraded answers took 4 ms."""
    builder = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .load(5, 20)
        .load(20, 45, degraded="stale", latency=0.004)
        .load(45, 80)
    )
    return builder.breaker(*states, until=until, every=every) if states else builder
