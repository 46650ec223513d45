"""The list of findings on the disk: stable numbers, nothing counted twice, nothing lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.findings import FILE_NAME, FindingsDamaged, FindingState, noted, open_findings
from chaos.model.verdict import Outcome
from tests.unit.findings.test_advance import ALERT, BEGAN, FAILED, run


def test_numbers_are_kept_and_a_run_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    other = ALERT.model_copy(update={"key": "another"})
    for runs in ([FAILED], [FAILED], [run(1, failed=(other, ALERT)), FAILED]):
        with open_findings(path) as findings:
            findings.count(runs)
    with open_findings(path) as findings:
        assert [(one.name, one.times) for one in findings.all()] == [("F-0001", 2), ("F-0002", 1)]


def test_what_people_found_is_added_once_and_keeps_its_owner(tmp_path: Path) -> None:
    with open_findings(tmp_path / FILE_NAME) as findings:
        item = noted("x", "add an alert", "pms-down", "x.md", BEGAN, owner="backend")
        assert findings.note([item, item]) == 1
        findings.assign("F-0001", None, date(2027, 1, 1))
        assert findings.note([item]) == 0
        (kept,) = findings.all()
        assert (kept.owner, kept.due) == ("backend", date(2027, 1, 1))
        findings.count([run(1, Outcome.PASS)])
        (closed,) = findings.all()
        assert (closed.state, closed.owner, closed.due) == (FindingState.CLOSED, "backend", date(2027, 1, 1))


@pytest.mark.parametrize("name", ["F-0009", "7", "F-١٢٣٤", "F-00000000000000000000001"])
def test_an_unknown_number_is_refused(tmp_path: Path, name: str) -> None:
    with open_findings(tmp_path / FILE_NAME) as findings, pytest.raises(BadInput, match="unknown finding"):
        findings.assign(name, "backend", None)


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"not SQLite at all")
    with pytest.raises(FindingsDamaged, match="set aside"):
        open_findings(path)
    assert len(list(tmp_path.glob(f"{FILE_NAME}.damaged-*"))) == 1


def test_a_file_with_a_damaged_name_in_its_schema_is_set_aside(tmp_path: Path) -> None:
    """SQLite quotes the name in its message, which is not UTF-8 then."""
    path = tmp_path / FILE_NAME
    open_findings(path).close()
    path.write_bytes(path.read_bytes().replace(b"sqlite_autoindex_runs_1", b"sql\xc1te_autoindex_runs_1"))
    with pytest.raises(FindingsDamaged, match=r"autoindex_runs_1.*set aside"):
        open_findings(path)


def test_the_order_in_which_runs_are_counted_does_not_matter(tmp_path: Path) -> None:
    failed, passed, again = FAILED, run(1, Outcome.PASS), run(2, failed=(ALERT,))
    lists = []
    for number, order in enumerate(
        ([failed, passed, again], [passed, failed, again], [passed, again, failed])
    ):
        (tmp_path / str(number)).mkdir()
        for one in order:
            with open_findings(tmp_path / str(number) / FILE_NAME) as findings:
                findings.count([one])
        with open_findings(tmp_path / str(number) / FILE_NAME) as findings:
            (found,) = findings.all()
        lists.append((found.closed, found.times, found.opened, found.last_seen))
    assert lists == [(None, 2, BEGAN, again.began)] * 3

    with open_findings(tmp_path / FILE_NAME) as findings:
        findings.count([passed])
        findings.count([failed])
        (late,) = findings.all()
    assert (late.state, late.closed_by) == (FindingState.CLOSED, passed.run_id)


def test_a_list_of_version_1_is_read_and_counts_on(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with open_findings(path) as findings:
        findings.count([FAILED])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN closes")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    with open_findings(path) as findings:
        findings.count([FAILED, run(1, Outcome.PASS)])
        (found,) = findings.all()
    assert (found.times, found.state) == (1, FindingState.CLOSED)
