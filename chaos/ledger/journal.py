"""The journal of a ledger's writes. Every line is handed to the operating system before its call is made.

When gameday is killed in the middle of a call, the journal holds that call. Lines are not fsynced: a power
cut of this machine would end the stack as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.lines import LineCounter


class LedgerJournal:
    """Appends to ledger.jsonl. ``hide`` removes secrets from a detail. Raises ``EnvironmentProblem``."""

    def __init__(self, path: Path, hide: Callable[[str], str] = lambda text: text) -> None:
        self._path = path
        self._hide = hide
        self._file: int | None = None
        self._counter = LineCounter()
        self._broken = False
        self._closed = False

    def write(self, op: LedgerOp) -> None:
        if op.detail:
            op = op.model_copy(update={"detail": self._hide(op.detail)})
        self._append(self._counter.number(op.model_dump_json(exclude_defaults=True).encode()))

    def close(self) -> None:
        """Write the count as the last line. A file that broke has none: its end is unknown. Idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self._broken:
                self._append(self._counter.end())
        finally:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _append(self, line: bytes) -> None:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if os.write(self._file, line) != len(line):
                raise OSError(28, "No space left on device")
        except OSError as error:
            self._broken = True
            raise EnvironmentProblem(
                f"cannot write {self._path.name}: {error.strerror or error}",
                "free some space under the reports folder; gameday keeps what it recorded so far",
            ) from error
