"""The PMS's off-site backups: dumps of the whole ledger, and logs of what came after.

One folder a generation of the database; in it ``dump-<position>.jsonl`` and ``log-<from>-<to>.jsonl``. Every
file is a header, the bookings, and a closing line with their number and the SHA-256 of all lines before it,
so a file that was cut off says so itself. ``shipped.json`` says how far the log has come and when: a log that
stopped coming, or whose last file is gone, can be distinguished from a quiet night.

A database that begins empty ships nothing until it is dumped once. Otherwise the fresh, empty one that stands
in the place of a lost one would at once become the newest backup.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pms_ledger import Booking, Ledger, generation_file, write_durably

FORMAT = 1
_NAME = re.compile(r"(?P<kind>dump|log)-(?:(?P<first>\d{9})-)?(?P<last>\d{9})\.jsonl")


class BackupError(Exception):
    """A backup can't be written, or can't be restored; the text says which file and why."""


@dataclass(frozen=True)
class Stored:
    """One file off-site; it holds the bookings behind position ``first`` up to position ``last``."""

    path: Path
    kind: str  # dump | log
    first: int
    last: int


@dataclass(frozen=True)
class Restored:
    generation: str
    bookings: int
    dump: str
    logs: int


def dump(ledger: Ledger, offsite: Path) -> Path:
    """The whole ledger, off-site and durable. Raises BackupError.

    The log up to here goes first: should this dump be damaged, the one before it and the logs still suffice.
    """
    ship(ledger, offsite)
    folder = offsite / ledger.generation
    stored = folder / f"dump-{ledger.position:09d}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(stored, _text("dump", ledger.generation, 0, ledger.bookings()))
        _note(folder, ledger.position)
    except OSError as problem:
        raise BackupError(f"{stored}: {problem.strerror}") from problem
    return stored


def ship(ledger: Ledger, offsite: Path) -> Path | None:
    """What came since the last dump or log, off-site and durable.

    None where there is nothing new, or no dump yet to add to. Raises BackupError.
    """
    folder = offsite / ledger.generation
    try:
        there = stored_files(folder)
        if not any(each.kind == "dump" for each in there):
            return None
        first, last = max(each.last for each in there), ledger.position
        log = folder / f"log-{first:09d}-{last:09d}.jsonl" if last > first else None
        if log is not None:
            write_durably(log, _text("log", ledger.generation, first, ledger.bookings(first)[: last - first]))
        _note(folder, last)
    except OSError as problem:
        raise BackupError(f"{folder}: {problem.strerror}") from problem
    return log


def restore(offsite: Path, ledger: Path) -> Restored:
    """Writes ``ledger`` from the newest dump and every log behind it.

    Raises BackupError, and leaves everything as it was, when the ledger holds bookings already, when there is
    no dump, or when a file is missing or damaged: half a database that looks whole is worse than none.
    """
    if ledger.exists() and ledger.stat().st_size:
        raise BackupError(
            f"{ledger} holds bookings: remove the volume first, if they are really to be replaced"
        )
    folder = newest_generation(offsite)
    files = stored_files(folder)
    newest = max((each for each in files if each.kind == "dump"), key=lambda each: each.last)
    bookings, logs = list(read_stored(newest)), 0
    for log in sorted((each for each in files if each.kind == "log"), key=lambda each: each.last):
        if log.last <= len(bookings):
            continue  # the dump holds it already
        if log.first > len(bookings):
            raise BackupError(f"{folder}: the log from position {len(bookings)} to {log.first} is missing")
        bookings += read_stored(log)[len(bookings) - log.first :]
        logs += 1
    known = _position_of_note(folder)
    if len(bookings) < known:
        raise BackupError(f"{folder}: the log from position {len(bookings)} to {known} is missing")
    ledger.parent.mkdir(parents=True, exist_ok=True)
    write_durably(generation_file(ledger), folder.name)
    write_durably(ledger, "".join(json.dumps(booking) + "\n" for booking in bookings))
    return Restored(folder.name, len(bookings), newest.path.name, logs)


def newest_generation(offsite: Path) -> Path:
    """The folder that was shipped to last. Raises BackupError when no folder holds a dump, or when it is
    unknown which of several is the newest: an older one must not take its place in silence.
    """
    with_dump = [
        each for each in offsite.glob("*") if any(stored.kind == "dump" for stored in stored_files(each))
    ]
    if not with_dump:
        raise BackupError(f"{offsite}: no dump")
    unreadable = [folder.name for folder in with_dump if not _note_of(folder)[1]]
    if unreadable and len(with_dump) > 1:
        raise BackupError(
            f"{offsite}: the newest generation is unknown: no readable note of {', '.join(unreadable)}"
        )
    return max(with_dump, key=lambda folder: _note_of(folder)[1])


def stored_files(folder: Path) -> tuple[Stored, ...]:
    found = []
    for path in folder.glob("*.jsonl"):
        if match := _NAME.fullmatch(path.name):
            found.append(Stored(path, match["kind"], int(match["first"] or 0), int(match["last"])))
    return tuple(found)


def read_stored(stored: Stored) -> tuple[Booking, ...]:
    """Its bookings. Raises BackupError when the file isn't whole."""
    lines = stored.path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    try:
        closing = json.loads(lines[-1])
        bookings = tuple(json.loads(line) for line in lines[1:-1])
        whole = closing["sha256"] == _sha256(lines[:-1]) and closing["count"] == len(bookings)
    except (IndexError, ValueError, KeyError, TypeError):
        whole = False
    if not whole or len(bookings) != stored.last - stored.first:
        raise BackupError(f"{stored.path}: cut off or damaged")
    return bookings


def _text(kind: str, generation: str, first: int, bookings: Sequence[Booking]) -> str:
    header = {"format": FORMAT, "kind": kind, "generation": generation, "first": first, "taken": _now()}
    lines = [json.dumps(each) + "\n" for each in (header, *bookings)]
    return "".join(lines) + json.dumps({"count": len(bookings), "sha256": _sha256(lines)}) + "\n"


def _sha256(lines: Sequence[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _note(folder: Path, position: int) -> None:
    write_durably(folder / "shipped.json", json.dumps({"position": position, "at": _now()}) + "\n")


def _note_of(folder: Path) -> tuple[int, str]:
    try:
        note = json.loads((folder / "shipped.json").read_text(encoding="utf-8"))
        return int(note["position"]), str(note["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""


def _position_of_note(folder: Path) -> int:
    return _note_of(folder)[0]


def _now() -> str:
    return datetime.now(UTC).isoformat()
