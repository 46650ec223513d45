"""The writers beside a run: they start with the load, stop before the final read, never outlive the run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chaos.errors import ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.runner import Runner, RunPorts
from chaos.timeline.ledger import StoreRead
from chaos.timeline.observations import WriterCounts
from tests.runner_harness import RunnerHarness

READ = StoreRead(ledger="orders", store="db", began=1.0, ended=2.0, complete=True)


@dataclass
class FakeLedgers:
    """``dead``: why the writers ended by themselves, once something was broken."""

    log: list[str]
    dead: str = ""
    reads: tuple[StoreRead, ...] = field(default=(READ,))

    stopped: bool = False

    async def start(self) -> tuple[WriterCounts, ...]:
        self.log.append("start writers")
        return (WriterCounts(ledger="orders", rate=3.0),)

    async def stop(self, at_once: bool = False) -> tuple[WriterCounts, ...]:
        self.log.append("cut writers off" if at_once else "stop writers")
        first, self.stopped = not self.stopped, True
        return (WriterCounts(ledger="orders", rate=3.0, planned=40, left_out=2),) if first else ()

    async def read_back(self) -> tuple[StoreRead, ...]:
        self.log.append("read back")
        return self.reads

    def died(self) -> str:
        return self.dead if "kill cache" in self.log else ""


def written(tmp_path: Path) -> tuple[RunnerHarness, FakeLedgers, RunPorts]:
    kill = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    harness = RunnerHarness(tmp_path, kill)
    ledgers = FakeLedgers(harness.deployment.log)
    return harness, ledgers, replace(harness.needs(), ledgers=ledgers)


async def test_they_write_before_the_injection_and_are_read_back_before_the_stack_goes(
    tmp_path: Path,
) -> None:
    harness, _, needs = written(tmp_path)
    await harness.clock.run(Runner(harness.plan, needs).run())
    wanted = ("up", "start writers", "kill cache", "stop writers", "read back", "down")
    assert [line for line in harness.deployment.log if line in wanted] == list(wanted)
    assert needs.folder.readback.read_text() == (
        '[{"ledger":"orders","store":"db","began":1.0,"ended":2.0,"complete":true,"row_count":0}]'
    )


async def test_what_was_planned_and_left_out_is_written_once(tmp_path: Path) -> None:
    harness, _, needs = written(tmp_path)
    await harness.clock.run(Runner(harness.plan, needs).run())
    assert [(one.ledger, one.rate) for one in harness.journal.of("writers_started")] == [("orders", 3.0)]
    stopped = [(one.ledger, one.planned, one.left_out) for one in harness.journal.of("writers_stopped")]
    assert stopped == [("orders", 40, 2)]


async def test_a_run_without_a_steady_state_has_no_final_read(tmp_path: Path) -> None:
    harness, _, needs = written(tmp_path)
    harness.metrics.sick = True
    await harness.clock.run(Runner(harness.plan, needs).run())
    assert "read back" not in harness.deployment.log
    assert "cut writers off" in harness.deployment.log
    assert not needs.folder.readback.exists()


async def test_writers_that_die_end_the_run_and_say_why(tmp_path: Path) -> None:
    harness, ledgers, needs = written(tmp_path)
    ledgers.dead = "the disk is full"
    with pytest.raises(ToolProblem, match="the writers of the ledgers ended unexpectedly: the disk is full"):
        await harness.clock.run(Runner(harness.plan, needs).run())
    assert "read back" not in harness.deployment.log
    assert harness.deployment.log.index("cut writers off") < harness.deployment.log.index("down")


async def test_a_broken_run_cuts_them_off_after_the_undo(tmp_path: Path) -> None:
    harness, _, needs = written(tmp_path)
    harness.deployment.broken.add("kill")
    with pytest.raises(ToolProblem):
        await harness.clock.run(Runner(harness.plan, needs).run())
    assert "read back" not in harness.deployment.log
    assert harness.deployment.log.index("start cache") < harness.deployment.log.index("cut writers off")
