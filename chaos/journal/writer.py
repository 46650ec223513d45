"""Append-only, line by line; an intent is on the disk before its blow falls."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from chaos.errors import EnvironmentProblem
from chaos.timeline.events import Event, Sample


class JournalWriter:
    """Writes events to journal.jsonl. Every event but a probe's sample is fsynced before ``write`` returns.

    Raises ``EnvironmentProblem`` when the disk is full: the runner then undoes everything and ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._stream = path.open("ab", buffering=0)
        except OSError as error:
            raise self._problem(error) from error

    def write(self, event: Event) -> None:
        line = event.model_dump_json(exclude_defaults=False).encode() + b"\n"
        try:
            written = self._stream.write(line)
            if written != len(line):
                raise OSError(28, "No space left on device")
            if not isinstance(event, Sample):
                os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._problem(error) from error

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _problem(self, error: OSError) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"the journal {self._path.name} cannot be written: {error.strerror or error}",
            "free some space under the reports folder; what was recorded so far is kept",
        )
