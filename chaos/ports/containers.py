"""Containers of this run: their state, their versions, and their storage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ContainerReading:
    """``state``: a ``ContainerStatus``, or another word of the engine. ``health``: a ``HealthStatus``; empty
    without a health check.
    """

    state: str
    health: str = ""
    exit_code: int | None = None
    started: str = ""  # when the engine last started it, as the engine writes it; "" if never
    oom_killed: bool = False  # the kernel killed it, because its memory limit was reached


@dataclass(frozen=True)
class CommandOutput:
    """The exit code and the complete output of a command in a container.

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
"""Runs a command in a container: service, command with arguments, time limit in real seconds.

Raises ``ToolProblem`` if the command does not end in time, or its output or exit code is not available.
"""


class Containers(Protocol):
    """Changes to the containers of this run, by service.

    All are idempotent except ``crash`` and ``restart``. ``grace``: real seconds from SIGTERM to SIGKILL.
    """

    async def kill(self, service: str, signal: str = "SIGKILL") -> None: ...
    async def crash(self, service: str) -> None:
        """Kill the main process without the engine, so that the engine restarts it by its restart policy.

        Raises ``ToolProblem`` for a service without a restart policy. Not idempotent.
        """
        ...

    async def stop(self, service: str, grace: float) -> None: ...
    async def start(self, service: str) -> None: ...
    async def restart(self, service: str, grace: float) -> None:
        """Stop and start it. Not idempotent."""
        ...

    async def pause(self, service: str) -> None: ...
    async def unpause(self, service: str) -> None: ...
    async def reading(self, service: str) -> ContainerReading: ...


@dataclass(frozen=True)
class ListedResources:
    """What the engine lists for the run. Containers by service, volumes by name in the compose file."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


class Storage(Protocol):
    """Losses that a restart does not repair, in this run only. Idempotent."""

    async def lose_volume(self, service: str, volume: str) -> None:
        """Kill and remove the container of ``service``, then the volume.

        Raises ``ToolProblem`` if another container uses the volume.
        """
        ...

    async def lose_everything(self) -> None: ...
    async def standing(self) -> ListedResources: ...


@dataclass(frozen=True)
class NewVersion:
    """How a new version of a service differs from the running one. ``image`` None and an empty ``command``:
    those of the service.
    """

    variables: Mapping[str, str]
    image: str | None = None
    command: tuple[str, ...] = ()


class Rollout(Protocol):
    """Other versions of the services of this run. Idempotent. The values of variables are in no file."""

    async def replace(self, service: str, variables: Mapping[str, str]) -> None:
        """Replace the container with one that has these variables, and start it. Volumes stay."""
        ...

    async def restore(self, service: str) -> None:
        """Replace it with one as the stack declares it, if ``replace`` has changed it."""
        ...

    async def replaced(self, service: str) -> bool:
        """Does the container have other variables than before ``replace``? Asks the engine."""
        ...

    async def environment(self, service: str) -> Mapping[str, str] | None:
        """The variables of the main process, as the kernel lists them; None if it is not running."""
        ...

    async def add(self, service: str, version: NewVersion) -> None:
        """Start a container of a new version beside the old one. It has no name of the service, so no client
        reaches it. Returns when its health check has an outcome, or when it has ended.

        Raises ``ToolProblem`` if it has no health check or no outcome in time, or if the image is missing.
        """
        ...

    async def remove(self, service: str) -> None:
        """Remove the container of the new version."""
        ...

    async def added(self, service: str) -> ContainerReading:
        """The container of the new version; ``gone`` without one. Its health comes from the service's own
        health check.
        """
        ...
