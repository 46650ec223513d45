"""Which WAL segments a repository must hold, and which of them it lacks. Pure.

The backup tool's own verification calls an archive with a gap valid (seen with pgBackRest 2.55: a segment
removed from the middle, or even the one in which a backup ends, leaves its status at "ok").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

PER_LOG = 256  # segments of 16 MiB in 4 GiB, the part of a name that wraps
SEGMENT_BYTES = 16 * 1024 * 1024
_NAME = re.compile(r"[0-9A-F]{24}")


@dataclass(frozen=True, order=True)
class Segment:
    """One WAL segment: its timeline and its number since the beginning."""

    timeline: int
    number: int

    def __str__(self) -> str:
        return f"{self.timeline:08X}{self.number // PER_LOG:08X}{self.number % PER_LOG:08X}"


def as_segment(name: str) -> Segment:
    """From ``000000010000000000000003``. Raises ValueError for anything else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"no WAL segment: {name!r}")
    return Segment(int(name[:8], 16), int(name[8:16], 16) * PER_LOG + int(name[16:], 16))


@dataclass(frozen=True)
class Span:
    """The WAL that belongs to one base backup, both ends included."""

    start: Segment
    stop: Segment


@dataclass(frozen=True)
class Branch:
    """Where a timeline left its parent: ``number`` is the segment that both share."""

    parent: int
    number: int


def read_history(text: str) -> Branch | None:
    """The last line of a timeline's history file, ``1<tab>0/3000148<tab>reason``; None if there is none."""
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not rows:
        return None
    high, _, low = rows[-1][1].partition("/")
    position = (int(high, 16) << 32) + int(low, 16)
    return Branch(int(rows[-1][0]), position // SEGMENT_BYTES)


def missing_segments(
    present: Collection[Segment], backups: Collection[Span], branches: Mapping[int, Branch]
) -> tuple[Segment, ...]:
    """Those without which a recovery from one of ``backups`` to the newest segment stops too early.

    What lies before the oldest backup of a timeline may have expired and is not asked for.
    """
    have = set(present)
    wanted = {
        Segment(span.start.timeline, n)
        for span in backups
        for n in range(span.start.number, span.stop.number + 1)
    }
    for timeline in {each.timeline for each in have} | set(branches):
        ends = [each.number for each in have if each.timeline == timeline]
        # Of the segment in which a timeline branched off, the child keeps the parent's part too.
        ends += [branch.number - 1 for branch in branches.values() if branch.parent == timeline]
        starts = [span.start.number for span in backups if span.start.timeline == timeline]
        if timeline in branches and _older_backup(timeline, backups, branches):
            starts = [branches[timeline].number]
        if starts and ends:
            wanted |= {Segment(timeline, n) for n in range(min(starts), max(ends) + 1)}
    return tuple(sorted(wanted - have))


def _older_backup(timeline: int, backups: Collection[Span], branches: Mapping[int, Branch]) -> bool:
    """Whether a recovery may come into ``timeline`` from a backup of one of its ancestors."""
    while timeline in branches:
        branch = branches[timeline]
        timeline = branch.parent
        if any(span.start.timeline == timeline and span.start.number <= branch.number for span in backups):
            return True
    return False
