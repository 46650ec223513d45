"""What a collector may read during a run: requests, metrics, containers. Adapters and fakes implement it.

The adapter limits the time of every call. A call raises ``ToolProblem`` if its tool fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaos.conditions import HttpAnswer
from chaos.model.scenario import HttpCondition


@dataclass(frozen=True)
class Usage:
    """What a container uses. ``cpu_seconds``: its processor time since it was started."""

    memory_bytes: int
    cpu_seconds: float


class ClientRequests(Protocol):
    """Requests as clients make them. An error or silence of the target is an answer, never an exception."""

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request through the clients' link to the condition's service, within its time-out."""
        ...

    async def poll(self, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET to a port of 127.0.0.1. ``timeout`` in real seconds."""
        ...


class ServiceRequests(Protocol):
    """Requests to the stack's services that bypass the proxies, for evidence that no client sees."""

    async def get(self, service: str, port: int, path: str, timeout: float) -> HttpAnswer:
        """One GET. ``timeout`` in real seconds. An error of the target is an answer, never an exception."""
        ...


class MetricQueries(Protocol):
    async def values(self, query: str) -> tuple[float, ...]:
        """The values of all samples of one instant query to the stack's Prometheus; may be empty."""
        ...


class ContainerFacts(Protocol):
    """What the container engine reports about the containers of this run, by service."""

    async def usage(self, service: str) -> Usage: ...
    async def log(self, service: str, last: int) -> tuple[str, ...]:
        """At most the ``last`` lines of its log, oldest first. They may contain secrets: record counts, never
        lines.
        """
        ...


@dataclass(frozen=True)
class Sources:
    """What a collector may read. ``metrics`` is None for a stack without Prometheus."""

    clients: ClientRequests
    metrics: MetricQueries | None
    containers: ContainerFacts
    services: ServiceRequests
