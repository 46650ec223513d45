"""When were the clients healthy? Computes the healthy window from the samples and requests of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import compress, pairwise

from chaos.checks.kit.courses import (
    FEWEST_BAD,
    LONGEST_GAP,
    MOST_SCATTERED,
    AskedCourse,
    AskedLoad,
    window_of,
)
from chaos.checks.kit.density import INTERVALS, MOST_SLICES
from chaos.model.asked import Doubt
from chaos.timeline.events import Phase, Sample, SteadyState
from chaos.timeline.observations import ProbeWaiting
from chaos.timeline.questions import fault_windows, first_struck
from chaos.timeline.recording import LEAST_LOAD, Recording
from chaos.timeline.unanswered import probe_gave_up

HUNG = 1.0  # real seconds that a request had waited when an undo released its answer; others take far less


class HealthState(Enum):
    WELL = "well"
    HARMED = "harmed"
    BLIND = "blind"  # too little was recorded


@dataclass(frozen=True)
class WindowHealth:
    """The state of the clients in one window."""

    state: HealthState
    detail: str


@dataclass(frozen=True)
class Relapse:
    """Clients that had recovered were harmed again, from ``at`` on (run axis).

    ``late_for``: the only harm is that answers came too late for their clients; for so many real seconds too
    few others came to say that the clients were well. None: there is other harm.
    """

    at: float
    detail: str
    late_for: float | None = None


class ClientHealth:
    """Answers "were clients healthy in [start, end)?" in logarithmic time.

    Healthy: every steady-state http probe was ok at every sample; at least ``success`` of the load's requests
    intended in the window were served and not degraded; the same holds for each kind of request that was
    served before the fault (one bad request is tolerated beside good ones); and enough was recorded. Instants
    are on the run axis.

    An answer that hung until the undo of a fault released it is harm, however good it was: it would date the
    recovery before the undo. So is a request that at the end of the recording had waited far longer than good
    answers take. Requests that this machine could not send do not count. With ``late_counts`` False answers
    that came too late for their client do not count either: a slow machine does not explain the other harm.
    """

    def __init__(self, recording: Recording, success: float, *, late_counts: bool = True) -> None:
        self._success = success
        planned = recording.plan.scenario.load
        self._rate = planned.rate.per_second if planned is not None else 0.0
        self._teardown = recording.phase_began(Phase.TEARDOWN)
        labels = [c.label for c in recording.plan.scenario.steady_state if c.http is not None]
        load = AskedLoad(recording.requests, late_counts)
        samples = {
            label: [one for one in recording.samples(label) if late_counts or not probe_gave_up(one)]
            for label in labels
        }
        self._freed_by = _freeing(recording, load, samples.values())
        load.hung_until(self._freed_by)
        hangs = max(HUNG, 2 * max(compress(load.latency, load.well), default=0.0))
        hung = [one for one in recording.of(ProbeWaiting) if one.waited > hangs]
        self._probes = {
            label: _probe_course(
                [(s.started, self._fine(s)) for s in samples[label]],
                [one.started for one in hung if one.probe == label],
            )
            for label in labels
        }
        answered = max(map(float.__add__, load.at, load.latency), default=0.0)
        for one in recording.waiting:
            if one.waited > hangs:
                load.add_waiting(one)
        self._load = load.course()
        self._kinds = _served_before(recording, load)
        self._unknown_before = _unknown_before(recording, load) if self._rate else None
        self._answered = [max((s.at for s in found), default=0.0) for found in samples.values()]
        if self._rate:
            self._answered.append(answered)

    @property
    def seen_until(self) -> float | None:
        """The instant until which every probe and the load were recorded; None if one has no data."""
        courses = [*self._probes.values(), *([self._load] if self._rate else [])]
        lasts = [course.instants[-1] for course in courses if course.instants]
        return min(lasts) if lasts and len(lasts) == len(courses) else None

    @property
    def recorded_until(self) -> float:
        """Until when answers were recorded: later than ``seen_until`` if the last ones were late."""
        return min(self._answered, default=0.0)

    def candidates(self, start: float) -> list[float]:
        """Instants at which a healthy window may begin: ``start``, and after each later harm or gap."""
        courses = (*self._probes.values(), self._load)
        return sorted({start, *(turn for course in courses for turn in course.turns(start))})

    def window(self, start: float, end: float) -> WindowHealth:
        """The state of the clients in ``[start, end)``."""
        for label, course in self._probes.items():
            if course.counts(start, end)[1]:
                return WindowHealth(HealthState.HARMED, f"{label} was not ok")
        low, high = self._load.range(start, end)
        if high > low and not self._load.well[low]:
            return WindowHealth(
                HealthState.HARMED, "it begins with a request that was not served, or degraded"
            )
        if harm := self._harm(start, end):
            return WindowHealth(HealthState.HARMED, harm)
        return self._blind(start, end, high - low) or WindowHealth(HealthState.WELL, f"{high - low} requests")

    def _harm(self, start: float, end: float, fewest: int = 1) -> str:
        """What was wrong with the load in ``[start, end)``, in words; "" if nothing. Ignores fewer than
        ``fewest`` bad requests.
        """
        sent, bad = self._load.counts(start, end)
        if bad >= fewest and bad > (1 - self._success) * sent + 1e-9:
            return f"{bad} of {sent} requests not served, or degraded"
        for name, course in self._kinds.items():
            sent, bad = course.counts(start, end)
            tolerated = max(1.0, (1 - self._success) * sent) if bad < sent else 0.0
            if bad >= fewest and bad > tolerated:
                return f"{name}: {bad} of {sent} not served, or degraded"
        return ""

    def _blind(self, start: float, end: float, sent: int) -> WindowHealth | None:
        if not self._probes:
            return WindowHealth(HealthState.BLIND, "the steady state has no http condition")
        for label, course in self._probes.items():
            gap = course.longest_gap(start, end)
            if gap > LONGEST_GAP or not course.counts(start, end)[0]:
                return WindowHealth(HealthState.BLIND, f"no sample of {label} for {gap:.1f} s")
        if self._rate and sent < LEAST_LOAD * self._rate * (end - start):
            return WindowHealth(HealthState.BLIND, f"only {sent} requests of the load in {end - start:.1f} s")
        return None

    def relapse(self, steady: float, after: float, window: float) -> Relapse | None:
        """The first harm from ``after`` on until the teardown, counted over ``window`` seconds.

        A rare kind of request is counted from ``steady`` on: a window with two of them tolerates a bad one.
        """
        end, most = self._end(), 1 - self._success
        found = [
            Relapse(at, f"{label} was not ok")
            for label, course in self._probes.items()
            if (at := course.harmed_from(after, end, window, max(most, MOST_SCATTERED))) is not None
        ]
        found += [
            Relapse(at, f"{name} was often not served, or degraded")
            for name, course in self._kinds.items()
            if (at := course.rarely_well_from(steady, end, window, most)) is not None
        ]
        for at in self._load.bad(after, end):
            if harm := self._harm(*window_of(at, after, end, window), FEWEST_BAD):
                found.append(Relapse(at, harm))
                break
        return min(found, key=lambda one: one.at, default=None)

    def silent_for(self, start: float, end: float, window: float) -> float | None:
        """For how many seconds of ``[start, end)`` nothing was recorded, at most; 0 if enough was in each
        stretch of ``window`` seconds. None: the clients were harmed, or not seen well in the last stretch.
        """
        parts = min(MOST_SLICES, max(1, int((end - start) / window)))
        size = (end - start) / parts
        edges = [start + i * size for i in range(parts + 1)]
        found = [self.window(a, b).state for a, b in pairwise(edges)]
        if HealthState.HARMED in found or found[-1] is not HealthState.WELL:
            return None
        if HealthState.BLIND not in found:
            return 0.0
        return max(course.longest_gap(start, end) for course in (*self._probes.values(), self._load))

    def unseen(self, steady: float, until: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The kinds of requests that were served before the fault and are missing in ``[steady, until)``:
        those that were not served later either, and those that were not sent again.
        """
        absent = {name: one for name, one in self._kinds.items() if not one.counts(steady, until)[0]}
        later = {name: course.counts(until, self._end()) for name, course in absent.items()}
        dead = tuple(name for name, (sent, bad) in later.items() if sent and bad == sent)
        return dead, tuple(name for name, (sent, _) in later.items() if not sent)

    def unknown_before(self) -> Doubt | None:
        """Why it is unknown which kinds of requests were served before the fault; None: it is known."""
        return self._unknown_before

    def unwatched(self) -> float:
        """Seconds before the teardown without any record, if they are too many; else 0."""
        seen = self.seen_until
        if self._teardown is None or seen is None or self._teardown - seen <= LONGEST_GAP:
            return 0.0
        return self._teardown - seen

    def _end(self) -> float:
        return float("inf") if self._teardown is None else self._teardown

    def first_served(self, after: float) -> float | None:
        """When, from then on, the first request was served and not degraded, or a probe was ok."""
        found = [course.first_well(after) for course in (self._load, *self._probes.values())]
        return min((at for at in found if at is not None), default=None)

    def _fine(self, sample: Sample) -> bool:
        return sample.ok and not self._hung(sample.started, sample.at)

    def _hung(self, asked: float, answered: float) -> bool:
        return any(asked < undo < answered for undo in self._freed_by)


