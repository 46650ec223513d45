"""Procedures on real containers: what they bring back, and what is left when one is killed, interrupted or
fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from chaos.timeline.events import ProcedureEnded, ProcedureStepEnded
from tests.stack.harness import AFTER_INTERRUPT, Ended, Harness, await_gone, belongings
from tests.stack.judged import all_passed
from tests.stack.restorable import FILL, LOSE_ALL, LOSE_VOLUME, write_restorable

pytestmark = pytest.mark.containers
AFTER_KILL = 20.0  # seconds within which the watchdog has removed a killed run


def restoring(tmp_path: Path) -> Harness:
    """A run whose restore has just begun, and takes longer than anybody waits."""
    harness = Harness(tmp_path / "reports", write_restorable(tmp_path / "stack", slow=50))
    harness.await_event("procedure_step_began", step="restore")
    return harness


def ended(tmp_path: Path, step: str = LOSE_VOLUME, fill: str = FILL) -> Ended:
    return Harness(tmp_path / "reports", write_restorable(tmp_path / "stack", step, fill=fill)).end(180)


def copy_of(folder: Path) -> bytes:
    """The snapshot that was copied off-site; one of Redis begins with its name and ends with a checksum."""
    return (folder / "offsite" / "vault" / "dump.rdb").read_bytes()


def commands_of(run_id: str) -> list[int]:
    """Processes of this machine that know the run's project."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("COMPOSE_PROJECT_NAME") == f"gameday-{run_id}":
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_a_procedure_brings_back_what_was_lost(tmp_path: Path) -> None:
    done = ended(tmp_path)
    all_passed(done.folders, done.code, done.output)
    (folder,) = done.folders
    assert not (folder / "offsite").exists()
    assert re.search(r"restore: restore \(2 of 3\) done in \S+ \(planned 20m\)", done.output)
    assert {e.procedure: e.ok for e in done.recording("db-lost").of(ProcedureEnded)} == {
        "fill": True,
        "restore": True,
    }
    assert belongings(folder.name.rsplit("-", 1)[-1]) == []


def test_everything_is_rebuilt_where_clients_look_for_it(tmp_path: Path) -> None:
    done = ended(tmp_path, LOSE_ALL)
    all_passed(done.folders, done.code, done.output)
    assert not (done.folders[0] / "offsite").exists()


def test_killed_in_a_restore_nothing_is_left_but_the_copy(tmp_path: Path) -> None:
    """At this instant Compose is just creating the container that restores."""
    harness = restoring(tmp_path)
    run_id = harness.run_id()
    harness.kill()
    await_gone(run_id, AFTER_KILL)
    assert commands_of(run_id) == []
    (folder,) = harness.folders()
    assert copy_of(folder).startswith(b"REDIS")


def test_an_interrupted_restore_ends_at_once_and_keeps_the_copy(tmp_path: Path) -> None:
    harness = restoring(tmp_path)
    run_id = harness.run_id()
    harness.interrupt()
    done = harness.end(AFTER_INTERRUPT)
    assert done.code == 130, done.output
    assert belongings(run_id) == []
    assert commands_of(run_id) == []
    assert copy_of(done.folders[0]).startswith(b"REDIS")


def test_a_step_that_fails_is_a_failure_of_the_system_and_keeps_the_copy(tmp_path: Path) -> None:
    """The copy is made of nothing: the restored database has no rows."""
    hollow = FILL.replace("cp /data/dump.rdb /vault/dump.rdb", "sh -c '> /vault/dump.rdb'")
    done = ended(tmp_path, fill=hollow)
    assert done.code == 1, done.output
    failed = [e for e in done.recording("db-lost").of(ProcedureStepEnded) if not e.ok]
    assert [event.step for event in failed] == ["reopen"]
    assert "GET web/ answers below 400" in failed[0].detail
    assert "off-site data remains in" in done.output
    assert copy_of(done.folders[0]) == b""


def test_without_what_it_needs_nothing_is_broken_and_nothing_is_said(tmp_path: Path) -> None:
    done = ended(tmp_path, fill=FILL.replace("redis-cli SAVE", "redis-cli --no-such-option"))
    assert done.code == 2, done.output
    assert "step copy (1 of 1)" in done.output
    assert not [e for e in done.recording("db-lost").events if e.event == "fault_intended"]
