"""The one door to the outside for the command line: streams, environment, working folder, clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from chaos.timing import Clock, SystemClock


@dataclass(frozen=True)
class World:
    """What a command may touch of its process; a test hands in its own."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path = field(default_factory=Path.cwd)
    clock: Clock = field(default_factory=SystemClock)

    def say(self, line: str = "") -> None:
        """One line for the user."""
        print(line, file=self.out, flush=True)

    def complain(self, line: str) -> None:
        """One line that must not be overlooked."""
        print(line, file=self.err, flush=True)

    def shown(self, path: Path) -> str:
        """A path as the user would type it: relative to the working folder where it lies below."""
        try:
            return str(path.resolve().relative_to(self.cwd.resolve()))
        except ValueError:
            return str(path)
