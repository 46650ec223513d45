"""What a command uses of the outside world: streams, environment, working folder, clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from chaos.timing import Clock, SystemClock
from chaos.visible import visible


@dataclass(frozen=True)
class CommandContext:
    """The streams, environment, working folder and clock of a command. A test passes its own."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=Path.cwd)
    clock: Clock = field(default_factory=SystemClock)

    def say(self, line: str = "") -> None:
        """Prints one line, with control characters made visible. Ignores a closed pipe (``| head``)."""
        _print(line, self.out)

    def complain(self, line: str) -> None:
        """Prints one line to standard error."""
        _print(line, self.err)

    def shown(self, path: Path) -> str:
        """A path as the user would type it: relative to the working folder if it is below it."""
        try:
            return str(path.resolve().relative_to(self.cwd.resolve()))
        except (ValueError, RuntimeError):  # elsewhere, or a link to itself
            return str(path)


def _print(line: str, stream: TextIO) -> None:
    try:
        print(visible(line), file=stream, flush=True)
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Sends what is still buffered to the null device, so that the interpreter can flush at exit."""
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
