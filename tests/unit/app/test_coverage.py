"""``gameday coverage`` on a stack with a history: what the last run said, and what it reached."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.stored import row_of_folder
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.history import FILE_NAME, open_history
from tests.corpus.archive import unpack

ROOT = Path(__file__).parents[3]


def coverage(*words: str, reports: Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    context = CommandContext(out=out, err=err, env={}, cwd=ROOT)
    code = main(["coverage", *words, "--reports", str(reports)], context)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = unpack("pms-down", tmp_path)
    with open_history(tmp_path / FILE_NAME) as history:
        history.keep([row_of_folder(folder)])
    return tmp_path


def test_the_last_run_and_what_it_reached(reports: Path) -> None:
    code, text, _ = coverage("scenarios/pms/pms-down.yaml", "--json", reports=reports)
    assert code == ExitCode.FAIL  # one scenario lets only two rules fire
    (stack,) = json.loads(text)["stacks"]
    rules = {row["name"]: row for row in stack["rules"]["rows"]}
    (cell,) = rules["pms_circuit_breaker_open"]["cells"]
    assert (cell["scenario"], cell["tested"], cell["outcome"]) == ("pms-down", "fires", "PASS")
    assert cell["age"] > 0
    assert rules["service_down"]["lacking"] == ["fires"]
    reached = {one["state"]: one["run"] for one in stack["states"]}
    assert reached["breaker pms: closed -> open"]
    assert reached["degraded answer: stale-cache"]
    assert reached["replica promoted"] is None


def test_a_stack_without_rules_is_complete_and_needs_no_history(tmp_path: Path) -> None:
    code, text, _ = coverage("examples/counter", reports=tmp_path)
    assert code == ExitCode.PASS
    assert "0 runs in the history" in text


def test_a_run_folder_that_cannot_be_read_is_left_out_and_named(reports: Path) -> None:
    (reports / "pms-down" / "plan.json").write_text("{")
    code, text, complaints = coverage("scenarios/pms/pms-down.yaml", reports=reports)
    assert code == ExitCode.FAIL
    assert "pms-down is left out" in complaints
    assert "breaker pms: closed -> open" in text.partition("never reached:")[2]
