"""What a collector may read of a run: requests, metrics, containers. Adapters implement it, tests fake it.

Every call is bounded in time by its adapter and raises ``ToolProblem``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaos.conditions import HttpAnswer
from chaos.model.scenario import HttpCondition


@dataclass(frozen=True)
class Usage:
    """What a container uses. ``cpu_seconds``: of processor time since it was started."""

    memory_bytes: int
    cpu_seconds: float


class ClientRequests(Protocol):
    """Requests as clients make them. What the target does is an answer, never an exception."""

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request through the clients' link to the condition's service, bounded by its time-out."""
        ...

    async def poll(self, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET to a port of 127.0.0.1."""
        ...


class ServiceRequests(Protocol):
    """Requests to the stack's own services, past any proxy: for evidence that no client sees."""

    async def get(self, service: str, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET. What the target does is an answer, never an exception."""
        ...


class MetricQueries(Protocol):
    async def values(self, query: str) -> tuple[float, ...]:
        """Values of all samples of an instant query to the stack's Prometheus."""
        ...


class ContainerFacts(Protocol):
    """What the engine knows of the containers of this run, by service."""

    async def usage(self, service: str) -> Usage: ...
    async def log(self, service: str, last: int) -> tuple[str, ...]:
        """The last lines of its log, at most so many, oldest first. They may hold secrets:
        record counts, never lines."""
        ...


@dataclass(frozen=True)
class Sources:
    """What a collector may read. ``metrics`` is None for a stack without Prometheus."""

    clients: ClientRequests
    metrics: MetricQueries | None
    containers: ContainerFacts
    services: ServiceRequests
