"""Interrupted and killed at the worst instants, with real processes: nothing stays behind, and what was
recorded can be drawn.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.model.verdict import Outcome
from chaos.timeline.events import FaultReverted, LeftOver
from tests.stack.harness import (
    AFTER_INTERRUPT,
    COUNTER,
    Ended,
    Harness,
    await_gone,
    belongings,
    gameday,
    remove_container,
)

pytestmark = pytest.mark.containers
AFTER_KILL = 20.0  # seconds within which the watchdog has removed a killed run

MOMENTS = ["mid-start", "mid-fault", "mid-teardown"]


def at(moment: str, reports: Path) -> Harness:
    """A run of the counter example that has just reached ``moment``."""
    harness = Harness(reports, COUNTER)
    if moment == "mid-start":
        harness.await_container()
    elif moment == "mid-fault":
        harness.await_event("fault_injected")
    else:
        harness.await_event("phase_began", phase="teardown", within=180)
    return harness


@pytest.fixture(scope="module", autouse=True)
def failing_undo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A run whose undo fails. It goes on beside the other tests: it waits two minutes for a recovery that
    never comes.
    """
    harness = at("mid-fault", tmp_path_factory.mktemp("failing") / "reports")
    remove_container(harness.run_id(), "redis")
    yield harness
    if harness.process.poll() is None:  # its own test did not run
        harness.interrupt()
        harness.end(180)


@pytest.mark.parametrize("moment", ["mid-start", "mid-fault"])
def test_ctrl_c_undoes_everything_in_time(tmp_path: Path, moment: str) -> None:
    harness = at(moment, tmp_path / "reports")
    harness.interrupt()
    ended = harness.end(AFTER_INTERRUPT)
    assert ended.code == 130, ended.output
    assert belongings(harness.run_id()) == []
    (folder,) = ended.folders
    assert ended.verdict("redis-down").outcome == "ABORTED"
    assert (folder / "report.html").stat().st_size > 0
    assert gameday("verify", str(folder)).returncode == 0


def test_sigterm_undoes_everything_in_time(tmp_path: Path) -> None:
    harness = at("mid-fault", tmp_path / "reports")
    harness.interrupt(signal.SIGTERM)
    ended = harness.end(AFTER_INTERRUPT)
    assert ended.code == 130, ended.output
    assert belongings(harness.run_id()) == []
    assert ended.verdict("redis-down").outcome == "ABORTED"


def test_ctrl_c_during_the_teardown_lets_it_come_to_its_end(tmp_path: Path) -> None:
    harness = at("mid-teardown", tmp_path / "reports")
    harness.interrupt()
    ended = harness.end(AFTER_INTERRUPT)
    assert ended.code == 130, ended.output
    assert belongings(harness.run_id()) == []
    assert clean(ended)


def test_a_second_ctrl_c_only_asks_for_patience(tmp_path: Path) -> None:
    harness = at("mid-fault", tmp_path / "reports")
    harness.interrupt()
    harness.await_line("interrupted, undoing everything")
    harness.interrupt()
    ended = harness.end(AFTER_INTERRUPT)
    assert ended.code == 130, ended.output
    assert "still undoing, please wait" in ended.output
    assert "Traceback" not in ended.output
    assert belongings(harness.run_id()) == []
    assert clean(ended)


def clean(ended: Ended) -> bool:
    """Somebody looked at the end, and found nothing."""
    return [event.names() for event in ended.recording("redis-down").of(LeftOver)] == [()]


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_is_undone_by_the_watchdog(tmp_path: Path, moment: str) -> None:
    harness = at(moment, tmp_path / "reports")
    run_id = harness.run_id()
    harness.kill()
    await_gone(run_id, AFTER_KILL)
    assert run_id not in gameday("clean").stdout
    (folder,) = harness.folders()
    assert gameday("verify", str(folder)).returncode == 2  # it was never sealed
    assert gameday("report", str(folder)).returncode == 0
    assert "late: after the run, not by it" in gameday("verify", str(folder)).stdout
    assert (
        "ABORTED" in (folder / "report.md").read_text()
        or "INCONCLUSIVE" in (folder / "report.md").read_text()
    )


def test_an_undo_that_fails_is_exit_code_five_and_reported_loudly(failing_undo: Harness) -> None:
    ended = failing_undo.end(180)
    assert ended.code == 5, ended.output
    assert "LEFT DIRTY: container.kill redis" in ended.output
    assert "fix:" in ended.output
    assert belongings(failing_undo.run_id()) == []
    (reverted,) = ended.recording("redis-down").of(FaultReverted)
    assert not reverted.ok
    assert ended.verdict("redis-down").outcome is not Outcome.PASS
