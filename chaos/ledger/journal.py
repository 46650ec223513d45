"""Writes ledger.jsonl, the journal of all ledger writes.

gameday passes the ``invoked`` line of a call to the operating system before it makes the call. If gameday is
killed during the call, the file holds that line. Lines are not fsynced: a power cut would end the stack too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.lines import LineCounter


class LedgerJournal:
    """Appends numbered lines to ledger.jsonl. ``hide`` removes secrets from ``detail``.

    ``write`` and ``close`` raise ``EnvironmentProblem`` if the file cannot be written.
    """

    def __init__(self, path: Path, hide: Callable[[str], str] = lambda text: text) -> None:
        self._path = path
        self._hide = hide
        self._file: int | None = None
        self._counter = LineCounter()
        self._broken = False
        self._closed = False

    def write(self, op: LedgerOp) -> None:
        """Append one line. The operating system has it when this returns."""
        if op.detail:
            op = op.model_copy(update={"detail": self._hide(op.detail)})
        self._append(self._counter.number(op.model_dump_json(exclude_defaults=True).encode()))

    def close(self) -> None:
        """Write the number of lines as the last line, unless an earlier write failed. Idempotent."""
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
