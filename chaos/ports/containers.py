"""Containers of this run: their state, their versions, and what is lost with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ContainerReading:
    """``state`` as the engine names it: created, running, paused, restarting, exited, dead, or ``gone``."""

    state: str
    health: str = ""  # healthy, unhealthy, starting, or "" without a health check
    exit_code: int | None = None
    started: str = ""  # when the engine last started it, in the engine's own words; "" if never
    oom_killed: bool = False  # the kernel killed it, because its memory limit was reached


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
class NewVersion:
    """How a new version of a service differs from the one that runs. An empty ``command``: the service's
    own.
    """

    variables: Mapping[str, str]
    image: str | None = None
    command: tuple[str, ...] = ()


class Rollout(Protocol):
    """Other versions of the services of this run. Idempotent. The values of variables stand in no file."""

    async def replace(self, service: str, variables: Mapping[str, str]) -> None:
        """Replace the container by one with these variables; volumes stay. Returns when it was started."""
        ...

    async def restore(self, service: str) -> None:
        """Replace it by one as the stack declares it."""
        ...

    async def replaced(self, service: str) -> bool:
        """Does the engine list other variables for the container than before ``replace``?"""
        ...

    async def environment(self, service: str) -> Mapping[str, str] | None:
        """The variables with which the main process was started, as the kernel lists them; None while it
        does not run.
        """
        ...

    async def add(self, service: str, version: NewVersion) -> None:
        """Start a container of a new version beside the service's own, under no name of the service, so that
        no client reaches it. Returns when its health check has an outcome.

        Raises ``ToolProblem`` if it has no health check.
        """
        ...

    async def remove(self, service: str) -> None:
        """Remove the container of the new version."""
        ...

    async def added(self, service: str) -> ContainerReading:
        """The container of the new version; ``gone`` without one. Its health is the outcome of the
        service's own health check.
        """
        ...
