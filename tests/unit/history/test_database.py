"""A history file is created or migrated completely or not at all, and never replaced without a message."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chaos import sqlite_file
from chaos.errors import EnvironmentProblem, ExitCode
from chaos.history import (
    FILE_NAME,
    HistoryDamaged,
    MeasureRow,
    database,
    gate,
    open_history,
    recovery_of,
    run_row,
    schema,
)
from chaos.history.gate import keyed
from chaos.model.identity import PROCEDURE_STEP, PROCEDURE_TOOK, RTO, SubjectKind
from chaos.model.past import Judgement
from chaos.model.verdict import Outcome
from chaos.verdict import judge
from tests.past_runs import a_measure, a_procedure, a_run
from tests.recordings import Kind, demo_recording

VERSION_1 = Path(__file__).with_name("version-1.sql")
VERSION_2 = Path(__file__).with_name("version-2.sql")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A history of forty runs."""
    path = tmp_path / FILE_NAME
    with open_history(path) as history:
        history.keep([a_run(n, 90.0, a_measure(), procedures=(a_procedure(),)) for n in range(40)])
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        return sqlite_file.version_of(raw)


def names_in(path: Path) -> set[str]:
    return {item.name for item in path.parent.iterdir() if not item.name.endswith(".lock")}


def test_a_new_history_has_the_newest_version_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / FILE_NAME
    with open_history(path) as history:
        assert history.runs() == ()
        assert history.drills() == ()
    assert version_of(path) == schema.VERSION
    assert names_in(path) == {FILE_NAME}


def test_a_file_of_version_one_is_migrated_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(VERSION_1.read_text(encoding="utf-8"))
    assert version_of(path) == 1
    with open_history(path) as history:
        first, second = history.runs()
        history.keep([a_run(3)])
        assert len(history.runs()) == 3
        assert history.drills() == ()
    assert version_of(path) == schema.VERSION
    assert (first.run_id, first.score, first.certifiable, first.outcome) == (
        "a1b2c3",
        100.0,
        True,
        Outcome.PASS,
    )
    assert (first.variables, first.checks) == ("", ())  # version 1 did not store them
    assert [(m.measure, m.value, m.limit, m.outcome) for m in first.measures] == [(RTO, 12.5, 900.0, None)]
    assert [(p.name, p.ok, p.planned) for p in first.procedures] == [("restore", True, 1200.0)]
    assert [(d.dimension, d.points) for d in first.dimensions] == [("recovery", 20.0)]
    assert (second.score, second.git_commit) == (None, None)


