"""What the examiner reports: facts about backups, findings, and what stayed unknown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from examiner.fixes import FIXES


class CouldNotTellError(Exception):
    """The examination itself failed: it says nothing for or against the backups."""


@dataclass(frozen=True)
class Fact:
    """One backup that is there. ``age_s``: seconds since the last instant that it holds."""

    backup: str
    label: str
    taken: datetime
    age_s: float
    size_bytes: int
    kind: str

    def as_line(self) -> str:
        return json.dumps(
            {
                "backup": self.backup,
                "label": self.label,
                "taken": self.taken.isoformat(),
                "age_s": round(self.age_s, 1),
                "size_bytes": self.size_bytes,
                "kind": self.kind,
            }
        )


@dataclass(frozen=True)
class Finding:
    """Something is wrong with a backup. ``finding`` is a key of FIXES."""

    backup: str
    finding: str
    detail: str

    def as_line(self) -> str:
        fix = FIXES[self.finding]
        return json.dumps({"backup": self.backup, "finding": self.finding, "detail": self.detail, "fix": fix})


@dataclass(frozen=True)
class Examined:
    """What came of one backup's examination."""

    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...]


def stale(backup: str, label: str, age_s: float, max_age_s: float) -> list[Finding]:
    """A finding when the newest backup is older than policy allows."""
    if age_s <= max_age_s:
        return []
    return [
        Finding(
            backup, "stale", f"the newest, {label}, is {_span(age_s)} old; {_span(max_age_s)} are allowed"
        )
    ]


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds:.0f} s"
