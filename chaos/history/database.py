"""Opens the history's SQLite file (``chaos.sqlite_file``); defines its name and schema."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chaos.history.schema import APPLICATION_ID, MIGRATIONS, TABLES
from chaos.history.store import REMEDY, History
from chaos.sqlite_file import FileDamaged, Schema, open_file

FILE_NAME = "history.sqlite"


class HistoryDamaged(FileDamaged):
    """The file was damaged and gameday has renamed it. No file has replaced it yet."""


SCHEMA = Schema(
    name="history",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    tables=TABLES,
    remedy=REMEDY,
    damaged=HistoryDamaged,
)


def open_history(path: Path, utc: Callable[[], float] = time.time) -> History:
    """Open the history at ``path``, or create it. Close it, or use it in a ``with``.

    ``utc``: seconds since the epoch, for the new name of a damaged file. Raises ``HistoryDamaged`` after
    renaming a damaged file (the next call creates a new one). Raises ``EnvironmentProblem`` if a newer
    gameday wrote the file, if it is not a history, or if it cannot be read or written.
    """
    return History(open_file(path, SCHEMA, utc))
