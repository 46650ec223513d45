"""What a command uses of the outside world: streams, environment, working folder, clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from chaos.errors import EnvironmentProblem
from chaos.timing import Clock, SystemClock
from chaos.visible import visible


@dataclass(frozen=True)
class CommandContext:
    """The streams, environment, working folder and clock of a command. A test passes its own."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=lambda: _working_folder())
    clock: Clock = field(default_factory=SystemClock)

    def say(self, line: str = "") -> None:
        """Prints one line, with control characters made visible. Ignores a closed pipe (``| head``).

        Raises ``EnvironmentProblem`` if it cannot be written, such as to a full disk.
        """
        try:
            _print(line, self.out)
        except OSError as error:
            _silence(self.out)
            message = f"standard output cannot be written: {error.strerror or error}"
            raise EnvironmentProblem(message, "free some space, or send it elsewhere") from error

    def complain(self, line: str) -> None:
        """Prints one line to standard error. A line that cannot be written is lost: the exit code stays."""
        try:
            _print(line, self.err)
        except OSError:
            _silence(self.err)

    def shown(self, path: Path) -> str:
        """A path as the user would type it: relative to the working folder if it is below it."""
        try:
            return str(path.resolve().relative_to(self.cwd.resolve()))
        except (ValueError, RuntimeError):  # elsewhere, or a link to itself
            return str(path)


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        message = f"the working folder cannot be used: {error.strerror or error}"
        raise EnvironmentProblem(message, "change to a folder that exists") from error


def _print(line: str, stream: TextIO) -> None:
    text = visible(line)
    try:
        try:
            print(text, file=stream, flush=True)
        except UnicodeEncodeError as error:  # a terminal or a log in ASCII, or in an older encoding
            print(
                text.encode(error.encoding, "backslashreplace").decode(error.encoding),
                file=stream,
                flush=True,
            )
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Sends what is still buffered to the null device, so that the interpreter can flush at exit."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
