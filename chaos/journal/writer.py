"""Append-only, line by line; an intent is on the disk before its blow falls."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from pydantic import JsonValue

from chaos.errors import EnvironmentProblem
from chaos.timeline.events import Event, Sample

# What tools and the stack said in their own words; a witness may quote an answer, and an answer a password.
_QUOTED = frozenset({"detail", "error", "reason", "failing", "output"})


class JournalWriter:
    """Writes events to journal.jsonl. Every event but a probe's sample is fsynced before ``write`` returns.

    ``hide`` frees a quoted text of secrets: what is not in the journal can get into no verdict and no report.
    Raises ``EnvironmentProblem`` when the disk is full: the runner then undoes everything and ends.
    """

    def __init__(self, path: Path, hide: Callable[[str], str] = lambda text: text) -> None:
        self._path = path
        self._hide = hide
        try:
            self._stream = path.open("ab", buffering=0)
        except OSError as error:
            raise self._problem(error) from error

    def write(self, event: Event) -> None:
        told = _freed(json.loads(event.model_dump_json()), self._hide)  # its JSON knows no NaN
        line = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
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


def _freed(value: JsonValue, hide: Callable[[str], str], quoted: bool = False) -> JsonValue:
    if isinstance(value, dict):
        return {key: _freed(inner, hide, quoted or key in _QUOTED) for key, inner in value.items()}
    if isinstance(value, list):
        return [_freed(inner, hide, quoted) for inner in value]
    return hide(value) if quoted and isinstance(value, str) else value
