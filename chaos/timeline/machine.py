"""Was this machine fast enough for the run? Pure; instants on the run axis.

On a saturated machine, a missed limit in real time proves nothing about the system. A failure that a slow
machine does not explain (a wrong status, a lost write) stays a failure; the check decides which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from statistics import fmean

from chaos.model.container_states import ContainerStatus
from chaos.timeline.events import ContainerState
from chaos.timeline.observations import ContainersRead, MachineReading
from chaos.timeline.recording import UP, Recording

# Facts: each of these alone explains a late answer, because gameday or Prometheus itself was late. The
# figures are gameday's own, above what its test suites show on two otherwise idle cores.
MOST_LAG = 0.25  # seconds by which gameday's event loop was late; its probes measure no more precisely
MOST_LAG_WHILE_FULL = 0.1  # the same while every core was busy and tasks waited: other programs lag more
FULL_BUSY, FULL_PRESSURE = 0.95, 0.80  # shares of the time from which on the cores count as full
MOST_LATE = 0.25  # seconds between the planned and the real sending of a request (99th percentile)
MOST_ENGINE = 1.0  # seconds for one answer of the engine, which usually takes some milliseconds
MOST_SCRAPE_LATE = 0.75  # seconds, and at least one interval, by which a scrape of Prometheus was late
# Circumstances: they say why the machine was saturated, but prove nothing alone. A run may be fine while
# tasks wait for a core for 96 % of the time.
MOST_STEAL = 0.10  # share of the cores' time that the hypervisor gave to others
MOST_CPU_PRESSURE = 0.60  # share of time in which some task waited for a core, while the cores were busy
MOST_CPU_BUSY = 0.95
MOST_MEMORY_PRESSURE = 0.10
MOST_IO_PRESSURE = 0.60
_LATE_RANK = 0.99
STALL = 1.0  # seconds by which gameday's event loop was late: so was everything else, and time-outs ran out


@dataclass(frozen=True)
class Saturation:
    """The machine was saturated between ``since`` and ``until``. ``reasons``: for people. ``late``: the
    largest delay among them, in seconds.
    """

    since: float
    until: float
    reasons: tuple[str, ...]
    late: float = 0.0

    def text(self) -> str:
        return "this machine was saturated: " + ", ".join(self.reasons)


def saturated(recording: Recording, start: float, end: float) -> Saturation | None:
    """The saturation of the machine anywhere in ``[start, end]``. None: it was not saturated, or it is
    unknown, as in most recordings before version 3.

    Only facts count: gameday, the engine, the load or Prometheus was late. The reasons also mention how busy
    the machine was.
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
    """Something was late by ``seconds``. ``text``: for people."""

    seconds: float
    text: str


def stalls(recording: Recording, start: float, end: float) -> tuple[tuple[float, float], ...]:
    """The periods in ``[start, end]`` in which this machine stood still for a second; oldest first."""
    return tuple(
        (one.at - one.over, one.at) for one in _readings(recording, start, end) if (one.lag or 0.0) >= STALL
    )


def full_stretches(recording: Recording, start: float, end: float) -> tuple[tuple[float, float], ...]:
    """The periods in ``[start, end]`` in which every core was busy and tasks waited for one; oldest first."""
    return tuple((one.at - one.over, one.at) for one in _readings(recording, start, end) if _full(one))


def too_busy(recording: Recording) -> bool:
    """Was something late, or every core busy, at any time of the run? Then a result that is unknown may be
    so because of this machine.
    """
    span = (recording.began, recording.ended)
    return saturated(recording, *span) is not None or bool(full_stretches(recording, *span))


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
    """The largest value of a reading that needs no mention. ``text``: for people."""

    value: Callable[[MachineReading], float | None]
    most: float
    text: str


def _waits_while_busy(reading: MachineReading) -> float | None:
    """CPU pressure counts only if the cores were busy: tasks also wait at the quota of a single container."""
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
    # Recorded when the answer came, or did not: it may have been due long before.
    slowest = max(
        (
            one.slowest
            for one in recording.of(ContainersRead)
            if one.at >= start and one.at - one.slowest <= end
        ),
        default=0.0,
    )
    if slowest > MOST_ENGINE:
        yield _Late(slowest, f"the engine took {slowest:.1f} s for one answer")


def _late(recording: Recording, start: float, end: float) -> Iterator[_Late]:
    """How late the load was sent, by the monotonic clock. Nothing before version 3, which has only the wall
    clock: there a change of the clock would look the same.
    """
    asked = recording.requests
    late = sorted(
        sent - intended
        for at, intended, sent in zip(asked.intended, asked.intended_mono, asked.sent_mono, strict=True)
        if start <= at <= end and not isnan(sent - intended)
    )
    place = min(len(late) - 1, int(len(late) * _LATE_RANK))
    if late and (worst := late[place]) > MOST_LATE:
        sooner = f"{place + 1} of {len(late)} were no later"
        yield _Late(worst, f"requests were sent {worst:.2f} s late ({sooner})")


def _scrapes(recording: Recording, start: float, end: float) -> Iterator[_Late]:
    """How late Prometheus scraped. Nothing if its container was not running at some time up to ``end``."""
    plan, facts = recording.plan, recording.plan.detection
    server = plan.stack.prometheus
    states = (e for e in recording.of(ContainerState) if server is not None and e.service == server.service)
    if (
        facts is None
        or server is None
        or any(e.at <= end and e.state != ContainerStatus.RUNNING for e in states)
    ):
        return
    every = facts.scrape_interval / plan.pace
    late = max(
        (
            after - before - every
            for series in recording.metrics.named(UP)
            for (before, _), (after, _) in pairwise(series.samples)
            if after >= start and before <= end
        ),
        default=0.0,
    )
    if late > max(MOST_SCRAPE_LATE, every):
        yield _Late(late, f"a scrape of Prometheus came {late:.2f} s late")


@dataclass(frozen=True)
class MachineLoad:
    """Figures over a period, for a report: means, as shares 0 to 1, and ``longest_lag`` in seconds. None:
    unknown.
    """

    cpu_busy: float | None
    cpu_pressure: float | None
    longest_lag: float | None


def machine_load(recording: Recording, start: float, end: float) -> MachineLoad:
    """The figures of the machine in ``[start, end]``."""
    readings = _readings(recording, start, end)
    return MachineLoad(
        _mean(reading.cpu_busy for reading in readings),
        _mean(reading.cpu_pressure for reading in readings),
        max((reading.lag for reading in readings if reading.lag is not None), default=None),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
