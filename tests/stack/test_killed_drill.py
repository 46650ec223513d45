"""SIGKILL in the middle of a drill: nothing is left behind, and the drill is completed in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.drill import read_drill
from chaos.evidence import SealState, verify
from tests.stack.harness import COUNTER, Harness, await_gone, gameday
from tests.stack.judged import all_passed, verdict_in

pytestmark = pytest.mark.containers
SLOW = "examples/counter/scenarios/redis-slow.yaml"
AFTER_KILL = 30.0  # seconds within which the watchdog has removed a killed run
RUN_LIMIT = 300.0  # seconds: a run at pace 20 takes about one minute on two cores


def test_a_drill_that_is_killed_is_completed_and_keeps_what_it_ran(tmp_path: Path) -> None:
    drill = Harness(tmp_path / "reports", COUNTER, SLOW, "--jobs", "1", command="drill")
    drill.await_event("fault_injected", within=RUN_LIMIT, scenario="redis-slow")
    drill.kill()
    first, second = drill.folders()
    await_gone(second.name.rsplit("-", 1)[-1], AFTER_KILL)
    (folder,) = (tmp_path / "reports").glob("*-drill-*")
    stored = read_drill((folder / "drill.json").read_bytes())
    assert [(run.scenario, run.folder) for run in stored.runs] == [
        ("redis-down", first.name),
        ("redis-slow", ""),
    ]
    assert verify(folder).state is SealState.UNSEALED

    (tmp_path / "again").mkdir()
    ended = Harness(tmp_path / "again" / "reports", "--resume", str(folder), command="drill").end(RUN_LIMIT)
    completed = read_drill((folder / "drill.json").read_bytes())
    runs = tuple(tmp_path / "reports" / run.folder for run in completed.runs)
    all_passed(runs, ended.code, ended.output)
    assert [(run.scenario, run.outcome) for run in completed.runs] == [
        ("redis-down", verdict_in(runs[0]).outcome),
        ("redis-slow", verdict_in(runs[1]).outcome),
    ]
    assert completed.runs[0].folder == first.name, "what ended before the kill is not run again"
    assert completed.runs[1].folder not in ("", second.name)
    assert verify(folder).intact
    assert gameday("verify", str(folder)).returncode == 0
