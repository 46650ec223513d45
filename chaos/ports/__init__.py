"""What faults may use, split by capability. Adapters implement it, tests fake it.

Every call is bounded in time by its adapter, is idempotent where it says so, and raises ``ToolProblem``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chaos.ports.containers import (
    CommandOutput,
    ContainerReading,
    Containers,
    Execute,
    NewVersion,
    Rollout,
    Standing,
    Storage,
)
from chaos.ports.http import MALFORMED, HttpEffect, HttpProxies, HttpReply, HttpRule
from chaos.ports.inside import Disks, Limits, Networks, Postgres, Processor, Redis, SqlAnswer
from chaos.ports.links import Exchange, Links, RoundTrip, Stream, Toxic
from chaos.ports.names import Names
from chaos.ports.traffic import Spike, Traffic
from chaos.timing import Clock

__all__ = [
    "MALFORMED",
    "CommandOutput",
    "ContainerReading",
    "Containers",
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
    "Names",
    "Networks",
    "NewVersion",
    "Originals",
    "Postgres",
    "Processor",
    "Redis",
    "Repeats",
    "Rollout",
    "RoundTrip",
    "Spike",
    "SqlAnswer",
    "Standing",
    "Storage",
    "Stream",
    "Toxic",
    "Traffic",
]


class LeverPhase(StrEnum):
    INJECT = "inject"
    REVERT = "revert"
    READBACK = "readback"
    WITNESS = "witness"


@dataclass(frozen=True)
class LeverAnswer:
    """``holds``: the action's expectation was met; ``detail`` says what was seen."""

    holds: bool
    detail: str


class Levers(Protocol):
    """The application faults that a stack declares."""

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer: ...


class Repeats(Protocol):
    """Work that a fault does again and again while it holds."""

    async def start(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` now, then again ``every`` real seconds after it ended. Nothing if ``name`` runs."""
        ...

    async def stop(self, name: str) -> None:
        """Returns once no work is under way any more. Idempotent."""
        ...

    def running(self, name: str) -> bool:
        """Raises ``ToolProblem`` if it ended because the work failed."""
        ...


class Originals:
    """What settings were before faults changed them, so that the undo can set them again. Of one run."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def keep(self, name: str, value: str) -> None:
        """Remember ``value``, unless there is one: a second injection must not keep the first one's value."""
        self._values.setdefault(name, value)

    def of(self, name: str) -> str | None:
        """The value before the fault; None if no fault has changed it."""
        return self._values.get(name)


@dataclass(frozen=True)
class FaultContext:
    """What a fault kind may touch. A kind uses the ports that it needs and no others."""

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
    repeats: Repeats
    originals: Originals
