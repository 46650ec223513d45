"""The append-only journal of a game day: one JSON object on each line, one line for each event.

The server reads it when it starts, so a restart loses no event. An event is not written if its author used
its key before: a double click, a repeated request and a page reload give one event.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from pydantic import ValidationError

from chaos.errors import DamagedRecording, EnvironmentProblem
from chaos.files import append_file, exists, read_file
from chaos.gameday.event_base import DayEvent, Role
from chaos.gameday.events import EVENT, Event

FILE_NAME = "journal.jsonl"
_REMEDY = "free some space under the reports folder, and do not change it during the game day"


class DayJournal:
    """Appends events to a file and keeps them in memory. Use it from one process and one thread.

    Raises ``DamagedRecording`` if the existing file cannot be read, and ``EnvironmentProblem`` if the file
    cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: list[Event] = []
        self._by_key: dict[tuple[str, str], Event] = {}
        self._listeners: list[Callable[[Event], None]] = []
        whole = 0
        if path.is_symlink():  # what it leads to may be somebody else's file
            raise DamagedRecording(f"{path}: expected a file of this folder, and it is a link")
        if exists(path):
            events, whole = _read(path)
            for event in events:
                self._keep(event)
        try:
            self._stream: IO[bytes] = append_file(path)
            self._stream.truncate(whole)  # gameday never confirmed a last line that a crash cut off
        except OSError as error:
            raise self._problem(error) from error

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event so far, in the order in which it was entered."""
        return tuple(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def find(self, author: str, key: str) -> Event | None:
        """The event that this author entered with this key; None if there is none."""
        return self._by_key.get((author, key))

    def append(self, event: Event) -> Event:
        """Write ``event`` and return it. If its author used its key before, only return that earlier event.

        Every event except a periodic one is fsynced. Raises ``EnvironmentProblem`` if the event cannot be
        written; the journal is then unchanged.
        """
        earlier = self.find(event.author, event.key)
        if earlier is not None:
            return earlier
        line = event.model_dump_json(exclude_defaults=False).encode() + b"\n"
        size = os.fstat(self._stream.fileno()).st_size
        try:
            if self._stream.write(line) != len(line):
                raise OSError(28, "No space left on device")
            if not event.periodic:
                os.fsync(self._stream.fileno())
        except OSError as error:
            self._stream.truncate(size)
            raise self._problem(error) from error
        self._keep(event)
        for listener in self._listeners:
            listener(event)
        return event

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call ``listener`` with each event that is written from now on. It must neither block nor raise."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Idempotent."""
        self._stream.close()

    def __enter__(self) -> DayJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, event: Event) -> None:
        self._events.append(event)
        self._by_key[(event.author, event.key)] = event

    def _problem(self, error: OSError) -> EnvironmentProblem:
        message = f"cannot write the game day's journal {self._path}: {error.strerror or error}"
        return EnvironmentProblem(message, _REMEDY)


def read_journal(path: Path) -> tuple[Event, ...]:
    """Every event of a stored journal. A last line that a crash cut off is left out.

    Raises ``DamagedRecording`` if the file cannot be read, or any other line is not an event.
    """
    return tuple(_read(path)[0])


def _read(path: Path) -> tuple[list[Event], int]:
    """The events, and the length of the complete lines in bytes."""
    try:
        data = read_file(path)
    except OSError as error:
        raise DamagedRecording(f"{path}: cannot be read: {error.strerror or error}") from error
    whole = data.rfind(b"\n") + 1
    events: list[Event] = []
    for number, line in enumerate(data[:whole].splitlines(), 1):
        try:
            events.append(EVENT.validate_json(line))
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"]
            raise DamagedRecording(f"{path}:{number}: not an event of a game day: {detail}") from error
    return events, whole


def new_id() -> str:
    """A random id (16 hex digits), which does not reveal the order of events."""
    return secrets.token_hex(8)


def by_gameday(kind: type[DayEvent], at: float, key: str, slot: int | None = None, **fields: object) -> Event:
    """An event of the program itself at ``at`` (seconds since the epoch). ``fields``: those of ``kind``.

    Raises ``ValidationError`` for fields that ``kind`` does not accept.
    """
    body = {"id": new_id(), "key": key, "author": "gameday", "role": Role.GAMEDAY, "at": at, "entered": at}
    return EVENT.validate_python(
        kind.model_validate({**body, "slot": slot, **fields}).model_dump(by_alias=True)
    )
