"""The findings of a run's scenario in its reports and on the summary page; nothing where no list exists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from chaos.findings import Finding, noted
from chaos.report import KnownFindings, write_reports, write_summary
from chaos.verdict import judge
from tests.recordings import demo_recording

TODAY = date(2026, 11, 28)
AT = 1_795_824_000.0  # 2026-11-28 00:00 UTC
RECORDING = demo_recording("pass")


def finding(number: int, title: str, **changes: object) -> Finding:
    made = noted(title, title, RECORDING.plan.scenario.scenario, "run 1", AT, owner="team lead")
    return made.model_copy(update={"number": number, **changes})


OPEN = finding(1, "alert fires")
OVERDUE = finding(2, "<b>late</b> | page", due=date(2026, 11, 1), times=3)
RECURRING = finding(3, "breaker opens", reopened=1)
CLOSED_HERE = finding(4, "data is kept", closed=AT, closed_by=RECORDING.run_id)
CLOSED_BEFORE = finding(5, "an old one", closed=AT, closed_by="another")
ALL = KnownFindings((OPEN, OVERDUE, RECURRING, CLOSED_HERE, CLOSED_BEFORE), TODAY)


def written(folder: Path, known: KnownFindings | None) -> dict[str, str]:
    folder.mkdir()
    paths = write_reports(RECORDING, judge(RECORDING), folder, None, known)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_overdue_and_recurring_ones_come_first_and_old_ones_are_left_out(tmp_path: Path) -> None:
    texts = written(tmp_path / "run", ALL)
    said = "3 findings of this scenario open, 1 recurring, 1 overdue. This run closed 1."
    for text in (texts["report.html"], texts["report.md"]):
        assert said in text
        places = [text.index(name) for name in ("F-0002", "F-0003", "F-0001", "F-0004")]
        assert places == sorted(places)
        assert "F-0005" not in text
        assert "<b>late" not in text
    row = "| F-0002 | open | 2026-11-01, overdue | team lead | 3 | &lt;b&gt;late&lt;/b&gt; \\| page |"
    assert row in texts["report.md"]


def test_the_summary_page_names_them_by_scenario(tmp_path: Path) -> None:
    run = (RECORDING, judge(RECORDING), tmp_path / "run")
    html, markdown, *_ = write_summary([run], tmp_path / "summary", known=[ALL])
    assert "3 findings of this scenario open, 1 recurring, 1 overdue." in html.read_text()
    assert "F-0002" in html.read_text()
    assert "### Findings" in markdown.read_text()


def test_an_empty_list_says_that_nothing_is_open(tmp_path: Path) -> None:
    texts = written(tmp_path / "run", KnownFindings((), TODAY))
    assert "0 findings of this scenario open." in texts["report.md"]


def test_without_a_list_a_report_is_the_same_but_for_the_section(tmp_path: Path) -> None:
    plain, more = written(tmp_path / "plain", None), written(tmp_path / "more", ALL)
    for name, text in plain.items():
        assert "F-000" not in text
        differs = (n for n, (a, b) in enumerate(zip(text, more[name], strict=False)) if a != b)
        assert more[name].endswith(text[next(differs, len(text)) :])
