"""A row that no gameday writes: an environment problem with a remedy, whichever file it stands in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos import findings, history, incidents
from chaos.errors import EnvironmentProblem
from tests.past_runs import BEGAN, a_run
from tests.unit.incidents.incident_builder import an_incident


@dataclass(frozen=True)
class Kept:
    """A file with one row, the column of an instant in it, and how the rows are read."""

    write: Callable[[Path], None]
    read: Callable[[Path], object]
    column: str
    damage: str  # the statement that writes another value there


def _write_run(path: Path) -> None:
    with history.open_history(path) as kept:
        kept.keep([a_run(0)])


def _runs(path: Path) -> object:
    with history.open_history(path) as kept:
        return kept.runs()


def _write_finding(path: Path) -> None:
    with findings.open_findings(path) as kept:
        kept.note([findings.noted("x", "add an alert", "pms-down", "x.md", BEGAN, owner="backend")])


def _findings(path: Path) -> object:
    with findings.open_findings(path) as kept:
        return kept.all()


def _write_incident(path: Path) -> None:
    with incidents.open_incidents(path) as kept:
        kept.keep_drill("d1", [an_incident(drill="d1")])


def _incidents(path: Path) -> object:
    with incidents.open_incidents(path) as kept:
        return kept.all()


FILES = {
    "runs": Kept(_write_run, _runs, "began", "UPDATE runs SET began = ?"),
    "findings": Kept(_write_finding, _findings, "opened", "UPDATE findings SET opened = ?"),
    "incidents": Kept(_write_incident, _incidents, "fired", "UPDATE incidents SET fired = ?"),
}


@pytest.mark.parametrize("table", FILES)
@pytest.mark.parametrize("value", [1e300, float("inf"), -1e14, "yesterday"])
def test_an_instant_outside_any_calendar(tmp_path: Path, table: str, value: object) -> None:
    kept, path = FILES[table], tmp_path / "kept.sqlite"
    kept.write(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(kept.damage, (value,))
    with pytest.raises(
        EnvironmentProblem, match=rf"holds a row that cannot be read: {kept.column}: "
    ) as caught:
        kept.read(path)
    assert len(str(caught.value).splitlines()) == 2, "the message and its fix, a line each"


def test_labels_that_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    _write_incident(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE incidents SET labels = '{'")
    with pytest.raises(EnvironmentProblem, match="holds a row that cannot be read"):
        _incidents(path)
