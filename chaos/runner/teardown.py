"""Undo, save the data for the checks, remove everything, and check for leftovers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from chaos.errors import GamedayError
from chaos.files import write_file
from chaos.model.plan import Plan
from chaos.runner.handover import hand_over
from chaos.runner.ledgers import stop_ledgers
from chaos.runner.run_ports import RunPorts
from chaos.runner.undo import UndoList
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import Event, LeftOver, LoadStopped
from chaos.timeline.recording import Metrics

T = TypeVar("T")
DOWN_DEADLINE = 60.0
HURRIED_SAVE = 2.0
SAVE_DEADLINE = 15.0


async def tear_down(
    plan: Plan,
    ports: RunPorts,
    undo: UndoList,
    write: Callable[[Event], None],
    began: ClockReading,
    hurried: bool,
    doubts: Sequence[str] = (),
) -> list[str]:
    """Tries every step whatever happens to the others. Returns what was left behind or is unknown, in words.

    ``began``: both clocks at the run's start. ``hurried``: the user waits, so save only what is
    available at once. ``doubts``: why the stack is not as before the run; it is kept only without doubts.
    """
    saving = HURRIED_SAVE if hurried else SAVE_DEADLINE
    problems: list[str] = []
    await _tried(undo.revert_all())
    await _tried(stop_ledgers(ports, write, at_once=True))
    await _tried(_stop_load(ports, write))
    await asyncio.gather(
        _tried(_save_metrics(plan, ports, began, saving)),
        _tried(_within(saving, ports.stack.logs(ports.folder.logs))),
    )
    kept = await _handed_over(plan, ports, (*doubts, *undo.failed), write)
    if not kept and (error := await _tried(_within(DOWN_DEADLINE, ports.stack.down()))):
        problems.append(f"the stack could not be removed: {error}")
    if error := await _tried(_look(ports, write, problems)):
        problems.append(f"unknown what is left: {error}")
    return problems


async def _handed_over(
    plan: Plan, ports: RunPorts, doubts: Sequence[str], write: Callable[[Event], None]
) -> bool:
    """Whether the stack stays for the next run. Without a record of its state it does not."""
    handover = ports.handover
    if handover is None:
        return False
    try:
        return await hand_over(plan, ports, handover, doubts, write)
    except Exception as error:
        why = f"unknown: {str(error) or type(error).__name__}"
        return handover.leave(ports.context.clock.mono(), [why])


async def _stop_load(ports: RunPorts, write: Callable[[Event], None]) -> None:
    if ports.load is None:
        return
    died = ports.load.died()
    sent = await ports.load.stop()
    clock = ports.context.clock
    if sent or died:
        write(
            LoadStopped(
                at=clock.wall(),
                mono=clock.mono(),
                sent=sent,
                detail=died or ports.load.detail(),
                recorded=ports.load.recorded(),
                waiting=ports.load.waiting(),
            )
        )


async def _save_metrics(plan: Plan, ports: RunPorts, began: ClockReading, deadline: float) -> None:
    if ports.metrics is None:
        return
    clock = ports.context.clock
    until = clock.mono() + deadline
    start, end = _window(began, ClockReading(clock.wall(), clock.mono()))
    try:
        metrics = await _within(deadline, ports.metrics.history(plan, start, end))
    except (TimeoutError, GamedayError) as error:
        metrics = Metrics(complete=False, detail=str(error) or f"not answered within {deadline:g} s")
    extra: dict[str, object] = {"read_from_mono": began.mono, "read_to_mono": clock.mono()}
    with suppress(TimeoutError, GamedayError):  # stays None if it could not be read in time
        extra["targets"] = await _within(until - clock.mono(), ports.metrics.targets())
    with suppress(TimeoutError, GamedayError):
        asked = ports.metrics.selectors(plan, start, end)
        extra["selectors"] = await _within(until - clock.mono(), asked)
    metrics = _freed(metrics.model_copy(update=extra), ports.hide)
    write_file(ports.folder.metrics, metrics.model_dump_json())


def _freed(metrics: Metrics, hide: Callable[[str], str]) -> Metrics:
    """Labels without secrets, as in the stored plan."""
    series = tuple(
        one.model_copy(update={"labels": {name: hide(value) for name, value in one.labels.items()}})
        for one in metrics.series
    )
    return metrics.model_copy(update={"series": series, "detail": hide(metrics.detail)})


def _window(began: ClockReading, now: ClockReading) -> tuple[float, float]:
    """The wall-clock window of the whole run, even if the wall clock was set during it."""
    took = now.mono - began.mono
    return min(began.wall, now.wall - took), max(now.wall, began.wall + took)


async def _look(ports: RunPorts, write: Callable[[Event], None], problems: list[str]) -> None:
    left = await _within(DOWN_DEADLINE, ports.stack.left_over())
    clock = ports.context.clock
    event = LeftOver(
        at=clock.wall(),
        mono=clock.mono(),
        containers=left.containers,
        networks=left.networks,
        volumes=left.volumes,
        processes=ports.load.left_over() if ports.load is not None else (),
    )
    problems.extend(f"still there: {name}" for name in event.names())
    write(event)


async def _within(deadline: float, work: Coroutine[Any, Any, T]) -> T:
    async with asyncio.timeout(deadline):
        return await work


async def _tried(work: Coroutine[Any, Any, object]) -> str:
    """Why it failed, or "": a failed step of the teardown must not prevent the next."""
    try:
        await work
    except Exception as error:
        return str(error) or type(error).__name__
    return ""
