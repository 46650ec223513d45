"""``gameday findings`` in-process: from the runs of the history and from post-mortems."""

from __future__ import annotations

import io
import json
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.history import FILE_NAME, RunRow, open_history, run_row
from chaos.model.verdict import Outcome
from chaos.post_mortem.markdown import BLANK
from chaos.verdict import judge
from tests.corpus.archive import unpack
from tests.recording_builder import RecordingBuilder


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
    assert typed(tmp_path, "findings") == (ExitCode.PASS, "no finding is open\n")


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
