"""The interfaces that faults may use, split by capability. Adapters implement them, and tests have fakes.

The adapter limits the time of every call. A call is idempotent where its docstring says so, and raises
``ToolProblem`` if its tool fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from chaos.model.stack import LeverPhase
from chaos.ports.containers import (
    CommandOutput,
    ContainerReading,
    Containers,
    Execute,
    ListedResources,
    NewVersion,
    Rollout,
    Storage,
)
from chaos.ports.http import MALFORMED, HttpEffect, HttpProxies, HttpReply, HttpRule
from chaos.ports.inside import (
    Disks,
    Limits,
    Networks,
    Postgres,
    Processor,
    ProcessorQuota,
    Redis,
    SqlAnswer,
)
from chaos.ports.links import Exchange, Links, RoundTrip, Stream, Toxic
from chaos.ports.names import Names
from chaos.ports.outcomes import DialOutcome
from chaos.ports.traffic import Spike, Traffic
from chaos.timing import Clock

__all__ = [
    "MALFORMED",
    "CommandOutput",
    "ContainerReading",
    "Containers",
    "DialOutcome",
    "Disks",
    "Exchange",
    "Execute",
    "FaultContext",
    "HttpEffect",
    "HttpProxies",
    "HttpReply",
    "HttpRule",
    "LeverAnswer",
    "LeverPhase",
    "Levers",
    "Limits",
    "Links",
    "ListedResources",
    "Names",
    "Networks",
    "NewVersion",
    "Originals",
    "Postgres",
    "Processor",
    "ProcessorQuota",
    "Redis",
    "Repeater",
    "Rollout",
    "RoundTrip",
    "Spike",
    "SqlAnswer",
    "Storage",
    "Stream",
    "Toxic",
    "Traffic",
]


@dataclass(frozen=True)
class LeverAnswer:
    """``holds``: the action had the expected result; None: a witness or a readback that got no answer.
    ``detail``: what was seen, for people.
    """

    holds: bool | None
    detail: str


class Levers(Protocol):
    """The application faults that a stack declares."""

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        """Run the action of this phase. ``params``: values from the scenario, without defaults."""
        ...


class Repeater(Protocol):
    """Repeats an action while a fault holds. ``name`` identifies the repetition."""

    async def start(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` now, and again ``every`` real seconds after each end. Does nothing if ``name`` is
        running. Raises what the first ``work`` raises.
        """
        ...

    async def stop(self, name: str) -> None:
        """End the repetition. Returns when no work is under way. Idempotent."""
        ...

    def running(self, name: str) -> bool:
        """Is the repetition running? Raises ``ToolProblem`` if it ended because its work failed."""
        ...

    def failures(self) -> tuple[str, ...]:
        """Why repetitions that were stopped had already ended, each once. The undo has a record of them."""
        ...


class Originals:
    """The values of settings before the faults of a run changed them. The undo restores these."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def keep(self, name: str, value: str) -> None:
        """Keep ``value`` unless one is kept: on a second injection ``value`` is what the first one set."""
        self._values.setdefault(name, value)

    def of(self, name: str) -> str | None:
        """The value before the first fault; None if no fault has changed the setting."""
        return self._values.get(name)


@dataclass(frozen=True)
class FaultContext:
    """Everything through which a fault kind may act. A kind uses only the ports that it needs."""

    containers: Containers
    links: Links
    levers: Levers
    storage: Storage
    clock: Clock
    limits: Limits
    disks: Disks
    networks: Networks
    rollout: Rollout
    traffic: Traffic
    names: Names
    http: HttpProxies
    redis: Redis
    postgres: Postgres
    repeats: Repeater
    originals: Originals
