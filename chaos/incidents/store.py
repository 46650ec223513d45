"""Reads and writes incidents. All SQL is parameterised; every write is one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from pydantic_core import from_json

from chaos.errors import BadInput, Problem
from chaos.incidents.detector import Watch, WatchStep
from chaos.model.incidents import Accuracy, Incident
from chaos.sqlite_file import SqliteStore, row_dicts

REMEDY = "gameday detect creates a new one and again reads what Prometheus still holds (--lookback)"
_REAL, _DRILL = "INC", "DRL"
_SELECT = (
    "SELECT number, source, alert, labels, severity, runbook, began, caused, fired, noticed, last_active,"
    " resolved, note, drill, pace, accuracy FROM incidents"
    " WHERE (?1 IS NULL OR fired >= ?1 OR (resolved IS NULL AND drill = ''))"
    " AND (?2 IS NULL OR number = ?2)"
    " AND (?3 IS NULL OR (source = ?3 AND resolved IS NULL AND drill = '')) ORDER BY fired, number"
)
_INSERT = (
    "INSERT INTO incidents (number, source, alert, labels, severity, runbook, began, caused, fired, noticed,"
    " last_active, resolved, note, drill, pace, accuracy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ?, ?, ?, ?)"
)


class Incidents(SqliteStore):
    """An open list of incidents.

    Every method raises ``EnvironmentProblem`` if SQLite fails or a row is invalid.
    """

    name, remedy = "list of incidents", REMEDY

    def watch(self, source: str) -> Watch:
        """The detector's state for this Prometheus, with its open incidents; empty if it was never read."""
        with self._using() as connection:
            return _watch(connection, source)

    def apply(self, before: Watch, step: WatchStep) -> tuple[Incident, ...] | None:
        """Store the changes of one reading, all or none. Returns the opened incidents, with their numbers.

        Returns None and stores nothing if another detector has stored a reading since ``before``. Its
        incidents are stored then, and the caller reads again from the new ``watch``.
        """
        with self._writing() as connection:
            if _watch(connection, before.source).read_to != before.read_to:
                return None
            after = step.watch
            connection.execute(
                "INSERT OR REPLACE INTO watches (source, read_to, last_scrape, running_since, read_from)"
                " VALUES (?, ?, ?, ?, ?)",
                (after.source, after.read_to, after.last_scrape, after.running_since, after.read_from),
            )
            # Known incidents first: the same reading may resolve an alert's incident and open the next.
            for incident in (*step.resolved, *after.open):
                connection.execute(
                    "UPDATE incidents SET last_active = ?, resolved = ?, note = ?"
                    " WHERE source = ? AND labels = ? AND fired = ?",
                    (incident.last_active, incident.resolved, incident.note, *_key(incident)),
                )
            return tuple(_insert(connection, incident) for incident in step.opened)

    def keep_drill(self, drill: str, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        """Replace the incidents of ``drill`` (a run id). Returns them with their numbers."""
        with self._writing() as connection:
            connection.execute("DELETE FROM incidents WHERE drill = ?", (drill,))
            return tuple(_insert(connection, incident) for incident in incidents)

    def judge(self, accuracies: Mapping[str, Accuracy]) -> None:
        """Store whether the alerts of incidents, by number, were right. Raises ``BadInput``, and writes
        nothing, for an unknown number.
        """
        with self._writing() as connection:
            for number, accuracy in accuracies.items():
                done = connection.execute(
                    "UPDATE incidents SET accuracy = ? WHERE number = ?", (str(accuracy), number)
                )
                if done.rowcount != 1:
                    fix = "gameday incidents lists the numbers"
                    raise BadInput([Problem.about(number, "unknown incident", fix)])

    def all(self, since: float | None = None) -> tuple[Incident, ...]:
        """The incidents and drills that fired at or after ``since``, and all open incidents; oldest first.

        ``since``: seconds since the epoch; None: all. An open drill counts only by when it fired.
        """
        with self._using() as connection:
            return tuple(_select(connection, since=since))

    def watched(self) -> tuple[tuple[float, float], ...]:
        """From when to when detectors have read each Prometheus without a gap, up to its last reading."""
        with self._using() as connection:
            return tuple(
                (float(since), float(until))
                for since, until in connection.execute("SELECT read_from, read_to FROM watches")
                if since is not None and until is not None
            )


def _watch(connection: sqlite3.Connection, source: str) -> Watch:
    found = connection.execute(
        "SELECT read_to, last_scrape, running_since, read_from FROM watches WHERE source = ?", (source,)
    ).fetchone()
    read_to, last_scrape, running_since, read_from = found or (None, None, None, None)
    return Watch(
        source=source,
        read_to=read_to,
        last_scrape=last_scrape,
        running_since=running_since,
        read_from=read_from,
        open=tuple(_select(connection, open_of=source)),
    )


def _select(
    connection: sqlite3.Connection,
    since: float | None = None,
    number: str | None = None,
    open_of: str | None = None,
) -> Iterator[Incident]:
    """Oldest first. ``open_of``: only the open incidents of this Prometheus, without drills."""
    for row in row_dicts(connection.execute(_SELECT, (since, number, open_of))):
        yield Incident.model_validate({**row, "labels": from_json(str(row["labels"]))})


def _insert(connection: sqlite3.Connection, incident: Incident) -> Incident:
    numbered = incident.model_copy(update={"number": _next_number(connection, incident)})
    source, labels, fired = _key(numbered)
    connection.execute(
        _INSERT,
        (
            *(numbered.number, source, numbered.alert, labels, str(numbered.severity), numbered.runbook),
            *(numbered.began, numbered.caused, fired, numbered.noticed, numbered.last_active),
            *(numbered.resolved, numbered.note, numbered.drill, numbered.pace, str(numbered.accuracy)),
        ),
    )
    return numbered


def _next_number(connection: sqlite3.Connection, incident: Incident) -> str:
    """The next free ``INC-YYYYMMDD-NNN`` of the day (UTC) on which it fired; ``DRL-`` for a drill."""
    kind = _DRILL if incident.drill else _REAL
    day = f"{kind}-{datetime.fromtimestamp(incident.fired, UTC):%Y%m%d}-"
    (last,) = connection.execute(
        "SELECT MAX(CAST(SUBSTR(number, ?1) AS INTEGER)) FROM incidents WHERE number LIKE ?2",
        (len(day) + 1, f"{day}%"),
    ).fetchone()
    return f"{day}{(last or 0) + 1:03d}"


def _key(incident: Incident) -> tuple[str, str, float]:
    return incident.source, _text(incident.labels), incident.fired


def _text(labels: Mapping[str, str]) -> str:
    return json.dumps(dict(labels), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