def _probe_course(read: Sequence[tuple[float, bool]], hung: Sequence[float]) -> AskedCourse:
    return AskedCourse(
        [*(at for at, _ in read), *hung], [*(well for _, well in read), *(False for _ in hung)]
    )


def _served_before(recording: Recording, load: AskedLoad) -> dict[str, AskedCourse]:
    """The kinds of requests with at least one that was served well before the first fault."""
    struck = first_struck(recording)
    if struck is None:
        return {}
    rows = zip(load.at, load.well, load.kind, strict=True)
    served = {kind for at, well, kind in rows if well and at < struck}
    return {load.names[kind]: load.course(kind) for kind in sorted(served, key=load.names.__getitem__)}


def _unknown_before(recording: Recording, load: AskedLoad) -> Doubt | None:
    """Why it is unknown: the load was not recorded up to the first fault, or a kind of request is missing."""
    struck = first_struck(recording)
    if struck is None:
        return None
    before = sorted(at for at in load.at if at < struck)
    if not before:
        return Doubt("no request of the load is recorded from before the fault")
    steady = min((one.at for one in recording.of(SteadyState) if one.when == "before"), default=before[0])
    gap = max(later - earlier for earlier, later in pairwise(sorted([steady, *before, struck])))
    rate = recording.plan.scenario.load.rate.per_second if recording.plan.scenario.load else 0.0
    if gap > max(LONGEST_GAP, INTERVALS / rate):
        return Doubt(f"the load before the fault has a hole of {gap:.1f} s")
    over = max((window.end or struck for window in fault_windows(recording)), default=struck)
    after = {kind for at, kind in zip(load.at, load.kind, strict=True) if at >= over}
    rows = zip(load.at, load.well, load.kind, strict=True)
    known = {kind for at, well, kind in rows if at < struck or (well and at >= over)}
    if new := sorted(load.names[kind] for kind in after - known):
        return Doubt(f"{', '.join(new)} was not served after the fault, and not asked for before it")
    return None


def _freeing(recording: Recording, load: AskedLoad, samples: Iterable[Sequence[Sample]]) -> list[float]:
    """Undos that released answers: some requests had waited longer than ``HUNG`` when the undo came."""
    waits = [(sample.started, sample.at) for found in samples for sample in found]
    undos = [window.end for window in fault_windows(recording) if window.end is not None]
    return [
        undo
        for undo in undos
        if any(asked < undo - HUNG and answered > undo for asked, answered in waits)
        or any(at < undo - HUNG and at + latency > undo for at, latency in load.times())
    ]
