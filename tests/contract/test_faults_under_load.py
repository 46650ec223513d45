"""The same faults while clients keep dialling: no dial in flight may hold up the fault or its undo."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from chaos.runner.undo import REVERT_DEADLINE
from tests.contract.baselines import baseline
from tests.contract.places import LINK, Engine, Place, engine
from tests.contract.undoing import undo
from tests.unit.faults.examples import name_of, read

pytestmark = pytest.mark.containers

DIALLERS = 4
DEADLINE = REVERT_DEADLINE  # seconds for each turn: as for an undo


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        yield opened


@pytest.mark.parametrize(
    "example",
    [
        {"fault": "container.kill", "service": "cache"},
        {"fault": "container.kill", "service": "cache", "close_links": False},
        {"fault": "container.stop", "service": "cache", "grace": "1s"},
        {"fault": "container.pause", "service": "cache"},
        {"fault": "link.down", "link": "web->cache"},
        {"fault": "link.timeout", "link": "web->cache"},
        {"fault": "link.latency", "link": "web->cache", "latency": "200ms"},
    ],
    ids=name_of,
)
async def test_takes_effect_and_is_undone_while_clients_dial(
    containers: Engine, example: dict[str, object]
) -> None:
    place, fault = containers.place(), read(**example)
    async with dialling(place) as outcomes:
        await until_answered(place, outcomes)
        before = await baseline(fault, place.fault_context)
        async with asyncio.timeout(DEADLINE):
            await fault.inject(place.fault_context)
            while True:
                if fault.took_effect(before, await fault.measure(place.fault_context)):
                    break
                await asyncio.sleep(0.05)
        await undo(fault, place.fault_context)
        await until_answered(place, outcomes)


@asynccontextmanager
async def dialling(place: Place) -> AsyncIterator[Counter[str]]:
    """Clients that dial as fast as they are answered; yields what they met so far."""
    outcomes: Counter[str] = Counter()

    async def dial() -> None:
        while True:
            outcomes[(await place.links.round_trip(LINK, timeout=1.0)).outcome] += 1
            await asyncio.sleep(0.01)

    dialler = asyncio.gather(*(dial() for _ in range(DIALLERS)))
    try:
        yield outcomes
    finally:
        dialler.cancel()
        await asyncio.gather(dialler, return_exceptions=True)


async def until_answered(place: Place, outcomes: Counter[str]) -> None:
    """Until every client has surely been served since now."""
    deadline, wanted = time.monotonic() + DEADLINE, outcomes["answered"] + 2 * DIALLERS
    while True:
        if outcomes["answered"] >= wanted:
            return
        assert time.monotonic() < deadline, f"clients are not served: {dict(outcomes)}"
        await asyncio.sleep(0.05)
