"""The live view of the samples: how long the steady state has held, and how the clients are served.

Only the runner's waits use it. The checks judge from the recording whether the run recovered in time.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from chaos.runner.progress import ClientState, ProbeState
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import Sample
from chaos.timeline.recording import LEAST_LOAD
from chaos.timeline.requests import OVERLOAD

GOOD_SHARE = 0.99  # of the load's requests served and not degraded, for clients to count as healthy


class Health:
    """The instant since which each condition has held, by the monotonic clock."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._ok_since: dict[str, ClockReading | None] = dict.fromkeys(labels)
        self._last: dict[str, Sample] = {}

    def see(self, sample: Sample) -> None:
        if sample.probe not in self._ok_since:
            return
        self._last[sample.probe] = sample
        if not sample.ok:
            self._ok_since[sample.probe] = None
        elif self._ok_since[sample.probe] is None:
            self._ok_since[sample.probe] = ClockReading(sample.at, sample.mono)

    def holds_since(self) -> ClockReading | None:
        """The instant from which all conditions have held without a break; None if one does not hold."""
        since = [instant for instant in self._ok_since.values() if instant is not None]
        return max(since, key=lambda one: one.mono) if len(since) == len(self._ok_since) else None

    def states(self) -> tuple[ProbeState, ...]:
        """The last sample of each condition; leaves out conditions without a sample."""
        return tuple(ProbeState(label, last.ok, last.detail) for label, last in self._last.items())

    def failing(self) -> tuple[str, ...]:
        """Conditions that do not hold now, with what their samples show."""
        return tuple(
            f"{label}: {self._last[label].detail or 'not ok' if label in self._last else 'no sample'}"
            for label, since in self._ok_since.items()
            if since is None
        )


@dataclass(frozen=True)
class Served:
    """Requests of a window: how many were answered at all, how many of those served and not degraded."""

    answered: int
    good: int

    def well(self, planned: float) -> bool:
        """Were the clients healthy, with ``planned`` requests to send? Hung requests have no answer yet."""
        return self.answered >= max(1.0, LEAST_LOAD * planned) and self.good >= GOOD_SHARE * self.answered

    def words(self, planned: float) -> str:
        """What was seen, for people."""
        if not self.answered:
            return "no request of the load was answered"
        return (
            f"{self.good / self.answered:.1%} of the load served well, "
            f"{self.answered} of {planned:.0f} requests answered"
        )


@dataclass(frozen=True)
class _AnsweredRequest:
    """One answered request: monotonic seconds, and seconds of latency."""

    intended: float
    good: bool
    served: bool
    latency: float


class LoadTail:
    """Follows load.jsonl while it is written, and says how well the clients were served recently."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._recent: deque[_AnsweredRequest] = deque()

    def served(self, since: float, until: float) -> Served:
        """The answered requests that were intended in ``[since, until)``, monotonic seconds; ``since`` never
        goes back.
        """
        self._read()
        while self._recent and self._recent[0].intended < since:
            self._recent.popleft()
        found = [answer.good for answer in self._recent if since <= answer.intended < until]
        return Served(len(found), sum(found))

    def clients(self, since: float) -> ClientState:
        """The results of answered requests that were intended since an instant (monotonic seconds)."""
        self._read()
        found = list(takewhile(lambda answer: answer.intended >= since, reversed(self._recent)))
        if not found:
            return ClientState(0, None, None)
        latencies = sorted(answer.latency for answer in found)
        errors = sum(not answer.served for answer in found)
        slow = latencies[min(len(latencies) - 1, int(0.95 * len(latencies)))]
        return ClientState(len(found), errors / len(found), slow)

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            data = stream.read()
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        for line in data[:whole].splitlines():
            request = json.loads(line)
            # Skips the count at the end, and requests that were never answered or never sent.
            if "served" in request and request.get("error") != OVERLOAD:
                good = request["served"] and not request["degraded"]
                answer = _AnsweredRequest(
                    request["intended_mono"], good, request["served"], request["latency"]
                )
                self._recent.append(answer)
