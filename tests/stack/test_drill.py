"""Drills on real containers: what comes back, what a kill in the middle of a restore leaves, what a bad
backup does to the weekly job.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from chaos.model.verdict import Outcome
from tests.stack.harness import ROOT, Harness, await_gone
from tests.stack.judged import all_passed

pytestmark = pytest.mark.containers
AFTER_KILL = 30.0  # seconds within which the watchdog has removed a killed run
POSTGRES = "agente/postgres:local"


def scenario(name: str, folder: Path, **changes: object) -> str:
    """A copy of a drill scenario with other values for some keys of its first step."""
    data = yaml.safe_load((ROOT / "scenarios/drill" / f"{name}.yaml").read_text())
    data["stack"] = str(ROOT / "stack/stack.yaml")
    data["timeline"][0].update(changes)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data))
    return str(path)


def test_a_point_in_time_recovery_gives_up_what_came_after_and_nothing_else(tmp_path: Path) -> None:
    ended = Harness(tmp_path / "reports", "scenarios/drill/point-in-time.yaml").end(400)
    all_passed(ended.folders, ended.code, ended.output)
    verdict = ended.verdict("point-in-time")
    assert {"data", "procedure", "recovery", "fault_effect"} <= {result.check for result in verdict.checks}


def test_kill_9_in_the_middle_of_a_restore_leaves_nothing_but_the_backup_intact(tmp_path: Path) -> None:
    harness = Harness(tmp_path / "reports", scenario("database-loss", tmp_path, at="1m"))
    harness.await_event("procedure_step_began", within=150, procedure="database-loss", step="restore")
    run_id = harness.run_id()
    harness.kill()
    await_gone(run_id, AFTER_KILL)
    (folder,) = harness.folders()
    offsite = folder / "offsite" / "offsite"
    assert "full backup:" in pgbackrest(offsite, "info")
    assert "ERROR" not in pgbackrest(offsite, "verify", "--output=text")


def pgbackrest(offsite: Path, *words: str) -> str:
    """What the tool that made the backup says of it, without a server or a network."""
    mount = f"{offsite}:/offsite"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", "-v", mount, POSTGRES, "pgbackrest", *words],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_weekly_job_fails_on_a_backup_that_cannot_be_restored(tmp_path: Path) -> None:
    words = ("scenarios/drill/restore-test.yaml", "--env", "backup.SPECIMEN=truncated")
    ended = Harness(tmp_path / "reports", *words).end(400)
    assert ended.code == 1, ended.output
    (backup,) = (r for r in ended.verdict("restore-test").checks if r.title == "backup postgres")
    assert backup.outcome is Outcome.FAIL
    assert "truncated" in backup.actual
