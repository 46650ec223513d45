"""How much of the planned data does a window of a recording contain? Pure; instants on the run axis.

A window with few answers, samples or writes proves little. Each function compares the data with the planned
rate, and finds the longest gap.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from operator import sub

from chaos.timeline.events import LoadStarted, LoadStopped, Sample
from chaos.timeline.ledger import LONGEST_GRACE
from chaos.timeline.observations import (
    ProbeStarted,
    ProbeWaiting,
    WritersStarted,
    WritersStopped,
)
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class WindowCoverage:
    """The data of one source in a window ``[start, end)``.

    ``expected``: how many the rate plans; None if the recording does not contain the plan. ``seen``: how many
    there are, whatever their result. ``hole``: start and end of the longest gap, which may begin at the start
    or end at the end of the window.
    """

    start: float
    end: float
    expected: float | None
    seen: int
    hole: tuple[float, float]

    @property
    def longest_hole(self) -> float:
        """The length of the longest gap in seconds."""
        return self.hole[1] - self.hole[0]

    @property
    def share(self) -> float | None:
        """``seen / expected``; above 1 if more came than planned. None if the plan is unknown or empty."""
        return self.seen / self.expected if self.expected else None


@dataclass(frozen=True)
class LoadCoverage(WindowCoverage):
    """``seen``: requests that were sent. ``unsent``: requests that this machine could not send."""

    unsent: int = 0


def load_coverage(recording: Recording, start: float, end: float, name: str | None = None) -> LoadCoverage:
    """The requests planned in the window; with ``name`` only those of one kind.

    A request without an answer counts as seen, because it was sent. The expected number of one kind is its
    share by weight.
    """
    sent = _between(recording.requests.instants(name), start, end)
    unsent = _between(recording.requests.instants(name, unsent=True), start, end)
    waiting = [w.intended for w in recording.waiting if name in (None, w.name) and start <= w.intended < end]
    if waiting:
        sent = sorted([*sent, *waiting])
    expected = _expected_requests(recording, start, end, name)
    return LoadCoverage(start, end, expected, len(sent), _longest_hole(sent, start, end), len(unsent))


def probe_coverage(recording: Recording, probe: str, start: float, end: float) -> WindowCoverage:
    """The readings of one probe that began in the window. Readings without an answer count as seen."""
    instants = sorted(
        [sample.started for sample in recording.of(Sample) if sample.probe == probe]
        + [waiting.started for waiting in recording.of(ProbeWaiting) if waiting.probe == probe]
    )
    began = next((one for one in recording.of(ProbeStarted) if one.probe == probe), None)
    expected = None
    if began is not None:
        expected = _planned(1 / began.every, began.at, inf, start, end)
    return _coverage(instants, start, end, expected)


def writer_coverage(recording: Recording, ledger: str, start: float, end: float) -> WindowCoverage:
    """The new writes of one ledger whose first attempt was in the window."""
    instants = sorted(
        op.at for op in recording.ledger if op.ledger == ledger and op.op == "invoked" and op.attempt == 1
    )
    began = next((one for one in recording.of(WritersStarted) if one.ledger == ledger), None)
    rates = (entry.rate.per_second for entry in recording.plan.scenario.ledgers if entry.ledger == ledger)
    rate = began.rate if began is not None else next(rates, None)
    expected = None
    if rate is not None:
        until = writing_until(recording, ledger)
        since = began.at if began is not None else start
        expected = _planned(rate, since, inf if until is None else until, start, end)
    return _coverage(instants, start, end, expected)


def writing_until(recording: Recording, ledger: str) -> float | None:
    """When the writers of one ledger were asked to stop; None: the recording does not say.

    Their event comes later, once their open calls have ended: they plan no write meanwhile.
    """
    stopped = next((one for one in recording.of(WritersStopped) if one.ledger == ledger), None)
    if stopped is None:
        return None
    began = next((one for one in recording.of(WritersStarted) if one.ledger == ledger), None)
    if began is None:
        return stopped.at
    asked = began.at + stopped.planned / began.rate
    return min(stopped.at, max(asked, stopped.at - LONGEST_GRACE))


def acknowledgement_gap(recording: Recording, ledger: str, instant: float) -> float | None:
    """Seconds from the last acknowledged write of a ledger to ``instant``; None without one.

    A data loss that ends at ``instant`` cannot be measured more precisely than this.
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


def _coverage(instants: Sequence[float], start: float, end: float, expected: float | None) -> WindowCoverage:
    inside = _between(instants, start, end)
    return WindowCoverage(start, end, expected, len(inside), _longest_hole(inside, start, end))


def _longest_hole(inside: Sequence[float], start: float, end: float) -> tuple[float, float]:
    edges = array("d", [start, *inside, max(start, end)])
    gaps = list(map(sub, edges[1:], edges))
    first = gaps.index(max(gaps))
    return edges[first], edges[first + 1]


def _between(instants: Sequence[float], start: float, end: float) -> Sequence[float]:
    """The instants in ``[start, end)``, from sorted instants."""
    return instants[bisect_left(instants, start) : bisect_left(instants, end)]
