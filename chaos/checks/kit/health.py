"""When were the clients well? The healthy window, computed from the samples and requests of a recording."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, pairwise

from chaos.timeline.events import Sample
from chaos.timeline.questions import fault_windows
from chaos.timeline.recording import LEAST_LOAD, Recording, Request

HUNG = 1.0  # real seconds for which an answer had been awaited when an undo set it free; others take far less
LONGEST_GAP = 3.0  # real seconds between two samples of a probe; the slowest answer a probe waits for is 2 s


class State(Enum):
    WELL = "well"
    HARMED = "harmed"
    BLIND = "blind"  # too little was recorded


@dataclass(frozen=True)
class WindowHealth:
    """What one window shows."""

    state: State
    detail: str


class ClientHealth:
    """Answers "were clients well in [start, end)?" in logarithmic time.

    Well: every steady-state http probe was ok at every sample, at least ``success`` of the load's requests
    intended in the window were served and not degraded, and enough of both was recorded. Wall clock.

    An answer that hung until the undo of a fault set it free is harm, however good it was: it would date the
    recovery to before the undo.
    """

    def __init__(self, recording: Recording, success: float) -> None:
        self._success = success
        load = recording.plan.scenario.load
        self._rate = load.rate.per_second if load is not None else 0.0
        labels = [c.label for c in recording.plan.scenario.steady_state if c.http is not None]
        self._probes = {label: sorted(recording.samples(label), key=lambda s: s.started) for label in labels}
        self._freed_by = _freeing(recording, labels)
        self._starts = {label: [s.started for s in samples] for label, samples in self._probes.items()}
        self._bad = {
            label: _running([not self._fine(s) for s in samples]) for label, samples in self._probes.items()
        }
        self._requests = sorted(recording.requests, key=lambda r: r.intended)
        self._intended = [r.intended for r in self._requests]
        self._harmed = _running([not self._well(r) for r in self._requests])

    @property
    def seen_until(self) -> float | None:
        """Until when every probe and the load were recorded; None if one of them has nothing at all."""
        lasts = [starts[-1] if starts else None for starts in self._starts.values()]
        if self._rate:
            lasts.append(self._intended[-1] if self._intended else None)
        known = [last for last in lasts if last is not None]
        return min(known) if known and len(known) == len(lasts) else None

    @property
    def recorded_until(self) -> float:
        """Until when answers were written down: later than ``seen_until`` where the last were awaited."""
        lasts = [max((s.at for s in samples), default=0.0) for samples in self._probes.values()]
        if self._rate:
            lasts.append(max((r.finished for r in self._requests), default=0.0))
        return min(lasts, default=0.0)

    def candidates(self, start: float) -> list[float]:
        """Instants at which a healthy window may begin: ``start``, and after each later harm or gap."""
        found = {start}
        for label, samples in self._probes.items():
            found.update(_turns(self._starts[label], [self._fine(s) for s in samples], start))
        found.update(_turns(self._intended, [self._well(r) for r in self._requests], start))
        return sorted(found)

    def window(self, start: float, end: float) -> WindowHealth:
        """The state of the clients in ``[start, end)``."""
        for label in self._probes:
            low, high = self._range(self._starts[label], start, end)
            if self._bad[label][high] - self._bad[label][low]:
                return WindowHealth(State.HARMED, f"{label} was not ok")
        low, high = self._range(self._intended, start, end)
        sent, harmed = high - low, self._harmed[high] - self._harmed[low]
        if sent and not self._well(self._requests[low]):
            return WindowHealth(State.HARMED, "it begins with a request that was not served, or degraded")
        if sent and (sent - harmed) / sent < self._success:
            return WindowHealth(State.HARMED, f"{harmed} of {sent} requests not served, or degraded")
        return self._blind(start, end, sent) or WindowHealth(State.WELL, f"{sent} requests")

    def _blind(self, start: float, end: float, sent: int) -> WindowHealth | None:
        if not self._probes:
            return WindowHealth(State.BLIND, "the steady state has no http condition")
        for label, starts in self._starts.items():
            low, high = self._range(starts, start, end)
            instants = [start, *starts[low:high], end]
            gap = max(later - earlier for earlier, later in pairwise(instants))
            if low == high or gap > LONGEST_GAP:
                return WindowHealth(State.BLIND, f"no sample of {label} for {gap:.1f} s")
        if self._rate and sent < LEAST_LOAD * self._rate * (end - start):
            return WindowHealth(State.BLIND, f"only {sent} requests of the load in {end - start:.1f} s")
        return None

    def first_served(self, after: float) -> float | None:
        """When the first request was made, from then on, that was served and not degraded or a probe's ok."""
        served = [r.intended for r in self._requests[bisect_left(self._intended, after) :] if self._well(r)][
            :1
        ]
        for label, samples in self._probes.items():
            served += [
                s.started for s in samples[bisect_left(self._starts[label], after) :] if self._fine(s)
            ][:1]
        return min(served, default=None)

    def _well(self, request: Request) -> bool:
        return (
            request.served and request.degraded is None and not self._hung(request.intended, request.finished)
        )

    def _fine(self, sample: Sample) -> bool:
        return sample.ok and not self._hung(sample.started, sample.at)

    def _hung(self, asked: float, answered: float) -> bool:
        return any(asked < undo < answered for undo in self._freed_by)

    @staticmethod
    def _range(instants: list[float], start: float, end: float) -> tuple[int, int]:
        return bisect_left(instants, start), bisect_left(instants, end)


def _turns(instants: list[float], well: list[bool], start: float) -> list[float]:
    """Instants from ``start`` on that follow something bad, or nothing at all for too long."""
    first = bisect_left(instants, start)
    return [
        instants[i + 1]
        for i in range(first, len(instants) - 1)
        if not well[i] or instants[i + 1] - instants[i] > LONGEST_GAP
    ]


def _freeing(recording: Recording, labels: list[str]) -> list[float]:
    """Undos that set answers free: some had been awaited for longer than ``HUNG`` when it came."""
    waits = [(request.intended, request.finished) for request in recording.requests]
    waits += [(sample.started, sample.at) for label in labels for sample in recording.samples(label)]
    undos = [window.end for window in fault_windows(recording) if window.end is not None]
    return [
        undo for undo in undos if any(asked < undo - HUNG and answered > undo for asked, answered in waits)
    ]


def _running(flags: list[bool]) -> list[int]:
    return list(accumulate(flags, initial=0))
