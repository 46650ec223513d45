"""An interrupted run hurries: an undo that hangs is cut short, and what counts is what still stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.errors import Interrupted, UndoFailed
from chaos.faults.container_kill import ContainerKill
from chaos.kinds import Fault
from chaos.ports import FaultContext
from chaos.runner import Runner, run, undo
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.runner_harness import Left, RunnerHarness

SHORT = 0.05  # real seconds; the deadline of an undo that takes for ever


def kill(hold: str) -> Fault:
    return ContainerKill.model_validate(
        {"at": "2s", "for": hold, "fault": "container.kill", "service": "cache"}
    )


async def until(harness: RunnerHarness, command: str) -> asyncio.Task[None]:
    """A run that has come to ``command``; once it has killed, no command has any effect."""
    task = asyncio.ensure_future(Runner(harness.plan, harness.needs()).run())
    while command not in harness.deployment.log:
        await harness.clock.advance(0.1)
        harness.deployment.deaf = "kill cache" in harness.deployment.log
    return task


async def interrupted(harness: RunnerHarness, command: str) -> None:
    task = await until(harness, command)
    task.cancel()
    await harness.run(task)


@pytest.mark.parametrize(
    ("hold", "command"),
    [("100s", "kill cache"), ("3s", "start cache")],
    ids=["in the fault", "in its undo"],
)
async def test_an_undo_that_hangs_is_cut_short_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hold: str, command: str
) -> None:
    monkeypatch.setattr(run, "HURRIED_REVERT", SHORT)
    harness = RunnerHarness(tmp_path, kill(hold))
    with pytest.raises(Interrupted):
        await interrupted(harness, command)
    assert [(e.ok, e.detail) for e in harness.journal.of("fault_reverted")] == [
        (False, f"not undone within {SHORT:g} s")
    ]
    assert harness.deployment.log[-1] == "down"
    assert harness.cleared == 1


@pytest.mark.parametrize("look", ["finds something", "fails"])
async def test_where_something_may_still_stand_the_run_is_dirty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    monkeypatch.setattr(run, "HURRIED_REVERT", SHORT)
    harness = RunnerHarness(tmp_path, kill("100s"))
    if look == "fails":
        harness.stack.breaks = frozenset({"left_over"})
    else:
        harness.stack.left = Left(containers=("toy-cache",))
    with pytest.raises(UndoFailed, match=r"container.kill cache: not undone(.|\n)*fix: gameday clean"):
        await interrupted(harness, "kill cache")
    assert harness.cleared == 0


async def test_a_run_in_no_hurry_must_undo_it_even_if_the_stack_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "REVERT_DEADLINE", SHORT)
    harness = RunnerHarness(tmp_path, kill("3s"))
    words = r"LEFT DIRTY: container.kill cache: not undone within .* s\n  fix: the stack was removed all"
    with pytest.raises(UndoFailed, match=words):
        await harness.run(await until(harness, "kill cache"))
    assert [e.names() for e in harness.journal.of("left_over")] == [()]


async def test_an_undo_whose_deadline_is_just_over_can_be_hurried() -> None:
    """asyncio refuses to change such a deadline, and the undo list broke with it."""
    context = fault_context(fake_deployment())
    undos, reverted = undo.UndoList(context, lambda event: None), asyncio.Event()

    class Endless(ContainerKill):
        async def revert(self, context: FaultContext) -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                undos.shorten_deadlines(SHORT)  # at this instant the deadline is over, the undo is not
                reverted.set()

    undos.shorten_deadlines(SHORT)
    undos.register(0, Endless.model_validate(kill("3s").model_dump(by_alias=True)))
    await undos.revert(0)
    assert reverted.is_set()
    assert undos.failed == [f"container.kill cache: not undone within {SHORT:g} s"]
