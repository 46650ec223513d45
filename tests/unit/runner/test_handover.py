"""A run that shares its stack shows in its recording whether it left the stack as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chaos.errors import Interrupted, StackProblem, ToolProblem, UndoFailed
from chaos.runner import Runner, RunPorts
from chaos.runner.handover import after_the_recovery, cut_short
from chaos.timeline.events import Event, StackLeft
from chaos.timeline.ledger import StoreRead
from tests.runner_harness import RunnerHarness
from tests.service import KILL


@dataclass
class FakeHandover:
    """``found``: how the containers differ. ``mute``: they cannot be read. ``last``: no run follows."""

    found: tuple[str, ...] = ()
    mute: bool = False
    last: bool = False
    left: list[tuple[str, ...]] = field(default_factory=list)

    def forgotten_at(self) -> float:
        return 0.0

    async def differences(self) -> tuple[str, ...]:
        if self.mute:
            raise StackProblem("no answer")
        return self.found

    def leave(self, at: float, differences: Sequence[str]) -> bool:
        self.left.append(tuple(differences))
        return not differences and not self.last


def shared(folder: Path, handover: FakeHandover) -> tuple[RunnerHarness, RunPorts]:
    harness = RunnerHarness(folder, KILL)
    return harness, replace(harness.needs(), handover=handover)


def said(harness: RunnerHarness) -> StackLeft:
    (event,) = harness.journal.of("stack_left")
    assert isinstance(event, StackLeft)
    return event


async def test_a_stack_that_is_as_it_was_stays(tmp_path: Path) -> None:
    harness, ports = shared(tmp_path, FakeHandover())
    await harness.clock.run(Runner(harness.plan, ports).run())
    event = said(harness)
    assert event.kept
    assert event.differences == ()
    assert {"every undo read back", "alerts quiet", "the clients are well"} <= set(event.looked_at)
    assert "down" not in harness.deployment.log
    assert [one.names() for one in harness.journal.of("left_over")] == [()]


async def test_the_last_run_removes_it_although_it_is_as_it_was(tmp_path: Path) -> None:
    harness, ports = shared(tmp_path, FakeHandover(last=True))
    await harness.clock.run(Runner(harness.plan, ports).run())
    assert (said(harness).kept, said(harness).differences) == (False, ())
    assert "down" in harness.deployment.log


async def test_a_stack_whose_state_cannot_be_written_down_is_removed(tmp_path: Path) -> None:
    """A disk that fills up used to skip the removal."""
    handover = FakeHandover()
    harness, ports = shared(tmp_path, handover)
    write = harness.journal.write

    def refuse(event: Event) -> None:
        if isinstance(event, StackLeft):
            raise ToolProblem("no space left")
        write(event)

    harness.journal.write = refuse  # type: ignore[method-assign]
    await harness.clock.run(Runner(harness.plan, ports).run())
    assert "down" in harness.deployment.log
    assert handover.left == [(), ("unknown: no space left",)]


@pytest.mark.parametrize(
    ("handover", "alerts", "mute", "words"),
    [
        (FakeHandover(found=("web: limits was none and is Memory 1",)), (), False, "web: limits"),
        (FakeHandover(mute=True), (), False, "unknown how its containers are: no answer"),
        (FakeHandover(), ("late",), False, "the alert late is firing"),
        (FakeHandover(), (), True, "unknown whether an alert fires"),
    ],
    ids=["a container differs", "containers unread", "an alert fires", "alerts unread"],
)
async def test_a_stack_that_differs_or_cannot_be_read_is_removed(
    tmp_path: Path, handover: FakeHandover, alerts: tuple[str, ...], mute: bool, words: str
) -> None:
    harness, ports = shared(tmp_path, handover)

    def sicken() -> None:
        harness.metrics.firing, harness.metrics.mute = alerts, mute

    original = harness.stack.logs

    async def logs(folder: Path) -> None:  # once the recovery was seen
        sicken()
        await original(folder)

    harness.stack.logs = logs  # type: ignore[method-assign]
    await harness.clock.run(Runner(harness.plan, ports).run())
    assert not said(harness).kept
    assert words in "; ".join(said(harness).differences)
    assert "down" in harness.deployment.log


async def test_an_undo_that_fails_is_a_difference(tmp_path: Path) -> None:
    harness, ports = shared(tmp_path, FakeHandover())
    harness.deployment.broken = {"start"}
    with pytest.raises(UndoFailed):
        await harness.run(Runner(harness.plan, ports).run())
    assert any("container.kill cache" in one for one in said(harness).differences)
    assert "down" in harness.deployment.log


async def test_an_interrupted_run_removes_the_stack(tmp_path: Path) -> None:
    harness, ports = shared(tmp_path, FakeHandover())
    task = asyncio.ensure_future(Runner(harness.plan, ports).run())
    while "kill cache" not in harness.deployment.log:
        await harness.clock.advance(0.1)
    task.cancel()
    with pytest.raises(Interrupted):
        await harness.run(task)
    assert "the run was interrupted" in said(harness).differences
    assert "down" in harness.deployment.log


def test_a_run_alone_says_nothing_of_a_handover() -> None:
    assert cut_short(None, True) == []
    assert cut_short(None, False) == ["a guardrail ended the run"]
    assert cut_short(StackProblem("x"), True) == ["the run broke off"]


def test_ledgers_must_have_been_read_and_agree() -> None:
    read = StoreRead(ledger="orders", store="db", began=1.0, ended=2.0, complete=True)
    unread = read.model_copy(update={"complete": False, "detail": "refused"})
    assert after_the_recovery(True, [read]) == []
    assert after_the_recovery(True, [unread]) == ["ledger orders: db could not be read: refused"]
    unsettled = read.model_copy(update={"settled": False})
    assert after_the_recovery(False, [unsettled, unsettled]) == [
        "the clients were not well again",
        "ledger orders: its stores do not agree",
    ]
