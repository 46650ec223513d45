"""The incidents' file (``chaos.sqlite_file``): its name, its schema, and how it is opened."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chaos.incidents.schema import APPLICATION_ID, MIGRATIONS, TABLES
from chaos.incidents.store import REMEDY, Incidents
from chaos.sqlite_file import FileDamaged, Schema, open_file

FILE_NAME = "incidents.sqlite"


class IncidentsDamaged(FileDamaged):
    """The file was damaged and has been moved aside; no file has replaced it yet."""


SCHEMA = Schema(
    name="list of incidents",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    tables=TABLES,
    remedy=REMEDY,
    damaged=IncidentsDamaged,
)


def open_incidents(path: Path, utc: Callable[[], float] = time.time) -> Incidents:
    """The incidents at ``path``; creates a missing file. Close it, or use it in a ``with``.

    Raises ``IncidentsDamaged`` once a damaged file was set aside (the next opening makes a new one), and
    ``EnvironmentProblem`` for a file of a newer gameday, another file, and what cannot be read or written.
    """
    return Incidents(open_file(path, SCHEMA, utc))
