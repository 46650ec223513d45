"""The tables of history.sqlite, as migrations: one function for each version of the schema.

Never change a migration that may already have run on a user's file. Add a new one instead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from chaos.history.earlier_names import measure_identity, result_identity

APPLICATION_ID = 0x47444159  # "GDAY": distinguishes a history from other SQLite files


def _version_1(connection: sqlite3.Connection) -> None:
    """Runs with their dimensions, measures and procedures."""
    connection.execute(
        "CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, scenario TEXT NOT NULL,"
        " suite TEXT NOT NULL, stack TEXT NOT NULL, pace REAL NOT NULL, began REAL NOT NULL,"
        " took REAL NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, score REAL,"
        " certifiable INTEGER NOT NULL, git_commit TEXT, exit_code INTEGER NOT NULL, folder TEXT NOT NULL,"
        " UNIQUE (run_id, began))"
    )
    connection.execute("CREATE INDEX runs_by_scenario ON runs (scenario, stack, pace, began)")
    connection.execute(
        "CREATE TABLE dimensions (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " position INTEGER NOT NULL, dimension TEXT NOT NULL, weight INTEGER NOT NULL, points REAL,"
        " inconclusive INTEGER NOT NULL, PRIMARY KEY (run, position))"
    )
    connection.execute(
        "CREATE TABLE measures (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " position INTEGER NOT NULL, check_name TEXT NOT NULL, title TEXT NOT NULL, name TEXT NOT NULL,"
        " value REAL, unit TEXT NOT NULL, bound REAL, note TEXT NOT NULL, PRIMARY KEY (run, position))"
    )
    connection.execute(
        "CREATE TABLE procedures (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " position INTEGER NOT NULL, name TEXT NOT NULL, purpose TEXT NOT NULL, ok INTEGER NOT NULL,"
        " measured REAL NOT NULL, planned REAL, ended REAL NOT NULL, PRIMARY KEY (run, position))"
    )


def _version_2(connection: sqlite3.Connection) -> None:
    """Adds the outcome of every check, the variables of the run, and drills."""
    connection.execute("ALTER TABLE runs ADD COLUMN variables TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE measures ADD COLUMN outcome TEXT")
    connection.execute(
        "CREATE TABLE checks (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " position INTEGER NOT NULL, check_name TEXT NOT NULL, title TEXT NOT NULL, outcome TEXT NOT NULL,"
        " PRIMARY KEY (run, position))"
    )
    connection.execute(
        "CREATE TABLE drills (id INTEGER PRIMARY KEY, drill TEXT NOT NULL UNIQUE, began REAL NOT NULL,"
        " score REAL, grade TEXT NOT NULL, certifiable INTEGER NOT NULL, folder TEXT NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE drill_tiers (drill INTEGER NOT NULL REFERENCES drills (id) ON DELETE CASCADE,"
        " tier INTEGER NOT NULL, score REAL, PRIMARY KEY (drill, tier))"
    )


def _version_3(connection: sqlite3.Connection) -> None:
    """Adds keys and subjects to results and measures, and fills them in for existing rows."""
    for column in ("result_key", "subject_kind", "subject"):
        connection.execute(f"ALTER TABLE checks ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        connection.execute(f"ALTER TABLE measures ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    for column in ("measure_key", "part"):
        connection.execute(f"ALTER TABLE measures ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE measures RENAME COLUMN name TO label")
    titles = "SELECT check_name, title FROM checks UNION SELECT check_name, title FROM measures"
    for check, title in connection.execute(titles).fetchall():
        key, subject = result_identity(check, title)
        values = (key, str(subject.kind), subject.name, check, title)
        connection.execute(
            "UPDATE checks SET result_key = ?, subject_kind = ?, subject = ?"
            " WHERE check_name = ? AND title = ?",
            values,
        )
        connection.execute(
            "UPDATE measures SET result_key = ?, subject_kind = ?, subject = ?"
            " WHERE check_name = ? AND title = ?",
            values,
        )
    labels = "SELECT DISTINCT check_name, label FROM measures"
    for check, label in connection.execute(labels).fetchall():
        connection.execute(
            "UPDATE measures SET measure_key = ?, part = ? WHERE check_name = ? AND label = ?",
            (*measure_identity(check, label), check, label),
        )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1, _version_2, _version_3)
VERSION = len(MIGRATIONS)
TABLES = frozenset({"runs", "dimensions", "measures", "procedures", "checks", "drills", "drill_tiers"})
