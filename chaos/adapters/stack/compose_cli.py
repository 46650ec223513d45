"""Runs ``docker compose`` as a child process that never outlives its deadline or a cancellation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem
from chaos.processes import kill_group

_NOT_OURS = (
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "COMPOSE_PROFILES",
    "COMPOSE_PATH_SEPARATOR",
)  # the user's shell must not change a run
_POLL = 0.05


@dataclass(frozen=True)
class EngineCallResult:
    """How a call ended. ``code`` None: it was killed at its deadline."""

    code: int | None
    out: str
    err: str


@dataclass(frozen=True)
class ComposeFiles:
    """The files of one compose project, later ones over earlier ones, and what Compose reads beside them.

    ``project`` None: the files name the project. ``handed``: variables that the files refer to but that no
    file contains. ``profiles``: the active ones; ``*`` means all.
    """

    files: Sequence[Path] = ()
    project: str | None = None
    handed: Mapping[str, str] = field(default_factory=dict)
    profiles: Sequence[str] = ()

    @property
    def options(self) -> list[str]:
        """As options of ``docker compose``; ``handed`` goes into the environment."""
        named = [word for file in self.files for word in ("-f", str(file))]
        active = [word for profile in self.profiles for word in ("--profile", profile)]
        return [*(("-p", self.project) if self.project else ()), *named, *active]

    @property
    def environment(self) -> dict[str, str]:
        """As the environment of a command that runs ``docker compose`` itself."""
        named = {"COMPOSE_PROJECT_NAME": self.project} if self.project else {}
        return {
            **self.handed,
            **named,
            "COMPOSE_FILE": os.pathsep.join(map(str, self.files)),
            "COMPOSE_PROFILES": ",".join(self.profiles),
        }


async def compose(
    engine: EngineAddress,
    project: ComposeFiles,
    arguments: Sequence[str],
    within: float,
    on_start: Callable[[int], None] = lambda pid: None,
) -> EngineCallResult:
    """Run one Compose command over the files of ``project`` on ``engine``, see ``call``."""
    command = ["docker", "compose", "--ansi", "never", "--progress", "plain", *project.options, *arguments]
    return await call(engine, command, within, on_start, project.handed)


async def call(
    engine: EngineAddress,
    command: Sequence[str],
    within: float,
    on_start: Callable[[int], None],
    environment: Mapping[str, str],
    cwd: Path | None = None,
    tail: int | None = None,
) -> EngineCallResult:
    """Run one command in a process group of its own. ``environment`` is added to ours, in which
    ``engine`` is named.

    ``on_start`` is called with the group's id, so that the watchdog can end it if gameday is killed. When the
    deadline passes or the caller is cancelled the whole group is killed before this returns. With ``tail``,
    ``out`` holds both streams in the order in which they were written, at most this many bytes from the end.
    Raises ``EnvironmentProblem`` without Docker.
    """
    # Files, not pipes: processes that the plugin started keep a pipe open long after it has been killed.
    with _scratch() as out, _scratch() as err:
        given = _environment(engine.environment(os.environ)) | dict(environment)
        process = _start(command, out, err if tail is None else out, given, cwd)
        ends = time.monotonic() + within
        try:
            on_start(process.pid)
            while process.poll() is None and time.monotonic() < ends:  # noqa: ASYNC110 - a process has no event
                await asyncio.sleep(_POLL)
        finally:
            code = process.poll()
            if code is None:
                kill_group(process)
        return EngineCallResult(code, _text(out, tail), _text(err))


def _start(
    command: Sequence[str], out: IO[bytes], err: IO[bytes], environment: Mapping[str, str], cwd: Path | None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a zero byte in an argument
        raise EnvironmentProblem(
            f"cannot run docker: {error}", "install it (gameday doctor says how)"
        ) from error


def _scratch() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise EnvironmentProblem(f"cannot write a temporary file: {error}", "make room") from error


def _text(file: IO[bytes], tail: int | None = None) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(0 if tail is None else max(0, size - tail))
    return file.read().decode(errors="replace")


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in ours.items() if name not in _NOT_OURS}
    return {**kept, "COMPOSE_PROFILES": ""}  # or Compose would take those of a .env beside the project
