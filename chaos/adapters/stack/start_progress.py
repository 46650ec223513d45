"""The engine's view of a run's containers in one call, and whether it means that the stack is up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.labels import SERVICE_LABEL, is_one_off, of_run, read_row
from chaos.model.container_states import ENDED, ContainerStatus, HealthStatus, healthy


@dataclass(frozen=True)
class FoundContainer:
    """One container. ``state`` and ``health`` as in a ``ContainerReading``."""

    service: str
    container_id: str
    state: str
    health: str = ""
    exit_code: int | None = None

    @property
    def ready(self) -> bool:
        return self.state == ContainerStatus.RUNNING and healthy(self.health)

    @property
    def broken(self) -> bool:
        return self.state in ENDED or self.health == HealthStatus.UNHEALTHY

    def __str__(self) -> str:
        exit_code = f" with code {self.exit_code}" if self.exit_code is not None else ""
        return f"{self.state}{exit_code}" + (
            f", health {self.health}" if self.health else ", no health check"
        )


def list_containers(client: DockerClient, run_id: str) -> tuple[FoundContainer, ...]:
    """The containers of a run's services, including stopped ones, by service name."""
    with engine_errors("list the run's containers"):
        bodies = client.api.containers(all=True, filters=of_run(run_id))
        found = [_seen(body) for body in bodies if not is_one_off(body)]
    return tuple(sorted(found, key=lambda seen: (seen.service, seen.container_id)))


def _seen(row: Mapping[str, Any]) -> FoundContainer:
    found = read_row(row)
    service = row["Labels"].get(SERVICE_LABEL, row["Id"][:12])
    return FoundContainer(service, row["Id"], found.state, found.health, found.exit_code)


@dataclass(frozen=True)
class StartProgress:
    """The progress of a start: what is broken, and what is not ready yet (including services without a
    container).
    """

    broken: tuple[FoundContainer, ...]
    waiting: tuple[str, ...]

    @property
    def done(self) -> bool:
        return not self.broken and not self.waiting


def judge_start(
    services: Collection[str], lasting: Collection[str], seen: Iterable[FoundContainer]
) -> StartProgress:
    """``lasting`` services must run; any other may also have finished with code 0 (a migration, a seeding
    job).
    """
    by_service: dict[str, list[FoundContainer]] = {}
    for one in seen:
        by_service.setdefault(one.service, []).append(one)
    broken: list[FoundContainer] = []
    waiting: list[str] = []
    for service in services:
        containers = by_service.get(service, [])
        finished = [
            c
            for c in containers
            if c.state == ContainerStatus.EXITED and c.exit_code == 0 and service not in lasting
        ]
        rest = [c for c in containers if c not in finished]
        broken += [c for c in rest if c.broken]
        if not containers or any(not c.ready and not c.broken for c in rest):
            waiting.append(service)
    return StartProgress(tuple(broken), tuple(waiting))
