"""Opens the file of the findings (``chaos.sqlite_file``), and defines its name and its schema."""

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

    Raises ``FindingsDamaged`` after it has renamed a damaged file, ``NotAFile`` for a folder, a link, another
    file or one of a newer gameday, and ``EnvironmentProblem`` for one that cannot be read or written.
    """
    return Findings(open_file(path, SCHEMA, utc))
