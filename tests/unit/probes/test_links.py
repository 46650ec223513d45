"""The counters of the links are read every second; that they cannot be read is said once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from chaos.errors import ToolProblem
from chaos.probes.links import watch_links
from chaos.timeline.observations import LinkCounts, LinkUse, LinkUseUnknown
from tests.fakes import ManualClock


async def test_every_second_and_a_failure_once() -> None:
    clock, written = ManualClock(), list[LinkUse | LinkUseUnknown]()

    async def read() -> tuple[LinkCounts, ...]:
        if 2.5 < clock.mono() < 5.5:
            raise ToolProblem("no answer")
        return (LinkCounts(link="a->b", sent=1, received=1, own_dials=0, own_sent=0),)

    task = asyncio.create_task(watch_links(read, written.append, clock))
    await clock.advance(7.5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    kinds = [(event.event, round(event.mono)) for event in written]
    assert kinds == [
        ("link_use", 0),
        ("link_use", 1),
        ("link_use", 2),
        ("link_use_unknown", 3),
        ("link_use", 6),
        ("link_use", 7),
    ]
