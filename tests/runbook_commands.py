"""The commands of a runbook, with the fault in which a test types them and what must come of it.

A comment before a block of commands says it, invisible to whoever reads the runbook:

    <!-- while FAULT: shows REGEX -->   an investigation: with the fault in place its output matches
    <!-- ends FAULT -->                 a resolution: it succeeds, and the fault is gone
    <!-- after FAULT: shows REGEX -->   a validation: soon after the resolution its output matches

``FAULT`` is a key of ``tests/stack/runbook_faults.yaml``; several are separated by commas. Sections that
`gameday runbooks` generates from
procedures are left out: the drill executes those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNBOOKS = ROOT / "docs" / "runbooks"
_GENERATED = re.compile(r"<!-- procedure ([\w-]+):.*?<!-- end of procedure \1 -->", re.DOTALL)
_MARKED = re.compile(
    r"<!-- (?P<when>while|ends|after) (?P<faults>[a-z, -]+?)(?:: shows (?P<shows>.+?))? -->\n\n"
    r"```sh\n(?P<commands>.*?)\n```$",
    re.DOTALL | re.MULTILINE,
)
_ANY_BLOCK = re.compile(r"^```|^ {4,}\S", re.MULTILINE)


class When(StrEnum):
    """At which point of a fault the commands are typed."""

    WHILE = "while"
    ENDS = "ends"
    AFTER = "after"


@dataclass(frozen=True)
class Block:
    """Commands that are typed together. ``shows``: what their output must match; empty for a resolution."""

    runbook: str
    when: When
    fault: str
    shows: str
    commands: str


def numbered() -> tuple[Path, ...]:
    """The ten runbooks of the incident guide, in order."""
    return tuple(sorted(RUNBOOKS.glob("[0-9][0-9]-*.md")))


def own_text(path: Path) -> str:
    """A runbook without its generated sections."""
    return _GENERATED.sub("", path.read_text(encoding="utf-8"))


def blocks_of(path: Path) -> tuple[Block, ...]:
    """Every marked block, in the order of the file."""
    return tuple(
        Block(path.stem, When(found["when"]), fault, found["shows"] or "", found["commands"])
        for found in _MARKED.finditer(own_text(path))
        for fault in found["faults"].split(", ")
    )


def unmarked(path: Path) -> list[str]:
    """The lines of commands that no test would type."""
    rest = _MARKED.sub("", own_text(path))
    return [line for line in rest.splitlines() if _ANY_BLOCK.match(line)]
