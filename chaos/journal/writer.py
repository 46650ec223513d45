"""Append-only, line by line; every planned change is on the disk before it is made."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from pydantic import JsonValue

from chaos.errors import EnvironmentProblem
from chaos.journal.place import RunPlace
from chaos.timeline.event_base import Reading
from chaos.timeline.events import EVENT, Event
from chaos.timeline.lines import LineCounter

# What tools and the stack said in their own words; a witness may quote an answer, and an answer a password.
_QUOTED = frozenset({"detail", "error", "reason", "failing", "output", "text", "payload"})


class JournalWriter:
    """Writes events to journal.jsonl, each line numbered. Every event but a periodic ``Reading`` is fsynced
    before ``write`` returns.

    ``hide`` removes secrets from a quoted text: what is not in the journal gets into no verdict or report.
    Raises ``EnvironmentProblem`` when the disk is full, and when the journal or the folder around it was
    deleted, replaced or changed from outside: the runner then undoes everything and ends.
    """

    def __init__(self, path: Path, hide: Callable[[str], str] = lambda text: text) -> None:
        self._path = path
        self._hide = hide
        self._place = RunPlace(path.parent)
        self._counter = LineCounter()
        self._broken = False
        try:
            self._stream = path.open("ab", buffering=0)
        except OSError as error:
            self._place.close()
            raise self._problem(error) from error
        self._size = os.fstat(self._stream.fileno()).st_size  # bytes that the file must have

    def write(self, event: Event) -> None:
        freed = _freed(json.loads(event.model_dump_json()), self._hide)  # its JSON knows no NaN
        body = json.dumps(freed, ensure_ascii=False, separators=(",", ":")).encode()
        self._append(self._counter.number(body), sync=not isinstance(event, Reading))

    def close(self) -> None:
        """Write the count as the last line. A journal that broke has none: its end is unknown. Idempotent."""
        if self._stream.closed:
            return
        try:
            if not self._broken:
                self._append(self._counter.end(), sync=True)
        finally:
            self._stream.close()
            self._place.close()

    def _append(self, line: bytes, sync: bool) -> None:
        whole, self._broken = not self._broken, True  # until this line is seen where it belongs
        try:
            written = self._stream.write(line)
            if written != len(line):
                raise OSError(28, "No space left on device")
            self._size += written
            if sync:
                os.fsync(self._stream.fileno())
        except OSError as error:
            raise self._problem(error) from error
        self._broken = not whole
        self.check()

    def check(self) -> None:
        """Raises ``EnvironmentProblem`` unless the journal still lies in its folder and holds what was
        written. After that ``close`` adds no count.
        """
        whole, self._broken = not self._broken, True
        self._place.check()
        mine = os.fstat(self._stream.fileno())
        try:
            found = self._path.lstat()
        except OSError as error:
            raise self._problem(error) from error
        if not os.path.samestat(mine, found):
            raise self._problem(OSError("another file replaced it"))
        if stat.S_ISREG(mine.st_mode) and mine.st_size != self._size:
            raise self._problem(OSError(f"expected {self._size} bytes, found {mine.st_size}"))
        self._broken = not whole

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A run that went well also ends with a journal that holds what was written (``check``)."""
        try:
            if error is None:
                self.check()
        finally:
            self.close()

    def _problem(self, error: OSError) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"cannot write the journal {self._path.name}: {error.strerror or error}",
            "free some space under the reports folder, and do not change it during a run",
        )


def _freed(value: JsonValue, hide: Callable[[str], str], quoted: bool = False) -> JsonValue:
    if isinstance(value, dict):
        return {key: _freed(inner, hide, quoted or key in _QUOTED) for key, inner in value.items()}
    if isinstance(value, list):
        return [_freed(inner, hide, quoted) for inner in value]
    return hide(value) if quoted and isinstance(value, str) else value


def redacted(event: Event, hide: Callable[[str], str]) -> Event:
    """The event as the journal holds it: without what ``hide`` removes from quoted texts."""
    return EVENT.validate_json(json.dumps(_freed(json.loads(event.model_dump_json()), hide)))
