"""Could this machine carry the load of the run? Pure; instants on the run axis.

A limit in real time that was missed on a saturated machine proves nothing about the system. A failure that
slowness does not explain (a wrong status, a lost write) stays a failure: the check decides that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from statistics import fmean

from chaos.timeline.events import ContainerState
from chaos.timeline.observations import ContainersRead, MachineReading
from chaos.timeline.recording import Recording

# Each bounds a fact that alone explains a late answer: gameday itself or Prometheus was late by that much.
# Figures of this project, above what its suites show on two otherwise idle cores.
MOST_LAG = 0.25  # seconds that gameday's own event loop came late: its probes measure no finer
MOST_LAG_WHILE_FULL = 0.1  # the same while every core was busy and tasks waited: then others come later still
FULL_BUSY, FULL_PRESSURE = 0.95, 0.80  # shares of the time that make a machine full
MOST_LATE = 0.25  # seconds between a request's intended and its real sending (99th of a hundred)
MOST_ENGINE = 1.0  # seconds for one answer of the engine, which takes some milliseconds
MOST_SCRAPE_LATE = 0.75  # seconds beyond its interval that a scrape of Prometheus began late
# Circumstances: they say why the machine was saturated. Alone they explain nothing: a run may be fine while
# tasks wait for a core for 96 % of the time.
MOST_STEAL = 0.10  # share of the cores' time that the hypervisor gave to others
MOST_CPU_PRESSURE = 0.60  # share of time in which some task waited for a core, while the cores were busy
MOST_CPU_BUSY = 0.95
MOST_MEMORY_PRESSURE = 0.10
MOST_IO_PRESSURE = 0.60
_LATE_RANK = 0.99


@dataclass(frozen=True)
class Saturation:
    """The machine was saturated between ``since`` and ``until``; ``reasons`` say by what, for people.

    ``late``: seconds by which the latest of these facts came late.
    """

    since: float
    until: float
    reasons: tuple[str, ...]
    late: float = 0.0

    def text(self) -> str:
        return "this machine was saturated: " + ", ".join(self.reasons)


def saturated(recording: Recording, start: float, end: float) -> Saturation | None:
    """The saturation of the machine anywhere in ``[start, end]``; None: it was not saturated, or that is
    unknown, as before version 3 of the recording.

    It uses only facts: gameday, the engine, the load or Prometheus was late. It also mentions how busy the
    machine was.
    """
    readings = _readings(recording, start, end)
    lagging = [one for one in readings if (one.lag or 0.0) > _most_lag(one)]
    facts: list[_Late] = [*_lag(lagging)]
    facts += [*_engine(recording, start, end), *_late(recording, start, end)]
    facts += [*_scrapes(recording, start, end)]
    if not facts:
        return None
    since = min((reading.at - reading.over for reading in lagging), default=start)
    until = max((reading.at for reading in lagging), default=end)
    reasons = (*(fact.text for fact in facts), *_circumstances(readings))
    late = max(fact.seconds for fact in facts)
    return Saturation(max(start, since), min(end, until), reasons, late)


@dataclass(frozen=True)
class _Late:
    """Something that was ``seconds`` late; ``text`` is for people."""

    seconds: float
    text: str


def full_stretches(recording: Recording, start: float, end: float) -> tuple[tuple[float, float], ...]:
    """When in ``[start, end]`` every core was busy and tasks waited for one; oldest first."""
    return tuple((one.at - one.over, one.at) for one in _readings(recording, start, end) if _full(one))


def _full(reading: MachineReading) -> bool:
    return (reading.cpu_busy or 0.0) >= FULL_BUSY and (reading.cpu_pressure or 0.0) >= FULL_PRESSURE


def _most_lag(reading: MachineReading) -> float:
    return MOST_LAG_WHILE_FULL if _full(reading) else MOST_LAG


def _lag(lagging: Sequence[MachineReading]) -> Iterator[_Late]:
    if lagging:
        most = max(one.lag or 0.0 for one in lagging)
        yield _Late(most, f"gameday's own event loop came {most:.2f} s late")


def _circumstances(readings: Sequence[MachineReading]) -> Iterator[str]:
    for bound in _BOUNDS:
        most = max((bound.value(one) or 0.0 for one in readings), default=0.0)
        if most > bound.most:
            yield bound.text.format(most)


@dataclass(frozen=True)
class _Bound:
    """A value of a reading that must not be more than ``most``; ``text`` is for people."""

    value: Callable[[MachineReading], float | None]
    most: float
    text: str


def _waits_while_busy(reading: MachineReading) -> float | None:
    """A wait for a core counts only if the cores were busy: the limit of one container is not saturation."""
    busy = reading.cpu_busy is None or reading.cpu_busy > MOST_CPU_BUSY
    return reading.cpu_pressure if busy else None


_BOUNDS = (
    _Bound(lambda r: r.cpu_steal, MOST_STEAL, "the hypervisor took {:.0%} of the cores' time"),
    _Bound(_waits_while_busy, MOST_CPU_PRESSURE, "tasks waited for a core for {:.0%} of the time"),
    _Bound(
        lambda r: r.memory_pressure, MOST_MEMORY_PRESSURE, "tasks waited for memory for {:.0%} of the time"
    ),
    _Bound(lambda r: r.io_pressure, MOST_IO_PRESSURE, "tasks waited for the disk for {:.0%} of the time"),
)


def _readings(recording: Recording, start: float, end: float) -> list[MachineReading]:
    return [one for one in recording.of(MachineReading) if one.at >= start and one.at - one.over <= end]


def _engine(recording: Recording, start: float, end: float) -> Iterator[_Late]:
    slowest = max(
        (one.slowest for one in recording.of(ContainersRead) if start <= one.at <= end), default=0.0
    )
    if slowest > MOST_ENGINE:
        yield _Late(slowest, f"the engine took {slowest:.1f} s for one answer")


def _late(recording: Recording, start: float, end: float) -> Iterator[_Late]:
    """How late the load was sent. Only with two clocks: before version 3 a set clock would look like it."""
    asked = recording.requests
    late = sorted(
        sent - intended
        for at, intended, sent in zip(asked.intended, asked.intended_mono, asked.sent_mono, strict=True)
        if start <= at <= end and not isnan(sent - intended)
    )
    if late and (worst := late[min(len(late) - 1, int(len(late) * _LATE_RANK))]) > MOST_LATE:
        yield _Late(worst, f"requests were sent {worst:.2f} s late (99 of 100 were earlier)")


def _scrapes(recording: Recording, start: float, end: float) -> Iterator[_Late]:
    """How late Prometheus scraped, except while its own container was stopped or paused."""
    plan, facts = recording.plan, recording.plan.detection
    server = plan.stack.prometheus
    states = (e for e in recording.of(ContainerState) if server is not None and e.service == server.service)
    if facts is None or server is None or any(e.at <= end and e.state != "running" for e in states):
        return
    every = facts.scrape_interval / plan.pace
    late = max(
        (
            after - before - every
            for series in recording.metrics.series
            if series.metric == "up"
            for (before, _), (after, _) in pairwise(series.samples)
            if after >= start and before <= end
        ),
        default=0.0,
    )
    if late > max(MOST_SCRAPE_LATE, every):
        yield _Late(late, f"a scrape of Prometheus came {late:.2f} s late")


@dataclass(frozen=True)
class MachineLoad:
    """Means over a stretch, for a report; None where unknown."""

    cpu_busy: float | None
    cpu_pressure: float | None
    longest_lag: float | None


def machine_load(recording: Recording, start: float, end: float) -> MachineLoad:
    """The machine's figures in ``[start, end]``, such as before the fault, for comparison with limits."""
    readings = _readings(recording, start, end)
    return MachineLoad(
        _mean(reading.cpu_busy for reading in readings),
        _mean(reading.cpu_pressure for reading in readings),
        max((reading.lag for reading in readings if reading.lag is not None), default=None),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
