"""Report formats are found, not listed; one that fails takes no other with it."""

from __future__ import annotations

import re
import types
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from chaos import extensions
from chaos.errors import BadInput, ToolProblem
from chaos.report import format as contract
from chaos.report import write_reports
from chaos.report.format import ReportFormat, formats, ordered
from chaos.report.view import ReportView
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder

DOC = (Path(__file__).parents[3] / "docs" / "adding-a-report-format.md").read_text(encoding="utf-8")
BUILT_IN = ["report.html", "report.md", "junit.xml"]


class Csv(ReportFormat):
    name = "csv"
    suffix = ".csv"
    summary = "one line a check"

    def draw(self, view: ReportView) -> str | bytes:
        return "".join(f"{check.check},{check.outcome}\n" for check in view.checks)


class Broken(Csv):
    name = "broken"
    suffix = ".broken"
    order = -1

    def draw(self, view: ReportView) -> str | bytes:
        raise ValueError("no such column")


class Empty(Csv):
    name = "empty"
    suffix = ".empty"

    def draw(self, view: ReportView) -> str | bytes:
        return None  # type: ignore[return-value]


def named(**changes: object) -> ReportFormat:
    made = type("Other", (Csv,), changes)()
    assert isinstance(made, ReportFormat)
    return made


def install(monkeypatch: pytest.MonkeyPatch, *found: ReportFormat) -> None:
    monkeypatch.setattr("chaos.report.write.formats", lambda: ordered([*formats(), *found]))


def test_the_built_in_formats_are_found_in_their_order() -> None:
    assert [one.file for one in formats()] == BUILT_IN
    assert all(one.summary for one in formats())


def test_a_format_of_another_package_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("other_package.csv")
    module.FORMAT = Csv()  # type: ignore[attr-defined]
    monkeypatch.setattr(EntryPoint, "load", lambda self: module)
    point = EntryPoint("csv", "other_package.csv", contract.GROUP)
    monkeypatch.setattr(extensions, "entry_points", lambda group: [point] if group == contract.GROUP else [])
    formats.cache_clear()
    try:
        assert [one.file for one in formats()] == [*BUILT_IN, "report.csv"]
    finally:
        formats.cache_clear()


def test_another_format_is_written_beside_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recording = RecordingBuilder().end()
    install(monkeypatch, Csv())
    paths = write_reports(recording, judge(recording), tmp_path)
    assert [path.name for path in paths] == [*BUILT_IN, "report.csv"]
    assert "left_clean,INCONCLUSIVE" in (tmp_path / "report.csv").read_text()


@pytest.mark.parametrize(("broken", "why"), [(Broken(), "ValueError: no such column"), (Empty(), "NoneType")])
def test_a_format_that_fails_is_named_and_the_others_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: ReportFormat, why: str
) -> None:
    recording = RecordingBuilder().end()
    install(monkeypatch, broken, Csv())
    with pytest.raises(ToolProblem, match=broken.name) as raised:
        write_reports(recording, judge(recording), tmp_path)
    assert why in str(raised.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*BUILT_IN, "report.csv"])


@pytest.mark.parametrize(
    "wrong",
    [
        named(name="Bad Name"),
        named(suffix="csv"),
        named(suffix="/../x"),
        named(stem="verdict", suffix=".json"),
        named(stem="../up"),
        named(name="html"),
        named(name="other", suffix=".html"),
    ],
)
def test_a_name_or_file_that_is_wrong_or_taken_is_refused(wrong: ReportFormat) -> None:
    with pytest.raises(BadInput):
        ordered([*formats(), wrong])


def test_the_format_of_the_docs_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOC, re.DOTALL | re.MULTILINE)
    module: dict[str, object] = {"__name__": "my_package.csv_report"}
    exec(compile(code, "adding-a-report-format.md", "exec"), module)
    made = module["FORMAT"]
    assert isinstance(made, ReportFormat)
    recording = RecordingBuilder().end()
    install(monkeypatch, made)
    write_reports(recording, judge(recording), tmp_path)
    head, *rows = (tmp_path / "report.csv").read_text().splitlines()
    assert head == "check,outcome,expected,actual"
    assert len(rows) == len(judge(recording).checks)
