"""Writes the journal of a run, append-only. Every planned change is on the disk before gameday makes it."""

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

# Fields that quote tools or the stack. An answer that a witness quotes may contain a password.
_QUOTED = frozenset({"detail", "error", "reason", "failing", "output", "text", "payload"})


class JournalWriter:
    """Writes events to journal.jsonl as numbered lines.

    Every event except a periodic ``Reading`` is fsynced before ``write`` returns. ``hide`` removes secrets
    from quoted texts, so that they reach no verdict and no report. Raises ``EnvironmentProblem`` if the disk
    is full, or if the journal or its folder was deleted, replaced or changed from outside. The runner then
    undoes everything and ends.
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
        self._size = os.fstat(self._stream.fileno()).st_size  # expected size of the file in bytes

    def write(self, event: Event) -> None:
        """Append one event as the next line, without secrets, then ``check`` the journal."""
        freed = _freed(json.loads(event.model_dump_json()), self._hide)  # pydantic's JSON contains no NaN
        body = json.dumps(freed, ensure_ascii=False, separators=(",", ":")).encode()
        self._append(self._counter.number(body), sync=not isinstance(event, Reading))

    def close(self) -> None:
        """Write the number of lines as the last line, unless an earlier write or check failed. Idempotent."""
        if self._stream.closed:
            return
        try:
            if not self._broken:
                self._append(self._counter.end(), sync=True)
        finally:
            self._stream.close()
            self._place.close()

    def _append(self, line: bytes, sync: bool) -> None:
        whole, self._broken = not self._broken, True  # until the line is known to be in the file
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
        """Raises ``EnvironmentProblem`` if the journal was moved or replaced, or has an unexpected size.

        After such an error, ``close`` writes no last line.
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
        """Check the journal once more (``check``) unless an exception is passing through, then close it."""
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
    """The event as the journal holds it, with ``hide`` applied to quoted texts."""
    return EVENT.validate_json(json.dumps(_freed(json.loads(event.model_dump_json()), hide)))
