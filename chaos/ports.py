"""What the harness asks of the outside world, split by capability. Adapters implement it, tests fake it.

Every call is bounded in time by its adapter, is idempotent where it says so, and raises ``ToolProblem``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chaos.conditions import HttpAnswer
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.scenario import HttpCondition
from chaos.model.stack import LinkName
from chaos.timing import Clock


class Stream(StrEnum):
    """Direction of a toxic as seen from the client: upstream = what it sends, downstream = what it
    receives.
    """

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True)
class ContainerReading:
    """``state`` as the engine names it: created, running, paused, restarting, exited, dead, or ``gone``."""

    state: str
    health: str = ""  # healthy, unhealthy, starting, or "" without a health check
    exit_code: int | None = None


@dataclass(frozen=True)
class RoundTrip:
    """One exchange over a link, dialled from outside through its proxy.

    ``outcome``: answered | connected (no ping is known for the role) | refused | reset | closed | timeout.
    ``seconds`` from dialling to the first byte of the answer, None if there was none.
    """

    outcome: str
    seconds: float | None = None


@dataclass(frozen=True)
class Toxic:
    """One toxic as Toxiproxy lists it.

    ``attributes`` in Toxiproxy's own units (milliseconds, KB/s, bytes).
    """

    name: str
    kind: str
    stream: Stream
    attributes: Mapping[str, int]
    toxicity: float = 1.0


@dataclass(frozen=True)
class CommandOutput:
    """How a command in a container ended, and every byte that it printed.

    ``printed``: both streams in the order in which they arrived.
    """

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""
    printed: bytes = b""

    @property
    def stdout_text(self) -> str:
        return self.stdout.decode(errors="replace")

    @property
    def stderr_text(self) -> str:
        return self.stderr.decode(errors="replace")

    @property
    def printed_text(self) -> str:
        return self.printed.decode(errors="replace")


Execute = Callable[[str, Sequence[str], float], Awaitable[CommandOutput]]
"""Runs a command in the container of a service, for so many real seconds at most.

Raises ``ToolProblem`` when it did not end in time, or its output or exit code cannot be had in full.
"""


class Containers(Protocol):
    """Blows to the containers of this run, by service.

    All idempotent: asking for the state it is in does nothing.
    """

    async def kill(self, service: str, signal: str = "SIGKILL") -> None: ...
    async def stop(self, service: str, grace: float) -> None: ...
    async def start(self, service: str) -> None: ...
    async def pause(self, service: str) -> None: ...
    async def unpause(self, service: str) -> None: ...
    async def reading(self, service: str) -> ContainerReading: ...


class Links(Protocol):
    """The proxies on the links. Adding a toxic that is there and removing one that is not are no errors."""

    async def enable(self, link: LinkName) -> None: ...
    async def disable(self, link: LinkName) -> None:
        """Close the listener and drop the existing connections."""
        ...

    async def enabled(self, link: LinkName) -> bool: ...
    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None: ...
    async def remove_toxic(self, link: LinkName, name: str) -> None:
        """If the proxy hangs on it: disable, reset, and at last restart Toxiproxy."""
        ...

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]: ...
    async def round_trip(self, link: LinkName, timeout: float = ROUND_TRIP_TIMEOUT) -> RoundTrip: ...
    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        """Links whose target is ``service``."""
        ...


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


@dataclass(frozen=True)
class Standing:
    """What the engine knows of the run. Volumes by their names in the project's own file."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


class Storage(Protocol):
    """Blows to what a restart does not bring back. Both are idempotent, and touch only what is the run's."""

    async def lose_volume(self, service: str, volume: str) -> None:
        """Kill and remove the container of ``service``, then the volume."""
        ...

    async def lose_everything(self) -> None: ...
    async def standing(self) -> Standing: ...


@dataclass(frozen=True)
class FaultContext:
    """What a fault kind may touch. A kind uses the ports that it needs and no others."""

    containers: Containers
    links: Links
    levers: Levers
    storage: Storage
    clock: Clock


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
