"""Calls ``docker compose`` as a child that never outlives its deadline or our cancellation."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import EnvironmentProblem

_NOT_OURS = (
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_PROFILES",
)  # the user's shell must not change a run
_LAST_WORDS = 5.0


@dataclass(frozen=True)
class Finished:
    """How a call ended. ``code`` None: it was killed at its deadline."""

    code: int | None
    out: str
    err: str


async def compose(
    arguments: Sequence[str],
    files: Sequence[Path],
    project: str | None,
    within: float,
    on_start: Callable[[int], None] = lambda pid: None,
) -> Finished:
    """Run one Compose command over ``files`` in a process group of its own.

    ``on_start`` is told the group's id, so that the watchdog can end it if we are killed. When the deadline
    passes or the caller is cancelled the whole group is killed before this returns. Raises
    ``EnvironmentProblem`` without Docker.
    """
    command = ["docker", "compose", "--ansi", "never", "--progress", "plain"]
    command += ["-p", project] if project else []
    for file in files:
        command += ["-f", str(file)]
    try:
        process = await _spawn([*command, *arguments])
    except OSError as error:
        raise EnvironmentProblem(
            f"docker cannot be run: {error}", "install it (gameday doctor says how)"
        ) from error
    on_start(process.pid)
    talk = asyncio.ensure_future(process.communicate())
    try:
        out, err = await asyncio.wait_for(asyncio.shield(talk), within)
        code = process.returncode
    except TimeoutError:
        _kill_group(process.pid)
        out, err = await asyncio.wait_for(talk, _LAST_WORDS)
        code = None
    except BaseException:
        _kill_group(process.pid)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(talk), _LAST_WORDS)
        talk.cancel()
        raise
    return Finished(code, out.decode(errors="replace"), err.decode(errors="replace"))


async def _spawn(command: Sequence[str]) -> asyncio.subprocess.Process:
    """A cancellation in the middle of it must not leave a process behind that nobody knows."""
    spawning = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(os.environ),
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(spawning)
    except asyncio.CancelledError:
        process = await spawning
        _kill_group(process.pid)
        await process.communicate()
        raise


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in ours.items() if name not in _NOT_OURS}


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
