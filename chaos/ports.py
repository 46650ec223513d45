"""What faults may use, split by capability. Adapters implement it, tests fake it.

Every call is bounded in time by its adapter, is idempotent where it says so, and raises ``ToolProblem``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
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
    started: str = ""  # when the engine last started it, in the engine's own words; "" if never
    oom_killed: bool = False  # the kernel killed it, because its memory limit was reached


@dataclass(frozen=True)
class RoundTrip:
    """One exchange over a link, dialled from outside through its proxy.

    ``outcome``: answered | connected (no ping is known for the role) | refused | reset | closed | timeout.
    ``seconds`` from dialling to the first byte of the answer, None if there was none.
    """

    outcome: str
    seconds: float | None = None


@dataclass(frozen=True)
class Exchange:
    """Much data over one connection of a link, or the end of one.

    ``outcome``: answered (complete) | refused | reset | closed (ended before it was complete) | timeout.
    ``sent`` and ``received`` in bytes, ``seconds`` of real time.
    """

    outcome: str
    sent: int
    received: int
    seconds: float


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
    """Changes to the containers of this run, by service.

    All idempotent: asking for the state it is in does nothing.
    """

    async def kill(self, service: str, signal: str = "SIGKILL") -> None: ...
    async def crash(self, service: str) -> None:
        """Kill its main process behind the engine's back: the engine restarts it by its policy.

        Raises ``ToolProblem`` for a service without a restart policy. Not idempotent.
        """
        ...

    async def stop(self, service: str, grace: float) -> None: ...
    async def start(self, service: str) -> None: ...
    async def restart(self, service: str, grace: float) -> None:
        """Stop it in order, for at most ``grace`` real seconds, and start it. Not idempotent."""
        ...

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
    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        """Send and receive ``size`` bytes or more on one new connection. HTTP and Redis only."""
        ...

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        """Ask once, end the connection, and count the seconds until the other side has ended it too."""
        ...

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        """Dial and keep the connection for so many real seconds: is it served and open until then?

        Returns as soon as it ends.
        """
        ...

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
    """Damage that a restart does not repair. Both are idempotent, and touch only what is the run's."""

    async def lose_volume(self, service: str, volume: str) -> None:
        """Kill and remove the container of ``service``, then the volume."""
        ...

    async def lose_everything(self) -> None: ...
    async def standing(self) -> Standing: ...


@dataclass(frozen=True)
class Processor:
    """What the kernel has counted for a container since its start.

    ``cpu_seconds``: processor time. ``throttled``: periods in which its quota was used up.
    """

    cpu_seconds: float
    throttled: int


class Limits(Protocol):
    """The limits of the containers of this run, by service, and how to reach one."""

    async def cpus(self, service: str) -> float:
        """How many processors it may use; 0 means no quota."""
        ...

    async def set_cpus(self, service: str, cpus: float) -> None: ...
    async def use_processor(self, service: str, seconds: float) -> Processor:
        """Keep one processor busy in the container for so many real seconds; what the kernel counted
        meanwhile."""
        ...

    async def exhaust_memory(self, service: str) -> None:
        """Use up the memory that the container may have, so that the kernel kills its main process.

        Returns when what uses it up has ended. Idempotent until ``end_exhaustion``.
        Raises ``ToolProblem`` for a container without a memory limit: the memory would be the host's.
        """
        ...

    async def end_exhaustion(self, service: str) -> None:
        """Returns when nothing uses up memory any more, also after an ``exhaust_memory`` that was cut off."""
        ...


class Disks(Protocol):
    """Folders inside the containers of this run. Idempotent."""

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        """Write a file until no space is left. ``ToolProblem`` if more than ``most_bytes`` are free."""
        ...

    async def clear(self, service: str, folder: str) -> None:
        """Remove that file."""
        ...

    async def filled(self, service: str, folder: str) -> bool:
        """Is that file there?"""
        ...

    async def accepts_data(self, service: str, folder: str) -> bool:
        """Can a block of 4096 bytes be written to a file of its own, which is removed again?"""
        ...


class Networks(Protocol):
    """The networks of the containers of this run, by service. Idempotent."""

    async def attached(self, service: str) -> tuple[str, ...]: ...
    async def disconnect(self, service: str) -> None:
        """Take the container out of all its networks."""
        ...

    async def reconnect(self, service: str) -> None:
        """Put it back into those that ``disconnect`` took it out of, under the same names."""
        ...


class Redis(Protocol):
    """Commands of the Redis servers of this run, by service."""

    async def call(self, service: str, *words: str) -> str:
        """The reply as text, lines for a list; an error reply is text too, its code first (``OOM ...``)."""
        ...


@dataclass(frozen=True)
class SqlAnswer:
    """``rows``: of all statements, columns separated by ``|``. ``seconds``: what the last one took, on the
    server's side of the network; None after an error. ``full``: no connection was free.
    """

    rows: str
    seconds: float | None = None
    error: str = ""
    full: bool = False


class Postgres(Protocol):
    """Sessions of the PostgreSQL servers of this run, by service. ``name``: letters, digits, ``-``."""

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        """Statements in a session of its own, which has ended afterwards."""
        ...

    async def idle_session(self, service: str, seconds: float) -> bool:
        """Open a session, leave it idle for so many real seconds: does it still answer?"""
        ...

    async def hold(self, service: str, name: str, count: int, *statements: str) -> None:
        """Open so many sessions, run ``statements`` in each, and keep them until ``release``; one that ends
        is opened again. Idempotent.
        """
        ...

    async def release(self, service: str, name: str) -> None: ...
    async def held(self, service: str, name: str) -> bool:
        """Is a session of that name open?"""
        ...


class Repeats(Protocol):
    """Work that a fault does again and again while it holds."""

    async def start(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` now, then again ``every`` real seconds after it ended. Nothing if ``name`` runs."""
        ...

    async def stop(self, name: str) -> None:
        """Returns once no work is under way any more. Idempotent."""
        ...

    def running(self, name: str) -> bool:
        """Raises ``ToolProblem`` if it ended by itself, because the work failed."""
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
    redis: Redis
    postgres: Postgres
    repeats: Repeats
    originals: Originals
