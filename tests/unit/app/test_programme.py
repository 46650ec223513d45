"""``gameday programme`` in-process: from the history and the game days, at an instant."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.gameday import people_events as people
from chaos.history import FILE_NAME, open_history, run_row
from chaos.model.plan import WARM
from chaos.model.verdict import Outcome
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder
from tests.stored_days import keep_day, played

PLAN = """\
programme: toy
exercises:
  - {exercise: chaos, title: Chaos, every: month, done_by: [any run]}
  - {exercise: people, title: People, every: month, done_by: [game day]}
"""
AT = "2023-11-28 12:00"  # the month of the scripted day and of the recordings


def typed(folder: Path, *words: str) -> tuple[int, str]:
    (folder / "programme.yaml").write_text(PLAN)
    out = io.StringIO()
    context = CommandContext(out=out, err=out, env={}, cwd=folder)
    return main(("programme", "programme.yaml", *words), context), out.getvalue()


def states(folder: Path) -> dict[str, str]:
    code, text = typed(folder, "--json", "--at", AT)
    assert code == ExitCode.PASS
    found: dict[str, Any] = json.loads(text)
    return {one["exercise"]["exercise"]: one["state"] for one in found["exercises"]}


def keep(folder: Path, outcome: Outcome, variables: str = "") -> None:
    recording = RecordingBuilder().end(60)
    row = run_row(recording, judge(recording), "a").model_copy(
        update={"outcome": outcome, "variables": variables, "run_id": f"{outcome}{variables}"}
    )
    (folder / "reports").mkdir(exist_ok=True)
    with open_history(folder / "reports" / FILE_NAME) as history:
        history.keep([row])


def test_runs_that_were_judged_and_game_days_that_were_played_count(tmp_path: Path) -> None:
    assert set(states(tmp_path).values()) == {"never done"}
    keep(tmp_path, Outcome.INCONCLUSIVE)
    keep(tmp_path, Outcome.PASS, "api.DEFECT=x")
    aborted = played()
    aborted.says("fay", people.Aborted, 950)
    keep_day(tmp_path / "reports", aborted, name="20231114T221320Z-toy-day-000000")
    assert set(states(tmp_path).values()) == {"never done"}
    keep(tmp_path, Outcome.FAIL, WARM)
    keep_day(tmp_path / "reports", played())
    assert states(tmp_path) == {"chaos": "done", "people": "done"}


def test_only_strict_ends_with_one_when_something_is_overdue(tmp_path: Path) -> None:
    keep(tmp_path, Outcome.PASS)
    assert typed(tmp_path, "--at", AT)[0] == ExitCode.PASS
    code, text = typed(tmp_path, "--at", AT, "--strict")
    assert code == ExitCode.FAIL
    assert "NEVER DONE" in text
    assert "2 exercises, 1 overdue" in text
    keep_day(tmp_path / "reports", played())
    assert typed(tmp_path, "--at", AT, "--strict")[0] == ExitCode.PASS
    assert typed(tmp_path, "--at", "2024-01-01", "--strict")[0] == ExitCode.FAIL


def test_a_wrong_instant_and_a_file_that_is_gone_are_bad_input(tmp_path: Path) -> None:
    code, text = typed(tmp_path, "--at", "tomorrow")
    assert code == ExitCode.BAD_INPUT
    assert "--at: expected an instant" in text
    out = io.StringIO()
    context = CommandContext(out=out, err=out, env={}, cwd=tmp_path)
    assert main(("programme", "gone.yaml"), context) == ExitCode.BAD_INPUT


def test_a_journal_that_cannot_be_read_is_reported_and_not_counted(tmp_path: Path) -> None:
    day = keep_day(tmp_path / "reports", played())
    (day / "journal.jsonl").write_text("{}\n")
    code, text = typed(tmp_path, "--at", AT)
    assert code == ExitCode.PASS
    assert f"game day {day.name} is not counted" in text
    assert "2 overdue" in text
