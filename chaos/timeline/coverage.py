"""How much of the planned data does a window of a recording hold? Pure; instants on the run axis.

A count of answers, samples or writes proves nothing about a stretch with hardly any. Each question compares
the planned rate with the data, and finds the longest stretch without any.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import sub

from chaos.timeline.events import LoadStarted, LoadStopped, Sample
from chaos.timeline.observations import (
    ProbeStarted,
    ProbeWaiting,
    WritersStarted,
    WritersStopped,
)
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class Coverage:
    """What a window ``[start, end)`` holds of one source.

    ``expected``: planned by the rate; None where the recording does not say what was planned. ``seen``: what
    is there, whatever its result. ``hole``: the longest stretch without any, its two ends; they are the
    window's own where nothing lies before or after.
    """

    start: float
    end: float
    expected: float | None
    seen: int
    hole: tuple[float, float]

    @property
    def longest_hole(self) -> float:
        """Seconds."""
        return self.hole[1] - self.hole[0]

    @property
    def share(self) -> float | None:
        """Share of the plan, 0 to 1 (more if more came); None if the plan is unknown or empty."""
        return self.seen / self.expected if self.expected else None


@dataclass(frozen=True)
class LoadCoverage(Coverage):
    """``seen`` counts sent requests; ``unsent`` those that this machine could not send."""

    unsent: int = 0


def load_coverage(recording: Recording, start: float, end: float, name: str | None = None) -> LoadCoverage:
    """Requests by the instant at which the schedule wanted them sent; of one kind with ``name``.

    A request that was never answered counts as seen: it was sent. Of one kind the expected number is its
    share by weight.
    """
    sent = _between(recording.requests.instants(name), start, end)
    unsent = _between(recording.requests.instants(name, unsent=True), start, end)
    waiting = [w.intended for w in recording.waiting if name in (None, w.name) and start <= w.intended < end]
    if waiting:
        sent = sorted([*sent, *waiting])
    expected = _expected_requests(recording, start, end, name)
    return LoadCoverage(start, end, expected, len(sent), _longest_hole(sent, start, end), len(unsent))


def probe_coverage(recording: Recording, probe: str, start: float, end: float) -> Coverage:
    """Readings of one probe by the instant at which they were made; those without an answer count as well."""
    instants = sorted(
        [sample.started for sample in recording.of(Sample) if sample.probe == probe]
        + [waiting.started for waiting in recording.of(ProbeWaiting) if waiting.probe == probe]
    )
    began = next((one for one in recording.of(ProbeStarted) if one.probe == probe), None)
    expected = None
    if began is not None:
        expected = _planned(1 / began.every, began.at, float("inf"), start, end)
    return _coverage(instants, start, end, expected)


def writer_coverage(recording: Recording, ledger: str, start: float, end: float) -> Coverage:
    """New writes of one ledger by the instant of their first attempt."""
    instants = sorted(
        op.at for op in recording.ledger if op.ledger == ledger and op.op == "invoked" and op.attempt == 1
    )
    began = next((one for one in recording.of(WritersStarted) if one.ledger == ledger), None)
    stopped = next((one for one in recording.of(WritersStopped) if one.ledger == ledger), None)
    rates = (entry.rate.per_second for entry in recording.plan.scenario.ledgers if entry.ledger == ledger)
    rate = began.rate if began is not None else next(rates, None)
    expected = None
    if rate is not None:
        until = stopped.at if stopped is not None else float("inf")
        since = began.at if began is not None else start
        expected = _planned(rate, since, until, start, end)
    return _coverage(instants, start, end, expected)


def acknowledgement_gap(recording: Recording, ledger: str, instant: float) -> float | None:
    """Seconds from the last acknowledged write of a ledger before ``instant`` to it; None: no such write.

    A loss up to ``instant`` cannot be known more precisely than this.
    """
    before = [
        op.at
        for op in recording.ledger
        if op.ledger == ledger and op.op == "acknowledged" and op.at <= instant
    ]
    return instant - max(before) if before else None


def _expected_requests(recording: Recording, start: float, end: float, name: str | None) -> float | None:
    load = recording.plan.scenario.load
    if load is None:
        return None
    began, stopped = next(recording.of(LoadStarted), None), next(recording.of(LoadStopped), None)
    since = start
    if began is not None:
        since = began.at if began.first is None else began.first
    until = end if stopped is None else stopped.at
    planned = _planned(load.rate.per_second, since, until, start, end)
    if name is None:
        return planned
    requests = recording.plan.stack.load[load.profile].requests
    weight = sum(request.weight for request in requests if request.name == name)
    return planned * weight / sum(request.weight for request in requests)


def _planned(rate: float, since: float, until: float, start: float, end: float) -> float:
    return rate * max(0.0, min(end, until) - max(start, since))


def _coverage(instants: Sequence[float], start: float, end: float, expected: float | None) -> Coverage:
    inside = _between(instants, start, end)
    return Coverage(start, end, expected, len(inside), _longest_hole(inside, start, end))


def _longest_hole(inside: Sequence[float], start: float, end: float) -> tuple[float, float]:
    edges = array("d", [start, *inside, max(start, end)])
    gaps = list(map(sub, edges[1:], edges))
    first = gaps.index(max(gaps))
    return edges[first], edges[first + 1]


def _between(instants: Sequence[float], start: float, end: float) -> Sequence[float]:
    """The instants in ``[start, end)``, from sorted instants."""
    return instants[bisect_left(instants, start) : bisect_left(instants, end)]
