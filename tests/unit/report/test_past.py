"""A run against earlier ones, in every format; nothing where there is no history."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chaos.model.past import Judgement, PastRuns
from chaos.model.verdict import Outcome
from chaos.report import write_reports, write_summary
from chaos.verdict import judge
from tests.past_runs import a_past, a_point
from tests.recordings import demo_recording

HOSTILE = '</script><script>alert("x")</script> | `a`'


def written(folder: Path, past: PastRuns | None) -> dict[str, str]:
    recording = demo_recording("pass")
    paths = write_reports(recording, judge(recording), folder, past)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def data_of(html: str) -> list[dict[str, object]]:
    found = re.search(r'id="past-data">(.*?)</script>', html)
    assert found is not None
    return list(json.loads(found.group(1)))


def test_a_report_shows_every_earlier_run_and_the_median(tmp_path: Path) -> None:
    texts = written(
        tmp_path, a_past(a_point(1), a_point(2, None, outcome=Outcome.ABORTED, certifiable=False))
    )
    (chart,) = data_of(texts["report.html"])
    assert [point["score"] for point in chart["points"]] == [100.0, None, 60.0]  # type: ignore[attr-defined]
    assert [point["this"] for point in chart["points"]] == [False, False, True]  # type: ignore[attr-defined]
    assert (chart["median_score"], chart["median_recovery"]) == (100.0, 12.5)
    assert "Regression: score 60 points, median 100 points." in texts["report.html"]
    assert texts["report.html"].count('class="past-chart"') == 1
    assert "### Against earlier runs" in texts["report.md"]
    assert "| 2026-11-27 11:06:40 (this run) | ✅ PASS | 60 | 12.5 s |" in texts["report.md"]
    assert len(texts["report.html"].encode()) <= 2 * 1024 * 1024


def test_without_a_history_nothing_is_said_of_one(tmp_path: Path) -> None:
    texts = written(tmp_path, None)
    assert "Against earlier runs" not in texts["report.html"] + texts["report.md"]
    assert "past-data" not in texts["report.html"].split("<main>")[1].split("<script")[0]


def test_one_run_is_no_trend(tmp_path: Path) -> None:
    texts = written(
        tmp_path, a_past(judgement=Judgement.NOT_ENOUGH_DATA, statement="not enough data: 0 earlier runs")
    )
    assert "No earlier run is in the history." in texts["report.html"]
    assert 'class="past-chart"' not in texts["report.html"]
    assert "Not enough data: 0 earlier runs" in texts["report.md"]


def test_hostile_text_of_a_history_stays_text(tmp_path: Path) -> None:
    texts = written(tmp_path, a_past(a_point(1, scenario=HOSTILE), statement=HOSTILE))
    assert HOSTILE[:20] not in texts["report.html"].split("past-said")[-1].split("<script>")[0]
    assert "<script" not in texts["report.md"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_summary_draws_the_trend_of_each_run_that_has_one(tmp_path: Path, order: tuple[int, int]) -> None:
    runs = [(r := demo_recording(kind), judge(r), tmp_path / kind) for kind in ("pass", "fail")]
    pasts = [a_past(a_point(1)), None]
    paths = write_summary([runs[n] for n in order], tmp_path / "summary", pasts=[pasts[n] for n in order])
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    assert texts["index.html"].count('class="past-chart"') == len(data_of(texts["index.html"])) == 1
    assert "median 100 points" in texts["summary.md"]


def test_a_summary_without_a_history_has_no_script(tmp_path: Path) -> None:
    recording = demo_recording("pass")
    paths = write_summary([(recording, judge(recording), tmp_path / "run")], tmp_path / "summary")
    html = next(path for path in paths if path.name == "index.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "Against earlier runs" not in html
