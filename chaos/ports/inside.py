"""Access to the inside of the containers of this run: limits, disks, networks, Redis and PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Processor:
    """What the kernel counted for a container over a period of time.

    ``cpu_seconds``: processor time. ``throttled``: quota periods in which the quota was used up. ``seconds``:
    the real seconds between the two readings of the counters, or slightly more.
    """

    cpu_seconds: float
    throttled: int
    seconds: float

    @property
    def processors(self) -> float:
        """How many processors it used on average. A quota of ``q`` limits this to ``q`` times
        ``1 + period / seconds``, however slow the machine is.
        """
        return self.cpu_seconds / self.seconds


@dataclass(frozen=True)
class ProcessorQuota:
    """The processor quota of a container as the engine keeps it: either billionths of a processor, or a quota
    and its period in microseconds. 0: not set.
    """

    nano: int = 0
    quota: int = 0
    period: int = 0

    def to_text(self) -> str:
        return f"{self.nano} {self.quota} {self.period}"

    @classmethod
    def from_text(cls, text: str) -> ProcessorQuota:
        """What ``to_text`` returned."""
        nano, quota, period = map(int, text.split())
        return cls(nano, quota, period)


class Limits(Protocol):
    """The limits of the containers of this run, by service, and ways to reach them."""

    async def quota(self, service: str) -> ProcessorQuota:
        """The setting now. Two settings with the same effect, such as both ways to have none, are equal."""
        ...

    async def set_quota(self, service: str, quota: ProcessorQuota) -> None:
        """Set it exactly as ``quota`` returned it."""
        ...

    async def limit_cpus(self, service: str, cpus: float) -> None:
        """Let the container use so many processors. It keeps the unit of the quota that it has."""
        ...

    async def use_processor(self, service: str, seconds: float) -> Processor:
        """Keep one processor busy in the container for ``seconds`` real seconds. Returns what the kernel
        counted meanwhile. A slow machine may take longer; ``Processor.seconds`` says how long.
        """
        ...

    async def exhaust_memory(self, service: str) -> None:
        """Fill the container's memory up to its limit, so that the kernel kills the main process.

        Returns when the filling process has ended. Idempotent until ``end_exhaustion``. Raises
        ``ToolProblem`` if the limit is not reached in time, and for a container without a memory limit, where
        this would fill the memory of the host.
        """
        ...

    async def end_exhaustion(self, service: str) -> None:
        """Wait for the end of the filling process, also after a cancelled ``exhaust_memory``. Idempotent."""
        ...


class Disks(Protocol):
    """Folders inside the containers of this run. Idempotent."""

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        """Write a filler file until no space is left.

        Raises ``ToolProblem`` if that would take more than ``most_bytes``.
        """
        ...

    async def clear(self, service: str, folder: str) -> None:
        """Remove the filler file."""
        ...

    async def filled(self, service: str, folder: str) -> bool:
        """Is the filler file there?"""
        ...

    async def accepts_data(self, service: str, folder: str) -> bool:
        """Can a block of 4096 bytes be written? Uses another file, and removes it."""
        ...


class Networks(Protocol):
    """The networks of the containers of this run, by service. Idempotent."""

    async def attached(self, service: str) -> tuple[str, ...]: ...
    async def missing(self, service: str) -> tuple[str, ...]:
        """The networks that ``disconnect`` removed, and to which the container is not attached now."""
        ...

    async def disconnect(self, service: str) -> None:
        """Disconnect the container from all its networks."""
        ...

    async def reconnect(self, service: str) -> None:
        """Connect it to the networks that ``disconnect`` removed, under the same names."""
        ...


class Redis(Protocol):
    """Commands to the Redis servers of this run, by service."""

    async def call(self, service: str, *words: str) -> str:
        """The reply as text, one line per element of a list. An error is text that begins with its code
        (``OOM ...``).
        """
        ...


@dataclass(frozen=True)
class SqlAnswer:
    """The answer to some statements. ``rows``: of all statements, one per line, columns separated by ``|``.
    ``seconds``: time of the last statement, as ``psql`` in the container measures it; None after an error.
    ``full``: no connection was free.
    """

    rows: str
    seconds: float | None = None
    error: str = ""
    full: bool = False


class Postgres(Protocol):
    """Sessions of the PostgreSQL servers of this run, by service. ``name``: letters, digits, ``-``."""

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        """Run statements in a new session, and end it. An error of the server is an answer."""
        ...

    async def idle_session(self, service: str, seconds: float) -> bool | None:
        """Open a session and leave it idle for ``seconds`` real seconds. Does it still answer then? None if
        no session could be opened.
        """
        ...

    async def hold(self, service: str, name: str, count: int, *statements: str) -> None:
        """Open ``count`` sessions, run ``statements`` in each, and keep them open until ``release``. If one
        ends, open it again. Idempotent.
        """
        ...

    async def release(self, service: str, name: str) -> None:
        """End them. Raises ``ToolProblem`` if the server does not accept it, also because it is full."""
        ...

    async def held(self, service: str, name: str) -> bool:
        """Is a session of that name open? True also if no connection is free to ask."""
        ...
