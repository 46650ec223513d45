"""Findings against a PostgreSQL repository that only reading it can show. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from examiner.model import Fact, Finding, stale
from examiner.repository import Repository
from examiner.wal import missing_segments

NAME = "postgres"


def repository_facts(repository: Repository | None, now: datetime) -> tuple[Fact, ...]:
    if repository is None:
        return ()
    return tuple(
        Fact(
            NAME,
            each.label,
            datetime.fromtimestamp(each.stopped, UTC),
            now.timestamp() - each.stopped,
            each.size,
            each.kind,
        )
        for each in repository.backups
    )


def judge_repository(repository: Repository | None, now: datetime, max_age_s: float) -> tuple[Finding, ...]:
    """Every finding; none for a healthy repository. None as ``repository``: the storage can't be read."""
    if repository is None:
        return (Finding(NAME, "unreachable", "the off-site storage cannot be read"),)
    newest = repository.newest()
    if newest is None:
        damaged = repository.status is not None and "Error" in repository.status
        kind = "unreadable" if damaged else "empty"
        return (Finding(NAME, kind, repository.status or "the repository lists no backup"),)
    found = stale(NAME, newest.label, now.timestamp() - newest.stopped, max_age_s)
    found += _bytes(repository)
    found += _wal(repository)
    found += [
        Finding(NAME, "source_damaged", f"{each.label} was taken from pages with wrong checksums")
        for each in repository.backups
        if each.source_damaged
    ]
    return tuple(found)


def _bytes(repository: Repository) -> list[Finding]:
    """One finding a backup: what its files show, else what its checksums say."""
    found = []
    for each in repository.backups:
        bad = [bad for bad in repository.bad_files if bad.label == each.label]
        if bad:
            found.append(Finding(NAME, bad[0].harm, "; ".join(one.detail for one in bad[:5])))
        elif number := repository.invalid_files.get(each.label):
            found.append(Finding(NAME, "damaged", f"{each.label}: {number} files have wrong checksums"))
    if repository.invalid_wal:
        found.append(
            Finding(NAME, "damaged_wal", f"{repository.invalid_wal} WAL segments have wrong checksums")
        )
    return found


def _wal(repository: Repository) -> list[Finding]:
    spans = [each.wal for each in repository.backups if each.wal is not None]
    gap = missing_segments(repository.present, spans, repository.branches)
    if not gap:
        return []
    more = f" and {len(gap) - 5} more" if len(gap) > 5 else ""
    return [Finding(NAME, "missing_wal", ", ".join(str(each) for each in gap[:5]) + more)]
