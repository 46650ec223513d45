"""Was this machine able to run what it was asked to? Pure; instants on the run axis.

A limit in real time that is missed while the machine was saturated says nothing of the system. A failure that
no slowness explains (a wrong status, a lost write) stays one: that is for the check to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean

from chaos.timeline.observations import ContainersRead, MachineReading
from chaos.timeline.recording import Recording

# Each is the bound of a value from which on the machine itself explains a late answer. Figures of this
# project, chosen above what its own suites show alone on two cores, and below what makes good runs fail
# at four side by side.
MOST_LAG = 0.25  # seconds that gameday's own event loop came late: its probes measure no finer
MOST_LATE = 0.25  # seconds between a request's intended and its real sending (99th of a hundred)
MOST_ENGINE = 1.0  # seconds for one answer of the engine, which takes some milliseconds
MOST_STEAL = 0.10  # share of the cores' time that the hypervisor gave to others
MOST_CPU_PRESSURE = 0.60  # share of time in which some task waited for a core, while the cores were busy
MOST_CPU_BUSY = 0.95
MOST_MEMORY_PRESSURE = 0.10
MOST_IO_PRESSURE = 0.60
_LATE_RANK = 0.99


@dataclass(frozen=True)
class Saturation:
    """The machine was saturated between ``since`` and ``until``; ``reasons`` say by what, for people."""

    since: float
    until: float
    reasons: tuple[str, ...]

    def text(self) -> str:
        return "this machine was saturated: " + ", ".join(self.reasons)


def machine_known(recording: Recording, start: float, end: float) -> bool:
    """Does the recording say what the machine could give in ``[start, end]``? Not before version 3."""
    return bool(_readings(recording, start, end))


def saturated(recording: Recording, start: float, end: float) -> Saturation | None:
    """By what, if the machine was saturated anywhere in ``[start, end]``; None: it was not, or nothing is
    known (``machine_known``).
    """
    readings = _readings(recording, start, end)
    bad: list[MachineReading] = []
    reasons: list[str] = []
    for bound in _BOUNDS:
        over = [one for one in readings if (bound.value(one) or 0.0) > bound.most]
        if over:
            bad += over
            reasons.append(bound.text.format(max(bound.value(one) or 0.0 for one in over)))
    reasons += [*_engine(recording, start, end), *_late(recording, start, end)]
    if not reasons:
        return None
    since = min((reading.at - reading.over for reading in bad), default=start)
    until = max((reading.at for reading in bad), default=end)
    return Saturation(max(start, since), min(end, until), tuple(reasons))


@dataclass(frozen=True)
class _Bound:
    """A value of a reading that must not be more than ``most``; ``text`` is for people."""

    value: Callable[[MachineReading], float | None]
    most: float
    text: str


def _waits_while_busy(reading: MachineReading) -> float | None:
    """Waiting for a core counts only where the cores were busy: a limit of one container is no saturation."""
    busy = reading.cpu_busy is None or reading.cpu_busy > MOST_CPU_BUSY
    return reading.cpu_pressure if busy else None


_BOUNDS = (
    _Bound(lambda r: r.lag, MOST_LAG, "gameday's own event loop came {:.2f} s late"),
    _Bound(lambda r: r.cpu_steal, MOST_STEAL, "the hypervisor took {:.0%} of the cores' time"),
    _Bound(_waits_while_busy, MOST_CPU_PRESSURE, "tasks waited for a core for {:.0%} of the time"),
    _Bound(
        lambda r: r.memory_pressure, MOST_MEMORY_PRESSURE, "tasks waited for memory for {:.0%} of the time"
    ),
    _Bound(lambda r: r.io_pressure, MOST_IO_PRESSURE, "tasks waited for the disk for {:.0%} of the time"),
)


def _readings(recording: Recording, start: float, end: float) -> list[MachineReading]:
    return [one for one in recording.of(MachineReading) if one.at >= start and one.at - one.over <= end]


def _engine(recording: Recording, start: float, end: float) -> Iterator[str]:
    slowest = max(
        (one.slowest for one in recording.of(ContainersRead) if start <= one.at <= end), default=0.0
    )
    if slowest > MOST_ENGINE:
        yield f"the engine took {slowest:.1f} s for one answer"


def _late(recording: Recording, start: float, end: float) -> Iterator[str]:
    """How late the load was sent. Only with two clocks: before version 3 a set clock would look like it."""
    late = sorted(
        request.sent_mono - request.intended_mono
        for request in recording.requests
        if start <= request.intended <= end
        and request.sent_mono is not None
        and request.intended_mono is not None
    )
    if late and (worst := late[min(len(late) - 1, int(len(late) * _LATE_RANK))]) > MOST_LATE:
        yield f"requests were sent {worst:.2f} s late (99 of 100 were earlier)"


@dataclass(frozen=True)
class MachineLoad:
    """Means over a stretch, for a report; None where unknown."""

    cpu_busy: float | None
    cpu_pressure: float | None
    longest_lag: float | None


def machine_load(recording: Recording, start: float, end: float) -> MachineLoad:
    """What the machine gave in ``[start, end]``, such as before the fault: what limits are compared with."""
    readings = _readings(recording, start, end)
    return MachineLoad(
        _mean(reading.cpu_busy for reading in readings),
        _mean(reading.cpu_pressure for reading in readings),
        max((reading.lag for reading in readings if reading.lag is not None), default=None),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
