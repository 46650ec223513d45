"""The requests of a run, and whether each was served well. They are in columns: with a million requests, one
object for each would cost more than the rest of the judging.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, pairwise
from operator import not_, sub

from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Requests

LONGEST_GAP = 3.0  # real seconds between two samples of a probe
FEWEST_BAD = 2  # bad samples of a probe in a row, or bad requests, that make a relapse; a single one does not
MOST_SCATTERED = 0.05  # share of bad samples of a probe in a window of which no two are in a row
ENOUGH = 10  # requests of a rare kind among which a single bad one is tolerated
_WELL_AGAIN = re.compile(rb"\x00(?=\x01)")  # in ``AskedCourse.well``


class AskedCourse:
    """All samples of one probe, or all requests of one kind, oldest first, and whether the client was served
    well. In columns: there may be a million.
    """

    def __init__(self, instants: Sequence[float], well: Sequence[int]) -> None:
        """``instants`` and ``well`` are of the same length, in any order."""
        order = sorted(range(len(instants)), key=instants.__getitem__)
        self.instants = array("d", map(instants.__getitem__, order))
        self.well = bytes(map(well.__getitem__, order))
        self._bad = array("I", accumulate(map(not_, self.well), initial=0))

    def range(self, start: float, end: float) -> tuple[int, int]:
        return bisect_left(self.instants, start), bisect_left(self.instants, end)

    def counts(self, start: float, end: float) -> tuple[int, int]:
        """How many were sent in ``[start, end)``, and how many of them were not served well."""
        low, high = self.range(start, end)
        return high - low, self._bad[high] - self._bad[low]

    def longest_gap(self, start: float, end: float) -> float:
        """The most seconds of ``[start, end)`` without a sample."""
        low, high = self.range(start, end)
        return max(later - earlier for earlier, later in pairwise([start, *self.instants[low:high], end]))

    def bad(self, start: float, end: float) -> Iterator[float]:
        low, high = self.range(start, end)
        return (self.instants[row] for row in range(low, high) if not self.well[row])

    def turns(self, start: float) -> Iterator[float]:
        """The instants from ``start`` on of good samples after a bad one, and of samples after a gap that is
        too long.
        """
        first = bisect_left(self.instants, start)
        for found in _WELL_AGAIN.finditer(self.well, first):
            yield self.instants[found.end()]
        gaps = map(sub, self.instants[first + 1 :], self.instants[first:])
        yield from compress(self.instants[first + 1 :], map(LONGEST_GAP.__lt__, gaps))

    def first_well(self, after: float) -> float | None:
        first = self.well.find(1, bisect_left(self.instants, after))
        return self.instants[first] if first >= 0 else None

    def harmed_from(
        self, start: float, end: float, window: float, most: float = MOST_SCATTERED
    ) -> float | None:
        """The first bad sample in ``[start, end)`` that is no isolated one: the next one is bad too, or more
        than the share ``most`` of ``window`` seconds is bad.
        """
        first = self.well.find(bytes(FEWEST_BAD), *self.range(start, end))
        together = self.instants[first] if first >= 0 else end
        for at in self.bad(start, together):
            asked, bad = self.counts(*window_of(at, start, end, window))
            if bad >= FEWEST_BAD and bad > most * asked:
                return at
        return together if first >= 0 else None

    def rarely_well_from(self, start: float, end: float, window: float, most: float) -> float | None:
        """The same for requests that are too rare for ``window``: counted over ``ENOUGH`` requests, or over
        all if there are fewer.
        """
        low, high = self.range(start, end)
        for at in self.bad(start, end):
            if self.counts(*window_of(at, start, end, window))[0] >= ENOUGH:
                continue  # not rare here
            last = min(bisect_left(self.instants, at) + ENOUGH, high)
            first = max(low, last - ENOUGH)
            if self._bad[last] - self._bad[first] > max(1.0, most * (last - first)):
                return at
        return None


def window_of(at: float, start: float, end: float, window: float) -> tuple[float, float]:
    """``window`` seconds from ``at`` on, moved back where they would go beyond ``end``, but never before
    ``start``.
    """
    until = min(at + window, end)
    return max(start, until - window), until


class AskedLoad:
    """The requests of the load, without those that this machine could not send, and with ``late_counts``
    False without those answered too late for their client.

    ``at``: when each was meant to be sent. ``latency``: seconds, of those that ended. ``well``: 1 where it
    was served and not degraded. ``kind``: its place in ``names``.
    """

    def __init__(self, requests: Requests, late_counts: bool) -> None:
        counts = requests.where(lambda one: not one.unsent and (late_counts or not one.gave_up))
        chosen = bytes(map(counts.__getitem__, requests.outcome))
        self.names = list(dict.fromkeys(one.name for one in requests.outcomes))
        kinds = [self.names.index(one.name) for one in requests.outcomes]
        well = requests.where(lambda one: one.well)
        self.at = array("d", compress(requests.intended, chosen))
        self.latency = array("d", compress(requests.latency, chosen))
        self.kind = array("I", map(kinds.__getitem__, compress(requests.outcome, chosen)))
        self.well = bytearray(map(well.__getitem__, compress(requests.outcome, chosen)))

    def times(self) -> Iterator[tuple[float, float]]:
        """Instant and latency of each request that ended."""
        return zip(self.at, self.latency, strict=False)

    def hung_until(self, undos: Sequence[float]) -> None:
        """Counts requests that were waiting when one of these undos came as not served well."""
        if undos:
            for row, (at, latency) in enumerate(self.times()):
                if self.well[row] and any(at < undo < at + latency for undo in undos):
                    self.well[row] = 0

    def add_waiting(self, one: Unanswered) -> None:
        """Counts a request that never ended as not served well."""
        if one.name not in self.names:
            self.names.append(one.name)
        self.at.append(one.intended)
        self.well.append(0)
        self.kind.append(self.names.index(one.name))

    def course(self, kind: int | None = None) -> AskedCourse:
        """The course of all requests, or of those of one kind."""
        if kind is None:
            return AskedCourse(self.at, self.well)
        chosen = bytes(map(kind.__eq__, self.kind))
        return AskedCourse(array("d", compress(self.at, chosen)), bytes(compress(self.well, chosen)))
