"""Every request that clients made, also those that were never answered. Pure; instants on the run axis.

``Recording.requests`` has only the requests that ended. Figures of what clients saw must count the others
too: a system that hangs would look healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chaos.timeline.recording import Recording, Unanswered
from chaos.timeline.requests import RequestOutcome

# Seconds. A shorter wait says nothing: some requests are always under way when the load is stopped.
LONG_WAIT = 1.0


class AskedRequest(NamedTuple):
    """``latency`` counts from the planned instant. ``outcome`` None: no answer came, and ``latency`` is how
    long its client had waited.
    """

    intended: float
    latency: float
    outcome: RequestOutcome | None

    @property
    def served(self) -> bool:
        return self.outcome is not None and self.outcome.served

    @property
    def well(self) -> bool:
        return self.outcome is not None and self.outcome.well


def never_answered(waiting: Iterable[Unanswered]) -> Iterator[AskedRequest]:
    """Those that had waited for ``LONG_WAIT`` when the load was stopped."""
    for one in waiting:
        if one.waited >= LONG_WAIT:
            yield AskedRequest(one.intended, one.sent + one.waited - one.intended, None)


def asked_between(recording: Recording, start: float, end: float) -> Iterator[AskedRequest]:
    """The requests planned in ``[start, end)``, without those that this machine could not send."""
    yield from (one for one in _sent(recording) if start <= one.intended < end)
    yield from (one for one in never_answered(recording.waiting) if start <= one.intended < end)


def ended_before(recording: Recording, instant: float) -> Iterator[AskedRequest]:
    """The requests that were answered before ``instant``, and those that were never answered and had waited
    for ``LONG_WAIT`` by then. Without those that this machine could not send.
    """
    yield from (one for one in _sent(recording) if one.intended + one.latency < instant)
    for one in recording.waiting:
        if min(instant - one.sent, one.waited) >= LONG_WAIT:
            yield AskedRequest(one.intended, min(instant, one.sent + one.waited) - one.intended, None)


def _sent(recording: Recording) -> Iterator[AskedRequest]:
    every = recording.requests
    sent = every.where(lambda one: not one.unsent)
    for intended, latency, place in zip(every.intended, every.latency, every.outcome, strict=True):
        if sent[place]:
            yield AskedRequest(intended, latency, every.outcomes[place])
