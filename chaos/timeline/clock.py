"""The two clocks of a run: the wall clock, which can be set, and the monotonic clock, which cannot.

Every instant of a ``Recording`` is on the *run axis*: the wall clock at the first event of the run plus the
monotonic seconds since then. So differences are right even if the wall clock was set during the run. Data
that has a wall-clock instant only (samples of Prometheus, requests of older recordings) is mapped onto it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

STEP_SECONDS = 0.2
"""The smallest change of the wall clock against the monotonic clock that counts as a step, in seconds. A
process reads one clock after the other; if it is not scheduled in between, they differ by milliseconds."""
_FILTER = 2  # readings on each side for the median: two outliers in a row are not a step


@dataclass(frozen=True)
class ClockReading:
    """Both clocks at one instant. ``wall``: seconds since the epoch. ``mono``: monotonic seconds."""

    wall: float
    mono: float


@dataclass(frozen=True)
class ClockStep:
    """The wall clock was set by ``seconds``; forward is positive.

    It happened after the instant ``after`` and before the instant ``before``, both on the run axis.
    """

    after: float
    before: float
    seconds: float

    def text(self) -> str:
        way = "forward" if self.seconds > 0 else "back"
        return f"the wall clock of this machine was set {way} by {abs(self.seconds):.1f} s"


@dataclass(frozen=True)
class _Segment:
    """A period without a step. ``readings``: (mono, wall minus mono), oldest first."""

    readings: tuple[tuple[float, float], ...]
    first_wall: float  # the earliest wall-clock instant that may belong to it
    last_wall: float

    def mono(self, wall: float) -> float:
        """The monotonic instant by the offset of the nearest reading. A slewed clock drifts only by
        milliseconds a minute.
        """
        place = bisect_left(self.readings, wall, key=lambda reading: reading[0] + reading[1])
        near = self.readings[max(0, place - 1) : place + 1]
        _, offset = min(near, key=lambda reading: abs(reading[0] + reading[1] - wall))
        return wall - offset


@dataclass(frozen=True)
class RunClock:
    """Maps instants of either clock onto the run axis. Without readings it changes nothing."""

    origin: ClockReading | None = None
    steps: tuple[ClockStep, ...] = ()
    segments: tuple[_Segment, ...] = ()

    def of_mono(self, mono: float) -> float:
        """The instant on the run axis of a monotonic instant."""
        return mono if self.origin is None else self.origin.wall + (mono - self.origin.mono)

    def of_wall(self, wall: float) -> float | None:
        """The instant on the run axis of a wall-clock instant.

        None: the wall clock showed it twice (it was set back) or never (it was set forward past it).
        """
        if self.origin is None:
            return wall
        found = [segment for segment in self.segments if segment.first_wall <= wall <= segment.last_wall]
        return self.of_mono(found[0].mono(wall)) if len(found) == 1 else None


def run_clock(readings: Iterable[ClockReading]) -> RunClock:
    """The clock of a run from the readings of its events, in any order. O(n log n).

    A single outlier (the process was not scheduled between the readings of the two clocks) is not a step.
    """
    ordered = sorted(readings, key=lambda reading: reading.mono)
    if not ordered:
        return RunClock()
    origin = ordered[0]
    smooth = _smoothed([(reading.mono, reading.wall - reading.mono) for reading in ordered])
    origin = ClockReading(origin.mono + smooth[0][1], origin.mono)
    starts = [0, *(i for i in range(1, len(smooth)) if abs(smooth[i][1] - smooth[i - 1][1]) >= STEP_SECONDS)]
    ends = [*starts[1:], len(smooth)]
    clock = RunClock(origin)
    steps = tuple(
        ClockStep(
            clock.of_mono(smooth[i - 1][0]), clock.of_mono(smooth[i][0]), smooth[i][1] - smooth[i - 1][1]
        )
        for i in starts[1:]
    )
    segments = tuple(_segment(smooth, start, end) for start, end in zip(starts, ends, strict=True))
    return RunClock(origin, steps, segments)


def _smoothed(readings: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Replaces each offset with the median of itself and its neighbours. A step stays a step.

    It uses the same number of neighbours on both sides, so the median is one of the readings and never a
    value in the middle of a step.
    """
    offsets = [offset for _, offset in readings]
    smooth: list[tuple[float, float]] = []
    for i, (mono, _) in enumerate(readings):
        reach = min(_FILTER, i, len(offsets) - 1 - i)
        middle = min(max(i, 1), len(offsets) - 2) if reach == 0 and len(offsets) >= 3 else i
        reach = reach or (1 if len(offsets) >= 3 else 0)
        smooth.append((mono, median(offsets[middle - reach : middle + reach + 1])))
    return smooth


def _segment(smooth: Sequence[tuple[float, float]], start: int, end: int) -> _Segment:
    """The segment of some readings. It extends to the next readings on both sides, because a step may be
    anywhere between two readings.
    """
    inside = tuple(smooth[start:end])
    first = float("-inf") if start == 0 else smooth[start - 1][0] + inside[0][1]
    last = float("inf") if end == len(smooth) else smooth[end][0] + inside[-1][1]
    return _Segment(inside, first, last)
