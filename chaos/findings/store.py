"""Reads and writes findings. Every statement is parameterised; every write is one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date

from chaos.errors import BadInput, Problem
from chaos.findings.advance import ScenarioRun, advance
from chaos.findings.model import Finding
from chaos.sqlite_file import SqliteStore, row_dicts

REMEDY = "restore it from a copy; gameday findings creates a new one from the history, without owners"
_SELECT = (
    "SELECT number, identity, title, scenario, stack, source, owner, due, opened, last_seen, times, reopened,"
    " closed, closed_by FROM findings ORDER BY number"
)
_INSERT = (
    "INSERT INTO findings (identity, title, scenario, stack, source, owner, due, opened, last_seen, times,"
    " reopened, closed, closed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE findings SET due = ?, opened = ?, last_seen = ?, times = ?, reopened = ?, closed = ?,"
    " closed_by = ? WHERE number = ?"
)
_COUNTED = "SELECT run_id, began FROM runs"
_LATER = "SELECT closes FROM runs WHERE began > ? AND closes != ''"
_COUNT = "INSERT INTO runs (run_id, began, closes) VALUES (?, ?, ?)"


class Findings(SqliteStore):
    """The open list of findings. Every method raises ``EnvironmentProblem`` for an error of SQLite."""

    name, remedy = "list of findings", REMEDY

    def all(self) -> tuple[Finding, ...]:
        """Every finding, closed ones included, by number."""
        with self._using() as connection:
            return tuple(_select(connection))

    def count(self, runs: Iterable[ScenarioRun]) -> None:
        """Apply the runs that were not counted before, oldest first, in one transaction. What they found is
        closed at once if a later run that passed was counted before them.
        """
        with self._writing() as connection:
            known = set(connection.execute(_COUNTED))
            new = sorted(
                (one for one in runs if (one.run_id, one.began) not in known), key=lambda one: one.began
            )
            if not new:
                return
            later = connection.execute(_LATER, (new[0].began,))
            counted = [ScenarioRun.model_validate_json(text) for (text,) in later]
            findings = tuple(_select(connection))
            for run in new:
                closes = run.model_copy(update={"failed": ()}).model_dump_json()
                connection.execute(_COUNT, (run.run_id, run.began, closes))
                findings = advance(findings, run, counted)
            for finding in findings:
                _put(connection, finding)

    def note(self, findings: Iterable[Finding]) -> int:
        """Add findings whose identity is not in the list yet. Returns how many were new."""
        with self._writing() as connection:
            known = {one.identity for one in _select(connection)}
            new = {one.identity: one for one in findings if one.identity not in known}
            for finding in new.values():
                _put(connection, finding)
            return len(new)

    def assign(self, name: str, owner: str | None, due: date | None) -> Finding:
        """Set the owner or the due date of a finding (``F-0012``); None keeps it. ``BadInput`` for an unknown
        name.
        """
        number = int(name[2:]) if re.fullmatch(r"F-[0-9]{4,9}", name) else 0
        with self._writing() as connection:
            found = next((one for one in _select(connection) if one.number == number), None)
            if found is None:
                raise BadInput([Problem.about(name, "unknown finding", "gameday findings lists them")])
            changed = found.model_copy(
                update={"owner": found.owner if owner is None else owner, "due": due or found.due}
            )
            connection.execute(
                "UPDATE findings SET owner = ?, due = ? WHERE number = ?",
                (changed.owner, changed.due.isoformat(), number),
            )
            return changed


def _select(connection: sqlite3.Connection) -> Iterator[Finding]:
    return (Finding.model_validate(row) for row in list(row_dicts(connection.execute(_SELECT))))


def _put(connection: sqlite3.Connection, one: Finding) -> None:
    due, count = one.due.isoformat(), (one.opened, one.last_seen, one.times, one.reopened)
    end = (one.closed, one.closed_by)
    if one.number:
        connection.execute(_UPDATE, (due, *count, *end, one.number))
    else:
        what = (one.identity, one.title, one.scenario, one.stack, one.source, one.owner)
        connection.execute(_INSERT, (*what, due, *count, *end))
