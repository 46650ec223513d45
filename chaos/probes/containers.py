"""What state the containers were in, and when it changed: a lane of the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from chaos.errors import ToolProblem
from chaos.ports import ContainerReading
from chaos.timeline.events import ContainerState
from chaos.timing import Clock

DEFAULT_HZ = 5.0
UNKNOWN = "unknown"  # the engine did not answer

ReadAll = Callable[[], Awaitable[Mapping[str, ContainerReading]]]


async def watch_containers(
    services: Sequence[str],
    read_all: ReadAll,
    write: Callable[[ContainerState], None],
    clock: Clock,
    hz: float = DEFAULT_HZ,
) -> None:
    """Write one event per service at first, and one whenever its state or health changed, until cancelled.

    A service that ``read_all`` does not name is ``gone``; all are ``unknown`` while the engine does not
    answer.

    Asking costs: one call for all services takes 0.9 ms of this process's time, a reading of one service
    by the port 1.6 ms (docker 7.2, engine 20.10). Five times a second that is 0.5 % of a core against
    5.6 % for seven services.
    """
    last: dict[str, tuple[str, str]] = {}
    while True:
        began = clock.mono()
        readings = await _read(services, read_all)
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
        left = began + 1 / hz - clock.mono()
        await clock.sleep(left if left > 0 else 1 / hz)


async def _read(services: Sequence[str], read_all: ReadAll) -> Mapping[str, ContainerReading]:
    try:
        found = await read_all()
    except ToolProblem:
        return {service: ContainerReading(UNKNOWN) for service in services}
    return {service: found.get(service, ContainerReading("gone")) for service in services}
