"""Interrupted and killed at the worst instants, with real processes: nothing stays behind, and what was
recorded can be drawn.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stack.harness import COUNTER, Harness, await_gone, belongings, gameday

pytestmark = pytest.mark.containers
AFTER_INTERRUPT = 10.0  # seconds within which an interrupted run is undone and gone
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


@pytest.mark.parametrize("moment", ["mid-start", "mid-fault"])
def test_ctrl_c_undoes_everything_in_time(tmp_path: Path, moment: str) -> None:
    harness = at(moment, tmp_path / "reports")
    harness.interrupt()
    ended = harness.end(AFTER_INTERRUPT)
    assert ended.code == 130, ended.output
    assert belongings(harness.run_id()) == []
    (folder,) = ended.folders
    assert ended.verdict("redis-down").outcome == "ABORTED"
    (folder / "report.html").unlink()
    assert gameday("report", str(folder)).returncode == 0
    assert (folder / "report.html").stat().st_size > 0


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_is_undone_by_the_watchdog(tmp_path: Path, moment: str) -> None:
    harness = at(moment, tmp_path / "reports")
    run_id = harness.run_id()
    harness.kill()
    await_gone(run_id, AFTER_KILL)
    assert run_id not in gameday("clean").stdout
    (folder,) = harness.folders()
    assert gameday("report", str(folder)).returncode == 0
    assert (
        "ABORTED" in (folder / "report.md").read_text()
        or "INCONCLUSIVE" in (folder / "report.md").read_text()
    )
