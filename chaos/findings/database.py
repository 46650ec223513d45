"""The findings' file (``chaos.sqlite_file``): its name, its schema, and how it is opened."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chaos.findings.schema import APPLICATION_ID, MIGRATIONS, TABLES
from chaos.findings.store import REMEDY, Findings
from chaos.sqlite_file import FileDamaged, Schema, open_file

FILE_NAME = "findings.sqlite"


class FindingsDamaged(FileDamaged):
    """The file was damaged and has been moved aside; no file has replaced it yet."""


SCHEMA = Schema(
    name="list of findings",
    application_id=APPLICATION_ID,
    migrations=MIGRATIONS,
    tables=TABLES,
    remedy=REMEDY,
    damaged=FindingsDamaged,
)


def open_findings(path: Path, utc: Callable[[], float] = time.time) -> Findings:
    """The findings at ``path``; creates a missing file. Close it, or use it in a ``with``.

    Raises ``FindingsDamaged`` once a damaged file was set aside, and ``EnvironmentProblem`` for a file of a
    newer gameday, another file, and what cannot be read or written.
    """
    return Findings(open_file(path, SCHEMA, utc))
