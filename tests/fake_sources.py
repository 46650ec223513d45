"""What collectors read, in memory."""

from __future__ import annotations

from chaos.conditions import HttpAnswer
from chaos.errors import ToolProblem
from chaos.model.scenario import HttpCondition
from chaos.sources import MetricQueries, Sources, Usage


class FakeClients:
    """Every service answers 200, except those of ``down``."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.asked: list[str] = []

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        self.asked.append(condition.path)
        return HttpAnswer(None, error="refused") if condition.service in self.down else HttpAnswer(200)

    async def poll(self, port: int, path: str, timeout: float) -> HttpAnswer:
        self.asked.append(f"{port}{path}")
        return HttpAnswer(200)


class FakeServices:
    """Answers every GET with ``body``, or with ``status`` None and ``error``."""

    def __init__(self, body: bytes = b'{"count": 0, "notifications": []}', error: str = "") -> None:
        self.body = body
        self.error = error
        self.asked: list[str] = []

    async def get(self, service: str, port: int, path: str, timeout: float) -> HttpAnswer:
        self.asked.append(f"{service}:{port}{path}")
        return HttpAnswer(None, error=self.error) if self.error else HttpAnswer(200, body=self.body)


class FakeFacts:
    """Containers whose usage and log a test sets. A service without them does not run."""

    def __init__(self) -> None:
        self.usages: dict[str, Usage] = {}
        self.logs: dict[str, tuple[str, ...]] = {}

    async def usage(self, service: str) -> Usage:
        if service not in self.usages:
            raise ToolProblem(f"cannot read the usage of {service}: its container is not running")
        return self.usages[service]

    async def log(self, service: str, last: int) -> tuple[str, ...]:
        if service not in self.logs:
            raise ToolProblem(f"cannot read the log of {service}: there is no container of that service")
        return self.logs[service][-last:]


def sources(metrics: MetricQueries | None = None) -> Sources:
    """What collectors read, in memory."""
    return Sources(FakeClients(), metrics, FakeFacts(), FakeServices())
