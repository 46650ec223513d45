"""An undo is tried again until its deadline: a refusal may pass."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from chaos.errors import ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.faults.lever import LeverFault
from chaos.kinds import Fault
from chaos.ports import ContainerReading, FaultContext, LeverAnswer, LeverPhase
from chaos.runner.undo import REVERT_DEADLINE, UndoList
from chaos.timeline.events import FaultReverted
from tests.fake_ports import fault_context
from tests.fakes import FakeContainers, FakeDeployment, FakeLevers, fake_deployment

KILL = ContainerKill.model_validate({"at": "1s", "for": "4s", "fault": "container.kill", "service": "cache"})
LEVER = LeverFault.model_validate({"at": "1s", "for": "4s", "fault": "lever", "lever": "web.errors"})


class _Busy(FakeContainers):
    """Refuses the first calls of some kinds. ``refusals``: how often."""

    def __init__(self, deployment: FakeDeployment, **refusals: int) -> None:
        super().__init__(deployment)
        self.refusals = refusals

    def _may(self, call: str) -> None:
        if self.refusals.get(call, 0) > 0:
            self.refusals[call] -= 1
            raise ToolProblem(f"the engine could not {call} cache")

    async def start(self, service: str) -> None:
        self._may("start")
        await super().start(service)

    async def reading(self, service: str) -> ContainerReading:
        self._may("reading")
        return await super().reading(service)


class _Counting(FakeLevers):
    """Counts how often the undo was asked for; its read-back says "not yet" at first."""

    def __init__(self, deployment: FakeDeployment) -> None:
        super().__init__(deployment)
        self.asked, self.not_yet = 0, 3

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        self.asked += phase is LeverPhase.REVERT
        if phase is LeverPhase.READBACK and self.not_yet:
            self.not_yet -= 1
            return LeverAnswer(False, "not yet")
        return await super().act(lever, phase, params)


async def undone(fault: Fault, context: FaultContext) -> tuple[UndoList, FaultReverted]:
    said: list[FaultReverted] = []
    undo = UndoList(context, said.append)
    undo.register(0, fault)
    await fault.inject(context)
    await undo.revert_all()
    (event,) = said
    return undo, event


@pytest.mark.parametrize("call", ["start", "reading"])
async def test_a_refusal_that_passes_fails_no_undo(call: str) -> None:
    places = fake_deployment()
    context = replace(fault_context(places), containers=FakeContainers(places))
    undo = UndoList(replace(context, containers=_Busy(places, **{call: 2})), lambda event: None)
    undo.register(0, KILL)
    await KILL.inject(context)
    await undo.revert_all()
    assert undo.failed == []
    assert places.states["cache"] == "running"


async def test_a_refusal_that_stays_is_the_reason_that_is_given() -> None:
    places = fake_deployment()
    places.broken = {"start"}
    undo, event = await undone(KILL, fault_context(places))
    expected = f"not undone within {REVERT_DEADLINE:g} s; at last ToolProblem: cannot start cache"
    assert (event.ok, event.detail) == (False, expected)
    assert undo.failed == [f"container.kill cache: {expected}"]


async def test_an_undo_that_was_accepted_is_only_read_back_again() -> None:
    """A lever is a call to the application of a user; it is not called ten times a second."""
    places = fake_deployment()
    levers = _Counting(places)
    _, event = await undone(LEVER, replace(fault_context(places), levers=levers))
    assert (event.ok, levers.asked) == (True, 1)


async def test_a_defect_of_gameday_is_not_repeated() -> None:
    class Defect(FakeContainers):
        async def start(self, service: str) -> None:
            raise KeyError(service)

    places = fake_deployment()
    _, event = await undone(KILL, replace(fault_context(places), containers=Defect(places)))
    assert event.detail == "KeyError: 'cache'"
    assert event.took == 0


class _Slow(FakeContainers):
    """Starts nothing until it may."""

    def __init__(self, deployment: FakeDeployment) -> None:
        super().__init__(deployment)
        self.begun, self.may = asyncio.Event(), asyncio.Event()

    async def start(self, service: str) -> None:
        self.begun.set()
        await self.may.wait()
        await super().start(service)


@pytest.mark.parametrize("again", ["revert", "revert_all"])
async def test_whoever_comes_second_waits_for_the_undo_that_is_under_way(again: str) -> None:
    """Whoever closes the project relies on it: the watchdog then forgets the fault."""
    places = fake_deployment()
    containers = _Slow(places)
    context = replace(fault_context(places), containers=containers)
    undo = UndoList(context, lambda event: None)
    undo.register(0, KILL)
    await KILL.inject(context)
    first = asyncio.ensure_future(undo.revert(0))
    await containers.begun.wait()
    first.cancel()
    second = asyncio.ensure_future(undo.revert(0) if again == "revert" else undo.revert_all())
    assert not (await asyncio.wait({second}, timeout=0.05))[0]
    containers.may.set()
    await second
    assert places.states["cache"] == "running"


async def test_all_are_undone_although_the_caller_is_cancelled() -> None:
    places = fake_deployment()
    containers = _Slow(places)
    context = replace(fault_context(places), containers=containers)
    undo = UndoList(context, lambda event: None)
    for index, service in enumerate(("cache", "web")):
        fault = KILL.model_copy(update={"service": service})
        undo.register(index, fault)
        await fault.inject(context)
    closing = asyncio.ensure_future(undo.revert_all())
    await containers.begun.wait()
    closing.cancel()
    containers.may.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert set(places.states.values()) == {"running"}
