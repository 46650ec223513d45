"""Every request that clients made, also those that were never answered. Pure; instants on the run axis.

``Recording.requests`` has only the requests that ended. Figures of what clients saw must count the others
too: a system that hangs would look healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
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


def never_answered(waiting: Iterable[Unanswered], by: float = inf) -> Iterator[AskedRequest]:
    """Those that had waited for ``LONG_WAIT`` at the instant ``by``, or when the load was stopped before."""
    for one in waiting:
        if min(by - one.sent, one.waited) >= LONG_WAIT:
            yield AskedRequest(one.intended, min(by - one.intended, one.latency), None)


def asked_between(recording: Recording, start: float, end: float) -> Iterator[AskedRequest]:
    """The requests planned in ``[start, end)``, without those that this machine could not send."""
    yield from _sent(recording, recording.requests.intended, start, end)
    yield from (one for one in never_answered(recording.waiting) if start <= one.intended < end)


def ended_before(recording: Recording, instant: float) -> Iterator[AskedRequest]:
    """The requests that were answered before ``instant``, and those that were never answered and had waited
    for ``LONG_WAIT`` by then. Without those that this machine could not send.
    """
    yield from _sent(recording, recording.requests.finished(), -inf, instant)
    yield from never_answered(recording.waiting, instant)


def _sent(
    recording: Recording, instants: Iterable[float], start: float, end: float
) -> Iterator[AskedRequest]:
    """The sent requests whose instant, of one for each request, is in ``[start, end)``. A million requests
    are kept in columns, so only these become objects.
    """
    every = recording.requests
    sent = every.where(lambda one: not one.unsent)
    for when, at, latency, place in zip(instants, every.intended, every.latency, every.outcome, strict=True):
        if start <= when < end and sent[place]:
            yield AskedRequest(at, latency, every.outcomes[place])
