"""Runs programs, each with a deadline. Tests replace ``CommandRunner``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from chaos.engine import EngineAddress
from chaos.errors import ToolProblem
from chaos.processes import kill_group

MISSING = 127  # the exit code of a shell for an unknown program
TIMED_OUT = 124  # the exit code of timeout(1)
APT = {"DEBIAN_FRONTEND": "noninteractive"}  # the environment of apt-get: it asks nothing


@dataclass(frozen=True)
class ProgramResult:
    """How a program ended. ``code``: its exit code; ``MISSING`` if it could not be started, ``TIMED_OUT`` if
    it did not end within its deadline.
    """

    code: int
    out: str = ""
    err: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 0

    def last_lines(self, count: int = 8) -> str:
        """The end of its output, for an error message."""
        said = [line for line in (self.out + "\n" + self.err).splitlines() if line.strip()]
        return "\n".join(said[-count:])


class CommandRunner(Protocol):
    """Runs a program to its end. ``timeout`` in seconds. Never raises: see ``ProgramResult.code``."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> ProgramResult: ...


def run_program(
    argv: Sequence[str],
    *,
    timeout: float = 60.0,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    base: Mapping[str, str] | None = None,
) -> ProgramResult:
    """The real ``CommandRunner``: no shell, no standard input. The program gets the variables of ``base``
    (None: of this process) and those of ``env``.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**(os.environ if base is None else base), **(env or {})},
            cwd=cwd,
            process_group=0,  # docker starts its plugins as processes of their own, which must end with it
        )
    except FileNotFoundError:
        return ProgramResult(MISSING, err=f"{argv[0]}: no such program")
    except OSError as problem:  # not executable by this user, not a program, too many arguments
        return ProgramResult(MISSING, err=f"{argv[0]}: {problem.strerror or problem}")
    except ValueError as problem:  # a zero byte in an argument
        return ProgramResult(MISSING, err=f"{argv[0]}: {problem}")
    return _ended(process, argv[0], timeout)


def _ended(process: subprocess.Popen[str], name: str, timeout: float) -> ProgramResult:
    """Waits for its end. Kills its whole group at the deadline, and when the waiting is interrupted."""
    with process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_group(process)
            return ProgramResult(TIMED_OUT, err=f"{name}: did not end within {timeout:g} s")
        except BaseException:
            kill_group(process)
            raise
    return ProgramResult(process.returncode, out, err)


def on_engine(engine: EngineAddress, env: Mapping[str, str]) -> CommandRunner:
    """A ``CommandRunner`` whose programs get ``env``, changed so that ``docker`` uses ``engine`` only."""
    return partial(run_program, base=engine.environment(env))


def must(finished: ProgramResult, doing: str) -> ProgramResult:
    """Returns ``finished``. Raises ToolProblem, whose message begins with ``doing``, if its code is not 0."""
    if not finished.ok:
        raise ToolProblem(f"{doing} failed (exit {finished.code}):\n{finished.last_lines()}")
    return finished
