"""Off-site backups of the PMS, read without the PMS's own code: dumps and logs in one folder a generation.

Each file is a header, bookings, and a closing line with their number and the SHA-256 of all lines before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examiner.model import Fact, Finding, stale

NAME = "pms"
_FILE = re.compile(r"(?P<kind>dump|log)-(?:(?P<first>\d{9})-)?(?P<last>\d{9})\.jsonl")


@dataclass(frozen=True)
class PmsFile:
    """One file: the bookings behind position ``first`` up to ``last``. ``harm``: truncated, damaged, or
    nothing."""

    name: str
    kind: str
    first: int
    last: int
    size: int
    harm: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generation:
    """One life of the database. ``shipped``: how far its log has come and when, as the PMS noted it; 0 and
    1970 when ``note_harm`` says what is wrong with the note."""

    label: str
    files: tuple[PmsFile, ...]
    shipped: int
    shipped_at: datetime
    note_harm: str = ""

    def newest_dump(self) -> PmsFile | None:
        return max((each for each in self.files if each.kind == "dump"), key=lambda f: f.last, default=None)


def read_generations(folder: Path) -> tuple[Generation, ...] | None:
    """All of them, the one shipped to last at the end, those without a legible note at the beginning; None
    when the storage can't be read."""
    if not os.access(folder.parent, os.R_OK | os.X_OK):
        return None
    found = [_generation(each) for each in folder.glob("*") if each.is_dir()] if folder.is_dir() else []
    return tuple(sorted((each for each in found if each.newest_dump()), key=lambda each: each.shipped_at))


def pms_facts(generations: tuple[Generation, ...] | None, now: datetime) -> tuple[Fact, ...]:
    """The newest dump with its log, as one backup: it is as old as the last log that came. None when no note
    says when that was."""
    newest = generations[-1] if generations else None
    dump = newest.newest_dump() if newest else None
    if newest is None or dump is None or newest.note_harm:
        return ()
    size = sum(each.size for each in newest.files if each is dump or each.last > dump.last)
    age = (now - newest.shipped_at).total_seconds()
    return (Fact(NAME, dump.name, newest.shipped_at, age, size, "dump+log"),)


def judge_generations(
    generations: tuple[Generation, ...] | None, now: datetime, max_age_s: float
) -> tuple[Finding, ...]:
    """What reading the newest generation shows, and every note that would tell which one that is. Pure."""
    if generations is None:
        return (Finding(NAME, "unreachable", "the off-site storage cannot be read"),)
    if not generations:
        return (Finding(NAME, "empty", "no dump"),)
    newest = generations[-1]
    found = [
        Finding(NAME, "damaged_note", f"{each.label}/shipped.json {each.note_harm}")
        for each in generations
        if each.note_harm
    ]
    found += [Finding(NAME, each.harm, each.name) for each in newest.files if each.harm]
    if newest.note_harm:  # no note is left to hold age and gaps against
        return tuple(found)
    dump = newest.newest_dump()
    assert dump is not None  # read_generations keeps no other
    found += stale(NAME, dump.name, (now - newest.shipped_at).total_seconds(), max_age_s)
    found += [Finding(NAME, "missing_log", gap) for gap in gaps(newest, dump)]
    return tuple(found)


def gaps(generation: Generation, dump: PmsFile) -> list[str]:
    """Stretches behind ``dump`` that no log holds, up to where the PMS says it has shipped."""
    position, found = dump.last, []
    logs = [each for each in generation.files if each.kind == "log" and each.last > dump.last]
    for log in sorted(logs, key=lambda each: each.first):
        if log.first > position:
            found.append(f"nothing from position {position} to {log.first}")
        position = max(position, log.last)
    if position < generation.shipped:
        found.append(f"nothing from position {position} to {generation.shipped}")
    return found


def judge_replay(generation: Generation) -> tuple[Finding, ...]:
    """What replaying the newest dump and its log gives. Pure."""
    dump = generation.newest_dump()
    assert dump is not None
    position, ids = dump.last, list(dump.ids)
    for log in sorted((each for each in generation.files if each.kind == "log"), key=lambda each: each.last):
        if log.last > position:
            ids += log.ids[position - log.first :]
            position = log.last
    found = []
    if generation.shipped and not ids:
        found.append(Finding(NAME, "no_rows", f"0 of {generation.shipped} bookings"))
    elif len(ids) < generation.shipped:
        found.append(Finding(NAME, "too_few", f"{len(ids)} of {generation.shipped} bookings"))
    if twice := len(ids) - len(set(ids)):
        found.append(Finding(NAME, "semantics", f"{twice} bookings are there twice"))
    return tuple(found)


def _generation(folder: Path) -> Generation:
    files = []
    for path in sorted(folder.glob("*.jsonl")):
        if match := _FILE.fullmatch(path.name):
            first, last = int(match["first"] or 0), int(match["last"])
            text = path.read_text(encoding="utf-8", errors="replace")
            harm, ids = _content(text, last - first)
            files.append(PmsFile(path.name, match["kind"], first, last, path.stat().st_size, harm, ids))
    return Generation(folder.name, tuple(files), *_note(folder / "shipped.json"))


def _content(text: str, expected: int) -> tuple[str, tuple[str, ...]]:
    """What is wrong with a file, if anything, and the ids in it."""
    lines = text.splitlines(keepends=True)
    try:
        closing = json.loads(lines[-1])
        wanted, count = closing["sha256"], closing["count"]
    except (IndexError, ValueError, KeyError, TypeError):
        return "truncated", ()
    if hashlib.sha256("".join(lines[:-1]).encode()).hexdigest() != wanted or count != expected:
        return "damaged", ()
    try:
        return "", tuple(str(json.loads(line)["id"]) for line in lines[1:-1])
    except (ValueError, KeyError, TypeError):
        return "damaged", ()


def _note(path: Path) -> tuple[int, datetime, str]:
    """Position, instant, and what is wrong with the note: nothing, or that it is gone or damaged."""
    unknown = datetime.fromtimestamp(0, UTC)
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        position, at = int(note["position"]), datetime.fromisoformat(note["at"])
    except FileNotFoundError:
        return 0, unknown, "is gone"
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return 0, unknown, "is damaged"
    return (position, at, "") if at.tzinfo and position >= 0 else (0, unknown, "is damaged")
