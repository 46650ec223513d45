"""Reading ledger.jsonl and readback.json: damage is a problem, a missing final read is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.faults.container_kill import ContainerKill
from chaos.journal import create_run_folder, load_recording
from chaos.journal.folder import RunFolder
from chaos.model.scenario import Writers
from chaos.timeline.damage import Damage
from chaos.timeline.ledger import LedgerOp, StoreRead, StoreRow
from tests.runner_harness import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})
OP = LedgerOp(ledger="orders", id="o-1", op="invoked", at=1.0, values={"seat": "S"})
READ = StoreRead(ledger="orders", store="db", began=2.0, ended=3.0, complete=True, rows=(StoreRow(id="o-1"),))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = create_run_folder(tmp_path, "toy", needed=0)
    made = plan(KILL)
    scenario = made.scenario.model_copy(update={"ledgers": (Writers(ledger="orders"),)})
    folder.plan.write_text(made.model_copy(update={"scenario": scenario}).model_dump_json())
    folder.journal.write_text("")
    folder.metrics.write_text("{}")
    folder.ledger.write_text(OP.model_dump_json(exclude_defaults=True) + "\n")
    folder.readback.write_text(f"[{READ.model_dump_json(exclude_defaults=True)}]")
    return folder


def test_what_was_written_is_read_back(run: RunFolder) -> None:
    recording = load_recording(run.path)
    assert (recording.ledger, recording.reads, recording.problems) == ((OP,), (READ,), ())


def test_a_missing_final_read_is_none_and_no_damage(run: RunFolder) -> None:
    run.readback.unlink()
    recording = load_recording(run.path)
    assert (recording.reads, recording.problems) == ((), ())


def test_a_damaged_final_read_is_named(run: RunFolder) -> None:
    run.readback.write_text(run.readback.read_text()[:-9])
    recording = load_recording(run.path)
    assert (recording.reads, recording.problems) == ((), (Damage("readback.json", "cannot be read"),))


@pytest.mark.parametrize("count", [0, 2])
def test_rows_of_a_final_read_that_were_lost_or_doubled_are_named(run: RunFolder, count: int) -> None:
    counted = READ.model_copy(update={"row_count": 1})
    run.readback.write_text(f"[{counted.model_dump_json(exclude_defaults=True)}]")
    assert load_recording(run.path).problems == ()
    changed = counted.model_copy(update={"rows": READ.rows * count})
    run.readback.write_text(f"[{changed.model_dump_json(exclude_defaults=True)}]")
    said = f"store db has {count} rows, but the run read 1"
    assert load_recording(run.path).problems == (Damage("readback.json", said),)


def test_a_line_that_was_cut_off_is_named(run: RunFolder) -> None:
    run.ledger.write_text(run.ledger.read_text() + '{"ledger":"ord')
    recording = load_recording(run.path)
    assert (recording.ledger, recording.problems) == ((OP,), (Damage("ledger.jsonl", "line 2 cut off"),))


def test_a_scenario_without_writers_needs_neither(run: RunFolder) -> None:
    run.plan.write_text(plan(KILL).model_dump_json())
    run.ledger.unlink()
    run.readback.unlink()
    assert load_recording(run.path).problems == ()
