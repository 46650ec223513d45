"""What the engine says of a run's containers in one call, and whether that means that the stack is up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from docker import DockerClient

from chaos.adapters.stack.engine import engine_errors
from chaos.adapters.stack.splice import RUN_LABEL

_SERVICE_LABEL = "com.docker.compose.service"
_EXIT = re.compile(r"Exited \((-?\d+)\)")


@dataclass(frozen=True)
class Seen:
    """One container. ``health``: healthy, unhealthy, starting, or "" when it has no check."""

    service: str
    container_id: str
    state: str
    health: str = ""
    exit_code: int | None = None

    @property
    def ready(self) -> bool:
        return self.state == "running" and self.health in ("", "healthy")

    @property
    def broken(self) -> bool:
        return self.state in ("exited", "dead") or self.health == "unhealthy"

    def __str__(self) -> str:
        exit_code = f" with code {self.exit_code}" if self.exit_code is not None else ""
        return f"{self.state}{exit_code}" + (
            f", health {self.health}" if self.health else ", no health check"
        )


def list_containers(client: DockerClient, run_id: str) -> tuple[Seen, ...]:
    """Every container of a run, stopped ones too, by service name."""
    with engine_errors("list the run's containers"):
        bodies = client.api.containers(all=True, filters={"label": f"{RUN_LABEL}={run_id}"})
    return tuple(
        sorted(
            (
                _seen(b["Labels"].get(_SERVICE_LABEL, b["Id"][:12]), b["Id"], b["State"], b["Status"])
                for b in bodies
            ),
            key=lambda seen: (seen.service, seen.container_id),
        )
    )


def _seen(service: str, container_id: str, state: str, status: str) -> Seen:
    health = next(
        (h for h in ("unhealthy", "healthy", "starting") if f"({h})" in status or f": {h})" in status), ""
    )
    code = _EXIT.search(status)
    return Seen(service, container_id, state, health, int(code.group(1)) if code else None)


@dataclass(frozen=True)
class Awaited:
    """How far a start has come: what is broken, and what is not ready yet (a service without container
    included).
    """

    broken: tuple[Seen, ...]
    waiting: tuple[str, ...]

    @property
    def done(self) -> bool:
        return not self.broken and not self.waiting


def judge_start(services: Collection[str], lasting: Collection[str], seen: Iterable[Seen]) -> Awaited:
    """``lasting`` services must run; any other may also have finished with code 0 (a migration, a seeding
    job).
    """
    by_service: dict[str, list[Seen]] = {}
    for one in seen:
        by_service.setdefault(one.service, []).append(one)
    broken: list[Seen] = []
    waiting: list[str] = []
    for service in services:
        containers = by_service.get(service, [])
        finished = [
            c for c in containers if c.state == "exited" and c.exit_code == 0 and service not in lasting
        ]
        rest = [c for c in containers if c not in finished]
        broken += [c for c in rest if c.broken]
        if not containers or any(not c.ready and not c.broken for c in rest):
            waiting.append(service)
    return Awaited(tuple(broken), tuple(waiting))
