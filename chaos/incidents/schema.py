"""The tables of incidents.sqlite, as the steps that lead to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x47444943  # "GDIC"


def _version_1(connection: sqlite3.Connection) -> None:
    """What each Prometheus was read up to, and every incident."""
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
    # One alert of one Prometheus has one open incident at most: SQLite itself refuses a second.
    connection.execute(
        "CREATE UNIQUE INDEX one_open ON incidents (source, labels) WHERE resolved IS NULL AND drill = ''"
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_version_1,)
TABLES = frozenset({"watches", "incidents"})
