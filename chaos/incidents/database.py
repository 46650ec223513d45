"""Opens the incidents' SQLite file (``chaos.sqlite_file``); defines its name and schema."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chaos.incidents.schema import APPLICATION_ID, MIGRATIONS, TABLES
from chaos.incidents.store import REMEDY, Incidents
from chaos.sqlite_file import FileDamaged, Schema, open_file

FILE_NAME = "incidents.sqlite"


class IncidentsDamaged(FileDamaged):
    """The file was damaged and gameday has renamed it. No file has replaced it yet."""


SCHEMA = Schema(
    name="list of incidents",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    tables=TABLES,
    remedy=REMEDY,
    damaged=IncidentsDamaged,
)


def open_incidents(path: Path, utc: Callable[[], float] = time.time) -> Incidents:
    """Open the incidents at ``path``, or create the file. Close them, or use them in a ``with``.

    ``utc``: seconds since the epoch, for the new name of a damaged file. Raises ``IncidentsDamaged`` after
    renaming a damaged file (the next call creates a new one). Raises ``EnvironmentProblem`` if a newer
    gameday wrote the file, if it holds something else, or if it cannot be read or written.
    """
    return Incidents(open_file(path, SCHEMA, utc))
