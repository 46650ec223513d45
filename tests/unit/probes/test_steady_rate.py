"""A probe keeps its rate whatever its target does, and says what was asked for and what still waited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from chaos.collector import Answer
from chaos.probes.steady_rate import PacedProbe, ProbeEvent
from chaos.timeline.events import Sample
from chaos.timeline.observations import ProbeKind, ProbeStarted, ProbeWaiting
from tests.fakes import ManualClock


async def probed(
    clock: ManualClock, ask: Callable[[], Awaitable[Answer]], seconds: float, patience: float = 2.0
) -> list[ProbeEvent]:
    written: list[ProbeEvent] = []
    probe = PacedProbe("ready", ProbeKind.HTTP, 0.1, patience, ask, written.append, clock)
    task = asyncio.create_task(probe.run())
    await clock.advance(seconds)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return written


async def test_what_is_planned_is_written_first() -> None:
    async def fine() -> Answer:
        return Answer(True)

    began, *_ = await probed(ManualClock(), fine, 1.0)
    assert isinstance(began, ProbeStarted)
    assert (began.probe, began.kind, began.every, began.patience) == ("ready", ProbeKind.HTTP, 0.1, 2.0)


async def test_readings_without_an_answer_at_the_end_are_waiting_and_say_how_long() -> None:
    async def never() -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    _, *written = await probed(ManualClock(), never, 0.35)
    assert all(isinstance(event, ProbeWaiting) for event in written)
    waited = [event.waited for event in written if isinstance(event, ProbeWaiting)]
    assert waited == pytest.approx([0.35, 0.25, 0.15, 0.05])


async def test_each_reading_is_answered_or_waiting_and_none_is_both() -> None:
    clock = ManualClock()

    async def slow() -> Answer:
        await clock.sleep(0.25)
        return Answer(False, status=503)

    _, *written = await probed(clock, slow, 0.97)
    answered = [event.started for event in written if isinstance(event, Sample)]
    waiting = [event.started for event in written if isinstance(event, ProbeWaiting)]
    assert (len(answered), len(waiting)) == (8, 2)
    assert sorted(answered + waiting) == pytest.approx([clock.wall() - 0.97 + n / 10 for n in range(10)])
