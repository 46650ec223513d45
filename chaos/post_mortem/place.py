"""Finds the path of a post-mortem, ``INC-YYYYMMDD-NNN-title.md``, and existing post-mortems."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from chaos.files import is_file, read_any_text

_MARK = re.compile(r"^<!-- gameday post-mortem: (.*) -->$", re.MULTILINE)
_DRILL = re.compile(r"INC-\d{8}-\d{3,}-drill-")
_NUMBER = re.compile(r"INC-(\d{8})-(\d{3,})")
_LONGEST = 60  # characters of the title in the name
_HEAD = 4096  # characters; the mark stands in the first lines


def mark_of(record: str) -> str:
    """The line that says in a post-mortem what it is about."""
    return f"<!-- gameday post-mortem: {record} -->"


def record_of(written: str) -> str:
    """What a post-mortem is about, as ``mark_of`` was given it; empty without such a line."""
    found = _MARK.search(written)
    return found[1] if found is not None else ""


def is_of_drill(name: str) -> bool:
    """Is the file about an exercise? The title of an incident may hold the word too, so its place counts."""
    return _DRILL.match(name) is not None


def file_name(number: str, title: str, *, drill: bool) -> str:
    """The name of the file; the title in lower case, and nothing in it that is not a letter or a digit."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_LONGEST].strip("-") or "untitled"
    return f"{number}-{'drill-' if drill else ''}{words}.md"


def next_number(at: float, taken: Iterable[str]) -> str:
    """The first ``INC-YYYYMMDD-NNN`` of that day (UTC) after all that ``taken`` (names, numbers) contain."""
    day = f"{datetime.fromtimestamp(at, UTC):%Y%m%d}"
    found = (_NUMBER.match(name) for name in taken)
    used = [int(one[2]) for one in found if one is not None and one[1] == day]
    return f"INC-{day}-{max(used, default=0) + 1:03d}"


def existing(folder: Path, record: str) -> Path | None:
    """The post-mortem of ``record`` in the folder, if there is one. Raises ``BadInput`` for an unreadable
    file.
    """
    mark = mark_of(record)
    for path in sorted(folder.glob("INC-*.md")):
        if is_file(path) and mark in read_any_text(path)[:_HEAD]:
            return path
    return None