def of_version_2(path: Path) -> Path:
    """A history of version 2, in which results have no keys."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(VERSION_2.read_text(encoding="utf-8"))
    return path


def test_results_of_version_two_get_the_keys_that_the_checks_give_today(tmp_path: Path) -> None:
    """Results and measures that were added later have no row in version 2."""
    with open_history(of_version_2(tmp_path / FILE_NAME)) as history:
        old = history.runs("toy-down")
    asked_then = {check.key for row in old for check in row.checks}
    measured_then = {key.measure for row in old for key in keyed(row)}
    kinds_of_demo: tuple[Kind, ...] = ("pass", "fail", "inconclusive", "aborted")
    for kind in kinds_of_demo:
        recording = demo_recording(kind)
        new = run_row(recording, judge(recording), "now")
        before = next(row for row in old if row.outcome == new.outcome)
        results = [(c.key, c.subject) for c in new.checks if c.key in asked_then]
        assert [(c.key, c.subject) for c in before.checks] == results
        assert list(keyed(before)) == [key for key in keyed(new) if key.measure in measured_then]


def test_no_row_of_version_two_stays_without_a_known_key(tmp_path: Path) -> None:
    """The file has every kind of result of version 2, and nearly every kind of measure."""
    with open_history(of_version_2(tmp_path / FILE_NAME)) as history:
        rows = history.runs()
    results = {c.key for row in rows for c in row.checks}
    assert {key for key in results if " " in key} == set()
    assert len(results) == 21
    measures = {m.measure for row in rows for m in row.measures}
    assert {key for key in measures if " " in key} == set()
    assert {(m.measure, m.part) for row in rows for m in row.measures if m.check == "procedure"} == {
        (PROCEDURE_TOOK, ""),
        (PROCEDURE_STEP, "fetch"),
        (PROCEDURE_STEP, "open"),
    }
    ledgers = {c.subject.name for row in rows for c in row.checks if c.subject.kind is SubjectKind.LEDGER}
    assert ledgers == {"orders", "orders/db"}


def test_a_baseline_of_version_two_goes_on(tmp_path: Path) -> None:
    """A new run is compared with migrated runs in the same figures as these with each other."""
    with open_history(of_version_2(tmp_path / FILE_NAME)) as history:
        old = history.runs("toy-down")[:4]
    then = gate(old[3], old[:3])
    recording = demo_recording("pass")
    today = run_row(recording, judge(recording), "now").model_copy(update={"began": old[3].began})
    now = gate(today, old[:3])
    assert (then.judgement, now.judgement) == (Judgement.OK, Judgement.OK)
    assert len(now.findings) == len(then.findings) == 10
    worse = today.model_copy(update={"measures": tuple(slower(m) for m in today.measures)})
    assert gate(worse, old[:3]).judgement is Judgement.REGRESSION
    assert recovery_of(old[0]) == recovery_of(today)


def slower(measure: MeasureRow) -> MeasureRow:
    late = measure.value is not None and measure.measure == RTO
    return measure.model_copy(update={"value": 1000.0}) if late else measure


def test_a_migration_that_fails_leaves_the_file_at_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(VERSION_1.read_text(encoding="utf-8"))
    before = path.read_bytes()

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half_done (x)")
        connection.execute("ALTER TABLE no_such_table ADD COLUMN y")

    broken = replace(database.SCHEMA, migrations=(schema.MIGRATIONS[0], half))
    monkeypatch.setattr(database, "SCHEMA", broken)
    with pytest.raises(EnvironmentProblem, match="no_such_table"):
        open_history(path)
    assert path.read_bytes() == before


def test_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(EnvironmentProblem, match=f"version {schema.VERSION + 1}.*\n.*newer gameday"):
        open_history(path)
    assert path.read_bytes() == before
    assert names_in(path) == {FILE_NAME}


def test_someone_elses_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE recipes (cake TEXT)")
    with pytest.raises(EnvironmentProblem, match="not the history of gameday"):
        open_history(path)
    assert names_in(path) == {FILE_NAME}


def without_a_table(body: bytes, path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TABLE procedures")
        raw.commit()
    return path.read_bytes()


def with_orphans(body: bytes, path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DELETE FROM runs WHERE id < 10")
        raw.commit()
    return path.read_bytes()


DAMAGE: dict[str, Callable[[bytes, Path], bytes]] = {
    "emptied": lambda body, _: b"",
    "cut off": lambda body, _: body[: len(body) // 2],
    "no SQLite": lambda body, _: b"not a database, but long enough to be one" * 200,
    "a page of zeros": lambda body, _: body[:8192] + bytes(4096) + body[12288:],
    "a table gone": without_a_table,
    "rows without a run": with_orphans,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_history_is_set_aside_as_it_is_and_reported(path: Path, kind: str) -> None:
    body = DAMAGE[kind](path.read_bytes(), path)
    path.write_bytes(body)
    with pytest.raises(HistoryDamaged) as caught:
        open_history(path, utc=lambda: 1_795_000_000.0)
    (aside,) = names_in(path)
    assert aside == "history.sqlite.damaged-20261118T110640Z"
    assert aside in str(caught.value)
    assert "--rebuild" in str(caught.value)
    assert (path.parent / aside).read_bytes() == body
    with open_history(path) as history:  # this creates a new file; the damaged one stays
        assert history.runs() == ()
    assert names_in(path) == {FILE_NAME, aside}


def test_two_damaged_files_of_one_second_do_not_write_over_each_other(path: Path) -> None:
    for _ in range(2):
        path.write_bytes(b"")
        with pytest.raises(HistoryDamaged):
            open_history(path, utc=lambda: 1_795_000_000.0)
    assert len(names_in(path)) == 2


def test_a_healthy_history_is_not_set_aside(path: Path) -> None:
    for _ in range(3):
        with open_history(path) as history:
            assert len(history.runs()) == 40
    assert names_in(path) == {FILE_NAME}


def test_one_that_another_gameday_holds_is_not_waited_for_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.05)
    with (path.parent / f".{path.name}.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(EnvironmentProblem, match="cannot be used"):
            open_history(path)
    with open_history(path) as history:
        assert len(history.runs()) == 40


def test_what_cannot_be_opened_is_reported_and_not_taken_for_damage(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="cannot be used") as caught:
        open_history(tmp_path / "reports" / FILE_NAME)
    assert not isinstance(caught.value, HistoryDamaged)


def test_a_folder_where_the_file_belongs_is_bad_input_and_stays(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(EnvironmentProblem, match="this is a folder") as caught:
        open_history(tmp_path / FILE_NAME)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert names_in(tmp_path / FILE_NAME) == {FILE_NAME}
