"""What a restored copy must hold. It is data, in ``expectations.toml``: code stays as it is."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn, TypeVar

from examiner.model import CouldNotTellError

_HERE = Path(__file__).parent
_NAME = re.compile(r"[a-z_][a-z0-9_]*")  # of a table or column that goes into a query as it is
_T = TypeVar("_T")

STRUCTURE = (_HERE / "structure.sql").read_text(encoding="utf-8")
SEQUENCES_BEHIND = (_HERE / "sequences.sql").read_text(encoding="utf-8")
COLLATION_CHANGED = """
SELECT count(*) FROM pg_database
WHERE datname = current_database() AND datcollversion IS DISTINCT FROM
pg_database_collation_actual_version(oid)
"""


@dataclass(frozen=True)
class Expectations:
    """What one database must hold.

    ``structure``: lines that the schema must have. ``least_rows``: table -> rows. ``newest_row``: a query for
    epoch seconds; ``newest_row_within``: seconds. ``invariants``: rule -> query that counts contradicting
    rows. ``damaged_table`` and ``harm`` (specimen -> statements) make the specimens that only a restore shows
    to be broken.
    """

    stanza: str
    database: str
    user: str
    structure: frozenset[str]
    least_rows: Mapping[str, int]
    newest_row: str
    newest_row_within: float
    invariants: Mapping[str, str]
    damaged_table: str
    harm: Mapping[str, tuple[str, ...]]

    @property
    def counts(self) -> dict[str, str]:
        """Table -> the query that counts its rows."""
        return {table: f"SELECT count(*) FROM {table}" for table in self.least_rows}  # noqa: S608


@cache
def expected() -> Expectations:
    """The expectations of this deployment: the folder in ``EXPECTED``, else the one beside this package.

    Raises CouldNotTellError when the file is missing, is not TOML, or lacks a value.
    """
    return read_expectations(Path(os.environ.get("EXPECTED") or _HERE.parent / "expected"))


def read_expectations(folder: Path) -> Expectations:
    """``folder``/expectations.toml, and the structure file that it names. Raises CouldNotTellError."""
    path = folder / "expectations.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        table = _Table(path, raw)
        reference = folder / table.text("structure")
        lines = frozenset(reference.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as problem:
        raise CouldNotTellError(f"{path}: {problem}") from problem
    except tomllib.TOMLDecodeError as problem:
        raise CouldNotTellError(f"{path} is not TOML: {problem}") from problem
    newest, specimens = table.table("newest_row"), table.table("specimens")
    return Expectations(
        stanza=table.text("stanza"),
        database=table.text("database"),
        user=table.text("user"),
        structure=lines,
        least_rows=table.table("least_rows").each(_rows, "a table's name and a whole number from 1"),
        newest_row=f"SELECT extract(epoch FROM max({newest.name('column')})) FROM {newest.name('table')}",  # noqa: S608
        newest_row_within=newest.seconds("within_seconds"),
        invariants=table.table("invariants").each(_query, "a query in quotes"),
        damaged_table=specimens.name("damaged_table"),
        harm=specimens.table("statements").each(_statements, "a list of statements"),
    )


@dataclass(frozen=True)
class _Table:
    """One table of the file. Every reader raises CouldNotTellError with the file and the key."""

    path: Path
    raw: Mapping[str, object]
    within: str = ""

    def text(self, key: str) -> str:
        value = self.raw.get(key)
        return value if isinstance(value, str) and value else self._wrong(key, "a text")

    def name(self, key: str) -> str:
        value = self.text(key)
        return value if _NAME.fullmatch(value) else self._wrong(key, "a name of small letters, digits and _")

    def seconds(self, key: str) -> float:
        value = self.raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            self._wrong(key, "a number of seconds above 0")
        return float(value)

    def table(self, key: str) -> _Table:
        value = self.raw.get(key)
        if not isinstance(value, dict) or not value:
            self._wrong(key, "a table that is not empty")
        return _Table(self.path, value, f"{self.within}{key}.")

    def each(self, read: Callable[[str, object], _T | None], wanted: str) -> dict[str, _T]:
        found: dict[str, _T] = {}
        for key, value in self.raw.items():
            one = read(key, value)
            if one is None:
                self._wrong(key, wanted)
            found[key] = one
        return found

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        raise CouldNotTellError(f"{self.path}: {self.within}{key} must be {wanted}")


def _rows(key: str, value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return value if whole and isinstance(value, int) and _NAME.fullmatch(key) else None


def _query(_: str, value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _statements(_: str, value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        return None
    return tuple(value)
