"""The answers that clients got while a circuit breaker was open, and before the fault."""

from __future__ import annotations

from chaos.model.windows import FEWEST_ANSWERS
from chaos.timeline.questions import percentile
from chaos.timeline.recording import Recording


def answers_while_open(
    recording: Recording, stretch: tuple[float, float], request: str | None
) -> list[tuple[float, float]]:
    """When each degraded or failed request was to be sent, and the seconds to its answer. ``request``: METHOD
    and path of the requests that count; None: all.
    """
    every = recording.requests
    meant = every.where(lambda one: not one.unsent and not one.well and request in (None, one.name))
    return [
        (at, latency)
        for at, latency, place in zip(every.intended, every.latency, every.outcome, strict=True)
        if meant[place] and stretch[0] <= at <= stretch[1]
    ]


def hung_while_open(
    recording: Recording, stretch: tuple[float, float], request: str | None
) -> list[tuple[float, float]]:
    """When each request that never got an answer was to be sent, and the least time that it took."""
    start, end = stretch
    return [
        (one.intended, one.latency)
        for one in recording.waiting
        if start <= one.intended <= end and request in (None, one.name)
    ]


def p95_before(recording: Recording, instant: float) -> float | None:
    """p95 of the requests that were served well before ``instant``; None if there are too few."""
    every = recording.requests
    well = every.where(lambda one: one.well)
    healthy = [
        latency
        for finished, latency, place in zip(every.finished(), every.latency, every.outcome, strict=True)
        if well[place] and finished < instant
    ]
    return percentile(healthy, 0.95) if len(healthy) >= FEWEST_ANSWERS else None
