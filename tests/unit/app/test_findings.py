"""``gameday findings`` in-process: from the runs of the history and from post-mortems."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.known_findings import findings_of
from chaos.app.stored_runs.debrief import Messages
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.findings import FILE_NAME as LIST
from chaos.findings import open_findings
from chaos.gameday import people_events as people
from chaos.history import FILE_NAME, RunRow, open_history, run_row
from chaos.model.plan import WARM
from chaos.model.verdict import Outcome
from chaos.post_mortem.markdown import BLANK
from chaos.verdict import judge
from tests.corpus.archive import unpack
from tests.gamedays import BEGAN
from tests.recording_builder import RecordingBuilder
from tests.stored_days import keep_day, played

DAY = 86400.0


def typed(folder: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    code = main(words, CommandContext(out=out, err=io.StringIO(), env={}, cwd=folder))
    return code, out.getvalue()


def listed(folder: Path, *words: str) -> list[dict[str, object]]:
    code, text = typed(folder, "findings", "--json", *words)
    assert code == ExitCode.PASS
    found = json.loads(text)["findings"]
    assert isinstance(found, list)
    return found


def test_without_runs_nothing_is_open(tmp_path: Path) -> None:
    assert typed(tmp_path, "findings") == (ExitCode.PASS, "no open findings\n")


def keep(folder: Path, row: RunRow) -> None:
    (folder / "reports").mkdir(exist_ok=True)
    with open_history(folder / "reports" / FILE_NAME) as history:
        history.keep([row])


def failed_run() -> RunRow:
    recording = RecordingBuilder().steady().fault(20, 44).load(0, 60).end(60)
    row = run_row(recording, judge(recording), "a-folder")
    failed = tuple(check.model_copy(update={"outcome": Outcome.FAIL}) for check in row.checks[:2])
    return row.model_copy(update={"outcome": Outcome.FAIL, "checks": failed})


def test_failed_results_of_the_history_are_findings_until_a_later_run_passes(tmp_path: Path) -> None:
    row = failed_run()
    keep(tmp_path, row)
    assert [one["title"] for one in listed(tmp_path)] == [check.title for check in row.checks]
    later = {"run_id": "later", "began": row.began + 60, "outcome": Outcome.PASS, "checks": ()}
    keep(tmp_path, row.model_copy(update={**later, "variables": "api.DEFECT=none"}))
    assert {one["state"] for one in listed(tmp_path)} == {"open"}
    keep(tmp_path, row.model_copy(update={**later, "run_id": "latest"}))
    assert listed(tmp_path) == []
    assert {one["closed_by"] for one in listed(tmp_path, "--all")} == {"latest"}


def test_runs_on_a_warm_stack_find_and_close_like_others(tmp_path: Path) -> None:
    row = failed_run().model_copy(update={"variables": WARM})
    keep(tmp_path, row)
    assert len(listed(tmp_path)) == len(row.checks)
    later = {"run_id": "later", "began": row.began + 60, "outcome": Outcome.PASS, "checks": ()}
    keep(tmp_path, row.model_copy(update=later))
    assert listed(tmp_path) == []


def test_a_run_with_other_variables_finds_nothing(tmp_path: Path) -> None:
    keep(tmp_path, failed_run().model_copy(update={"variables": "api.DEFECT=no_breaker"}))
    assert listed(tmp_path) == []


def test_action_items_of_a_post_mortem_are_findings_once(tmp_path: Path) -> None:
    folder = unpack("pms-down-no-breaker", tmp_path)
    assert typed(tmp_path, "post-mortem", str(folder), "--owner", "backend on call")[0] == ExitCode.PASS
    (path,) = (tmp_path / "docs" / "post-mortems").iterdir()
    found = listed(tmp_path, "--from", str(path))
    assert len(found) == path.read_text().count("| backend on call |") > 0
    assert {(one["owner"], one["scenario"]) for one in found} == {("backend on call", "pms-down")}
    assert listed(tmp_path, "--from", str(path)) == found


def test_a_finding_that_no_scenario_would_close_is_refused(tmp_path: Path) -> None:
    folder = unpack("pms-down-no-breaker", tmp_path)
    typed(tmp_path, "post-mortem", str(folder))
    (path,) = (tmp_path / "docs" / "post-mortems").iterdir()
    line = "from now on: "
    path.write_text(path.read_text().replace(f"{line}pms-down", line + BLANK))
    assert typed(tmp_path, "findings", "--from", str(path))[0] == ExitCode.BAD_INPUT
    assert typed(tmp_path, "findings", "--add", "a dashboard is gone")[0] == ExitCode.BAD_INPUT
    assert listed(tmp_path) == []


def test_one_by_hand_is_listed_and_assigned(tmp_path: Path) -> None:
    typed(tmp_path, "findings", "--add", "a dashboard is gone", "--scenario", "pms-down")
    words = ("--assign", "F-0001", "--owner", "team lead", "--due", "2020-01-31")
    (found,) = listed(tmp_path, *words)
    assert (found["owner"], found["due"], found["overdue"]) == ("team lead", "2020-01-31", True)
    _, text = typed(tmp_path, "findings")
    assert "2020-01-31 overdue" in text
    assert "1 open, 0 of them recurring, 1 overdue" in text


@pytest.mark.thorough
def test_a_report_shows_the_findings_of_its_scenario_only_where_there_is_a_list(tmp_path: Path) -> None:
    run = unpack("counter-redis-down", tmp_path / "reports")
    typed(tmp_path, "report", str(run), "--unsealed")
    assert "Findings" not in (run / "report.md").read_text()
    assert not (tmp_path / "reports" / "findings.sqlite").exists()
    for scenario in ("redis-down", "another"):
        typed(tmp_path, "findings", "--add", f"a dashboard of {scenario}", "--scenario", scenario)
    typed(tmp_path, "report", str(run), "--unsealed")
    text = (run / "report.md").read_text()
    assert "1 finding of this scenario open, 0 recurring, 0 overdue." in text
    assert "a dashboard of redis-down" in text
    assert "a dashboard of another" not in text


def test_a_run_is_counted_before_it_is_drawn_unless_its_stack_was_another(tmp_path: Path) -> None:
    recording = RecordingBuilder().fault(20, 44).load(0, 60).end(60)
    verdict = judge(recording)
    failed = tuple(one.model_copy(update={"outcome": Outcome.FAIL}) for one in verdict.checks[:1])
    judged = JudgedRun(tmp_path / "run", recording, verdict.model_copy(update={"checks": failed}))
    messages = Messages()
    assert findings_of(tmp_path, judged, recording.began, messages) is None
    open_findings(tmp_path / LIST).close()
    changed = recording.plan.model_copy(update={"env": {"api": {"DEFECT": "no_breaker"}}})
    other = replace(judged, recording=replace(recording, plan=changed))
    known = findings_of(tmp_path, other, recording.began, messages)
    assert known is not None
    assert known.findings == ()
    known = findings_of(tmp_path, judged, recording.began, messages)
    assert known is not None
    assert [one.title for one in known.findings] == [failed[0].title]
    (tmp_path / LIST).write_bytes(b"no list")
    assert findings_of(tmp_path, judged, recording.began, messages) is None
    assert messages.lines


def test_what_a_game_day_did_not_get_is_found_and_only_a_later_day_that_gets_it_closes_it(
    tmp_path: Path,
) -> None:
    reports = tmp_path / "reports"
    first = str(keep_day(reports, played()))
    found = listed(tmp_path, "--from", first, "--owner", "team lead", "--due", "2026-12-31")
    titles = [one["title"] for one in found]
    assert "Expected: the lead of the cache was informed" in titles
    assert "Expected: it was escalated" not in titles
    assert {(one["scenario"], one["owner"], one["due"]) for one in found} == {
        ("redis-down", "team lead", "2026-12-31")
    }
    assert listed(tmp_path, "--from", first) == found
    passed = failed_run().model_copy(
        update={
            "scenario": "redis-down",
            "stack": "counter",
            "began": BEGAN + 9e6,
            "outcome": Outcome.PASS,
            "checks": (),
        }
    )
    keep(tmp_path, passed)
    assert listed(tmp_path) == found
    later = played()
    later.says("fay", people.ExpectationJudged, 500, index=0, met=True)
    moved = [
        event.model_copy(update={"at": event.at + DAY, "entered": event.entered + DAY})
        for event in later.events
    ]
    later.events = moved
    open_now = listed(
        tmp_path, "--from", str(keep_day(reports, later, name="20231115T221320Z-toy-day-def456"))
    )
    assert "Expected: the lead of the cache was informed" not in [one["title"] for one in open_now]
    assert {one["times"] for one in open_now} == {2}
