"""Records the state of the containers and each change of it, for a lane of the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from chaos.errors import ToolProblem
from chaos.model.container_states import ContainerStatus
from chaos.ports import ContainerReading
from chaos.probes.steady_rate import until_next
from chaos.timeline.events import ContainerState
from chaos.timeline.observations import ContainersRead
from chaos.timing import Clock

DEFAULT_HZ = 5.0
TALLY_EVERY = 1.0  # seconds

ReadAll = Callable[[], Awaitable[Mapping[str, ContainerReading]]]


async def watch_containers(
    services: Sequence[str],
    read_all: ReadAll,
    write: Callable[[ContainerState | ContainersRead], None],
    clock: Clock,
    hz: float = DEFAULT_HZ,
) -> None:
    """Read all states ``hz`` times a second until cancelled. Write a ``ContainerState`` per service at first
    and at each change of its state or health, and every ``TALLY_EVERY`` seconds a ``ContainersRead`` with the
    number of readings. That number distinguishes "no change" from "not read".

    A service that ``read_all`` does not name is ``gone``. While the engine does not answer, all are
    ``unknown``.

    One call for all services takes 0.9 ms of this process, a reading of one service through the port 1.6 ms
    (engine 20.10). For seven services, five times a second, that is 0.5 % of a core instead of 5.6 %.
    """
    last: dict[str, tuple[str, str]] = {}
    tally = _Tally(1 / hz, clock.mono())
    while True:
        began = clock.mono()
        readings, answered = await _read(services, read_all)
        tally.add(began, clock.mono(), answered)
        for service in services:
            reading = readings[service]
            now = (reading.state, reading.health)
            if last.get(service) != now:
                last[service] = now
                write(
                    ContainerState(
                        at=clock.wall(),
                        mono=clock.mono(),
                        service=service,
                        state=reading.state,
                        health=reading.health,
                    )
                )
        if (counted := tally.due(clock)) is not None:
            write(counted)
        await until_next(clock, began, 1 / hz)


class _Tally:
    """Counts the readings between two ``ContainersRead``."""

    def __init__(self, every: float, began: float) -> None:
        self._every = every
        self._since = began
        self._last = began  # the last reading that the engine answered
        self._clear()

    def _clear(self) -> None:
        self._reads = self._failed = 0
        self._longest = self._slowest = 0.0

    def add(self, asked: float, ended: float, answered: bool) -> None:
        """Add one reading; instants of the monotonic clock."""
        if answered:
            self._reads += 1
            self._longest = max(self._longest, asked - self._last)
            self._last = asked
        else:
            self._failed += 1
        self._slowest = max(self._slowest, ended - asked)

    def due(self, clock: Clock) -> ContainersRead | None:
        """The event if ``TALLY_EVERY`` seconds are over, else None."""
        now = clock.mono()
        if now - self._since < TALLY_EVERY - self._every / 2:
            return None
        counted = ContainersRead(
            at=clock.wall(),
            mono=now,
            every=self._every,
            reads=self._reads,
            failed=self._failed,
            longest_gap=max(self._longest, now - self._last),
            slowest=self._slowest,
        )
        self._since = now
        self._clear()
        return counted


async def _read(services: Sequence[str], read_all: ReadAll) -> tuple[Mapping[str, ContainerReading], bool]:
    """The reading of every service, and whether the engine answered."""
    try:
        found = await read_all()
    except ToolProblem:
        return {service: ContainerReading(ContainerStatus.UNKNOWN) for service in services}, False
    return {service: found.get(service, ContainerReading(ContainerStatus.GONE)) for service in services}, True
