"""The history's file (``chaos.sqlite_file``): its name, its schema, and how it is opened."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chaos.history.schema import APPLICATION_ID, MIGRATIONS, TABLES
from chaos.history.store import REMEDY, History
from chaos.sqlite_file import FileDamaged, Schema, open_file

FILE_NAME = "history.sqlite"


class HistoryDamaged(FileDamaged):
    """The file was damaged and has been moved aside; no file has replaced it yet."""


SCHEMA = Schema(
    name="history",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    tables=TABLES,
    remedy=REMEDY,
    damaged=HistoryDamaged,
)


def open_history(path: Path, utc: Callable[[], float] = time.time) -> History:
    """The history at ``path``, created if it does not exist. Close it, or use it in a ``with``.

    Raises ``HistoryDamaged`` once a damaged file was set aside (the next opening makes a new one), and
    ``EnvironmentProblem`` for a file of a newer gameday, a file that is no history, and whatever cannot be
    read or written.
    """
    return History(open_file(path, SCHEMA, utc))
