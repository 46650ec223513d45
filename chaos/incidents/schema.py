"""The tables of incidents.sqlite, as migrations: one function for each version of the schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x47444943  # "GDIC"


def _version_1(connection: sqlite3.Connection) -> None:
    """Creates a table of what was read from each Prometheus, and a table of incidents."""
    connection.execute(
        "CREATE TABLE watches (source TEXT PRIMARY KEY, read_to REAL, last_scrape REAL, running_since REAL)"
    )
    connection.execute(
        "CREATE TABLE incidents (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
        " alert TEXT NOT NULL, labels TEXT NOT NULL, severity TEXT NOT NULL, runbook TEXT NOT NULL,"
        " began REAL, caused REAL, fired REAL NOT NULL, noticed REAL NOT NULL, last_active REAL NOT NULL,"
        " resolved REAL, note TEXT NOT NULL, drill TEXT NOT NULL, pace REAL NOT NULL, accuracy TEXT NOT NULL,"
        " UNIQUE (source, labels, fired))"
    )
    # An alert of a Prometheus has at most one open incident. SQLite refuses a second one.
    connection.execute(
        "CREATE UNIQUE INDEX one_open ON incidents (source, labels) WHERE resolved IS NULL AND drill = ''"
    )


def _version_2(connection: sqlite3.Connection) -> None:
    """Where the readings of a Prometheus begin; NULL until the next reading."""
    connection.execute("ALTER TABLE watches ADD COLUMN read_from REAL")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1, _version_2)
TABLES = frozenset({"watches", "incidents"})
