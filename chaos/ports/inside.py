"""What goes on inside the containers of this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
