"""The PMS's database: an append-only file of bookings, one JSON line each, on a volume of its own.

A booking is acknowledged once its line is on the disk (fsync), so a killed process or a lost machine loses
none of them. ``generation`` names one life of this database: a log can only be replayed on a dump of the same
life.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path

Booking = Mapping[str, object]


class Ledger:
    """Bookings by id. Position n is the state after the first n bookings."""

    def __init__(self, path: Path) -> None:
        self._bookings: dict[str, Booking] = {}
        self.generation = _generation_beside(path)
        if path.exists():
            _cut_torn_line(path)
            for line in path.read_text(encoding="utf-8").splitlines():
                booking = json.loads(line)
                self._bookings[booking["id"]] = booking
        self._file = path.open("a", encoding="utf-8")
        sync_folder(path.parent)

    @property
    def position(self) -> int:
        return len(self._bookings)

    def bookings(self, after: int = 0) -> tuple[Booking, ...]:
        """Those behind position ``after``, oldest first."""
        return tuple(self._bookings.values())[after:]

    def add(self, ident: str, booking: Booking) -> bool:
        """False when the id is known already: telling it twice changes nothing. Durable after `sync`."""
        if ident in self._bookings:
            return False
        self._file.write(json.dumps(booking) + "\n")
        self._file.flush()
        self._bookings[ident] = booking
        return True

    def sync(self) -> None:
        """All that was added is on the disk afterwards. Takes as long as the disk does."""
        os.fsync(self._file.fileno())


class GroupCommit:
    """One fsync for all bookings that wait for one; a request that only reads never waits for it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._durable = 0  # the position up to which all is on the disk
        self._one_at_a_time = asyncio.Lock()

    async def durable(self) -> None:
        """Until everything that was added before this call is on the disk. Raises OSError."""
        wanted = self._ledger.position
        async with self._one_at_a_time:
            if self._durable >= wanted:
                return
            reached = self._ledger.position
            await asyncio.to_thread(self._ledger.sync)
            self._durable = reached


def generation_file(ledger: Path) -> Path:
    return ledger.with_name("generation")


def write_durably(path: Path, text: str) -> None:
    """The whole text or nothing at all: never half a file under this name, not even after a power cut."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in ``folder`` durable; the files' own content needs an fsync of its own."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _generation_beside(ledger: Path) -> str:
    path = generation_file(ledger)
    if not path.exists():
        write_durably(path, uuid.uuid4().hex)
    return path.read_text(encoding="utf-8").strip()


def _cut_torn_line(path: Path) -> None:
    """A line without its end was being written when the process died: no client knows it as stored."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
