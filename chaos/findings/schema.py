"""The tables of findings.sqlite, as migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x4744464E  # "GDFN"


def _version_1(connection: sqlite3.Connection) -> None:
    """The findings, and the runs that were counted. AUTOINCREMENT: no number is used twice."""
    connection.execute(
        "CREATE TABLE findings (number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL UNIQUE,"
        " title TEXT NOT NULL, scenario TEXT NOT NULL, stack TEXT NOT NULL, source TEXT NOT NULL,"
        " owner TEXT NOT NULL, due TEXT NOT NULL, opened REAL NOT NULL, last_seen REAL NOT NULL,"
        " times INTEGER NOT NULL, reopened INTEGER NOT NULL, closed REAL, closed_by TEXT NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE runs (run_id TEXT NOT NULL, began REAL NOT NULL, PRIMARY KEY (run_id, began))"
    )


def _version_2(connection: sqlite3.Connection) -> None:
    """What a counted run may close, as JSON; "" for runs that version 1 counted."""
    connection.execute("ALTER TABLE runs ADD COLUMN closes TEXT NOT NULL DEFAULT ''")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1, _version_2)
TABLES = frozenset({"findings", "runs"})
