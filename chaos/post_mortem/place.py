"""Names files of post-mortems, ``INC-YYYYMMDD-NNN-title.md``, and finds existing ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from chaos.files import files_in, is_file, read_any_text

_MARK = re.compile(r"^<!-- gameday post-mortem: (.*) -->$", re.MULTILINE)
_DRILL = re.compile(r"INC-\d{8}-\d{3,}-drill-")
_NUMBER = re.compile(r"INC-(\d{8})-(\d{3,})")
_LONGEST = 60  # characters of the title in the name
_HEAD = 4096  # characters; the mark is in the first lines


def mark_of(record: str) -> str:
    """The line of a post-mortem that names its record: the run, incident or game day."""
    return f"<!-- gameday post-mortem: {record} -->"


def record_of(written: str) -> str:
    """The record that a post-mortem names, as passed to ``mark_of``; empty without such a line."""
    found = _MARK.search(written)
    return found[1] if found is not None else ""


def is_of_drill(name: str) -> bool:
    """Is the file about an exercise? Only ``drill`` right after the number counts: a title may contain it."""
    return _DRILL.match(name) is not None


def file_name(number: str, title: str, *, drill: bool) -> str:
    """The name of the file: number, ``drill`` for an exercise, and the title in lower case, with dashes in
    place of everything but ASCII letters and digits, cut to ``_LONGEST`` characters.
    """
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_LONGEST].strip("-") or "untitled"
    return f"{number}-{'drill-' if drill else ''}{words}.md"


def next_number(at: float, taken: Iterable[str]) -> str:
    """The next ``INC-YYYYMMDD-NNN`` of the UTC day of ``at`` (seconds since the epoch). ``taken``: existing
    file names or numbers.
    """
    day = f"{datetime.fromtimestamp(at, UTC):%Y%m%d}"
    found = (_NUMBER.match(name) for name in taken)
    used = [int(one[2]) for one in found if one is not None and one[1] == day]
    return f"INC-{day}-{max(used, default=0) + 1:03d}"


def existing(folder: Path, record: str) -> Path | None:
    """The post-mortem of ``record`` in the folder; None without one. Raises ``BadInput`` for an unreadable
    file.
    """
    mark = mark_of(record)
    for path in files_in(folder, "INC-*.md"):
        if is_file(path) and mark in read_any_text(path)[:_HEAD]:
            return path
    return None
