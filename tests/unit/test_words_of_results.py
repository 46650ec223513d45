"""Programs compare keys and subjects: words for people may change without breaking anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.checks.backups import Backups
from chaos.checks.data import Data
from chaos.kinds import NoParams
from chaos.model.verdict import CheckResult
from chaos.registry import kinds
from chaos.verdict import judge
from tests.recordings import demo_recording
from tests.unit.checks.messages import with_messages
from tests.unit.checks.procedures import FETCH, OPEN, ran, rehearsing
from tests.unit.checks.test_backups import FACT
from tests.unit.checks.test_backups import recorded as backup_run
from tests.unit.checks.test_data import Book
from tests.unit.checks.test_notification import GOOD, expected
from tests.unit.checks.test_notification import builder as notified_run

ROOT = Path(__file__).parents[2] / "chaos"
WRITE_THEM = ("checks", "report", "drill")  # checks make titles and labels, reports show them
EARLIER = ("history/earlier_names.py",)  # titles of earlier versions, as they stand in files on disk


def results() -> Iterator[CheckResult]:
    """A result of every question that gameday's own checks ask."""
    yield from judge(demo_recording("pass")).checks
    checks = kinds().checks
    yield from checks["backups"].judge(backup_run(FACT).end(), Backups())
    yield from checks["procedure"].judge(
        ran(rehearsing(), (FETCH, True, 1.0), (OPEN, True, 1.0)).end(), NoParams()
    )
    discarded = {"after_failure": "discarded", "point_in_time": True, "rpo": "1s"}
    for params in ({}, discarded, {"store": "db"}):
        data = Data.model_validate({"ledger": "orders", **params})
        yield from checks["data"].judge(Book(answers=(22.0, 40.0)).recording(), data)
    for channels in (["chat"], []):
        notified = expected(channels)
        yield from checks["notification"].judge(with_messages(notified_run(notified), GOOD).end(), notified)


def words() -> set[str]:
    """Every title, and every label of a measure that a check words itself."""
    found = {result.title for result in results()}
    return found | {m.label for result in results() for m in result.measures if not m.part}


def literals(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def repeated(paths: list[Path], wanted: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT.parent)}:{line}: {text!r}"
        for path in paths
        for line, text in literals(path)
        if text in wanted
    ]


def test_the_words_of_every_check_are_known_here() -> None:
    asked = {result.check for result in results()}
    assert asked == set(kinds().checks)
    assert len(words()) > 50


def test_no_program_holds_a_title_or_a_label_outside_checks_and_reports() -> None:
    paths = [
        path
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in WRITE_THEM and str(path.relative_to(ROOT)) not in EARLIER
    ]
    assert repeated(paths, words()) == []


@pytest.mark.parametrize("text", ["clients recover within the RTO", "time to detect", "whole procedure"])
def test_one_that_is_repeated_is_found(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chaos" / "odd.py"
    path.parent.mkdir()
    path.write_text(f"KNOWN = {text!r}\n")
    monkeypatch.setattr(f"{__name__}.ROOT", path.parent)
    assert repeated([path], words()) == [f"chaos/odd.py:1: {text!r}"]
