"""Nothing that goes wrong with telling keeps the stack from being removed: journal full, terminal gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.errors import Interrupted, ToolProblem, UndoFailed
from chaos.faults.link_down import LinkDown
from chaos.kinds import Fault
from chaos.runner import Progress, Runner
from chaos.runner.undo import UndoList
from chaos.timeline.events import FaultReverted
from tests.fake_ports import fault_context
from tests.fakes import ManualClock, fake_deployment
from tests.runner_harness import Left, RunnerHarness


def cut(link: str = "clients->web", hold: str = "4s") -> Fault:
    return LinkDown.model_validate({"at": "1s", "for": hold, "fault": "link.down", "link": link})


def full_from(harness: RunnerHarness, kind: str) -> None:
    """From the first event of this kind on the disk is full."""
    write, full = harness.journal.write, False

    def refuse(event: object) -> None:
        nonlocal full
        full = full or kind in (getattr(event, "event", ""), getattr(event, "phase", ""))
        if full:
            raise ToolProblem("no space left")
        write(event)  # type: ignore[arg-type]

    harness.journal.write = refuse  # type: ignore[method-assign]


@pytest.mark.parametrize("kind", ["teardown", "fault_reverted", "left_over", "run_ended"])
async def test_whenever_the_disk_fills_the_stack_is_removed(tmp_path: Path, kind: str) -> None:
    harness = RunnerHarness(tmp_path, cut())
    full_from(harness, kind)
    with pytest.raises((ToolProblem, UndoFailed), match="no space left"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert "down" in harness.deployment.log


async def test_a_disk_that_fills_while_the_stack_starts_leaves_nothing(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, cut())
    harness.stack.breaks = frozenset({"up"})
    full_from(harness, "teardown")
    with pytest.raises(ToolProblem, match="up broke"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert harness.deployment.log == ["up", "logs", "down"]
    assert harness.cleared == 1


async def test_an_interruption_that_cannot_be_written_down_still_removes_the_stack(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, cut())
    full_from(harness, "run_interrupted")
    run = asyncio.ensure_future(Runner(harness.plan, harness.needs()).run())
    await harness.clock.advance(1)
    run.cancel()
    with pytest.raises(Interrupted):
        await harness.clock.run(run)
    assert "down" in harness.deployment.log


async def test_a_terminal_that_went_away_does_not_keep_the_stack(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, cut())

    class Terminal(list[Progress]):
        def append(self, progress: Progress) -> None:
            raise BrokenPipeError

    harness.progress = Terminal()
    with pytest.raises(BrokenPipeError):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert "down" in harness.deployment.log


async def test_what_was_left_outweighs_a_full_disk(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, cut())
    harness.stack.left = Left(containers=("api",))
    full_from(harness, "run_ended")
    with pytest.raises(UndoFailed, match=r"still there: api\n  fix: gameday clean"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())


async def test_an_undo_that_cannot_be_written_down_stops_no_other() -> None:
    places, clock = fake_deployment(), ManualClock()

    def refuse(event: FaultReverted) -> None:
        raise ToolProblem("no space left")

    undo = UndoList(fault_context(places, clock), refuse)
    links = ("clients->web", "web->cache")
    for index, link in enumerate(links):
        undo.register(index, cut(link))
    with pytest.raises(ToolProblem, match="no space left"):
        await undo.revert_all()
    assert [line for line in places.log if line.startswith("enable")] == [
        f"enable {link}" for link in reversed(links)
    ]
