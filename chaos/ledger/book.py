"""The journal of the writes: a line is with the operating system before its call is made.

So a harness that is killed in the middle of a call has told that it made it. (Not fsynced: a power cut of
this machine would take the stack with it.)
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.timeline.ledger import LedgerOp


class Book:
    """Appends to ledger.jsonl. ``hide`` frees a detail of secrets. Raises ``EnvironmentProblem``."""

    def __init__(self, path: Path, hide: Callable[[str], str] = lambda text: text) -> None:
        self._path = path
        self._hide = hide
        self._file: int | None = None

    def write(self, op: LedgerOp) -> None:
        if op.detail:
            op = op.model_copy(update={"detail": self._hide(op.detail)})
        line = op.model_dump_json(exclude_defaults=True).encode() + b"\n"
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if os.write(self._file, line) != len(line):
                raise OSError(28, "No space left on device")
        except OSError as error:
            raise EnvironmentProblem(
                f"{self._path.name} cannot be written: {error.strerror or error}",
                "free some space under the reports folder; what was recorded so far is kept",
            ) from error

    def close(self) -> None:
        """Idempotent."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
