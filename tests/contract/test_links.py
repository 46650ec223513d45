"""The links: the same questions to the fake and to a real Toxiproxy in front of a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from chaos.errors import ToolProblem
from chaos.model.stack import as_link
from chaos.ports import Stream, Toxic
from tests.contract.places import LINK, Engine, Place, engine, place_in_memory

SLOW = Toxic("slow", "latency", Stream.DOWNSTREAM, {"latency": 150, "jitter": 0})
MUTE = Toxic("mute", "timeout", Stream.UPSTREAM, {"timeout": 0})
STUBBORN = Toxic("stubborn", "reset_peer", Stream.UPSTREAM, {"timeout": 60_000})
PATIENT = 10.0  # seconds for an answer that must come


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        yield opened


@pytest.fixture(params=["memory", pytest.param("containers", marks=pytest.mark.containers)])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        yield place_in_memory()
        return
    opened = request.getfixturevalue("containers").place()
    yield opened
    await opened.links.enable(LINK)
    for toxic in await opened.links.toxics(LINK):
        await opened.links.remove_toxic(LINK, toxic.name)


async def test_a_served_link_answers(place: Place) -> None:
    trip = await place.links.round_trip(LINK, timeout=PATIENT)
    assert trip.outcome == "answered"
    assert trip.seconds is not None
    assert trip.seconds < PATIENT


async def test_disabling_turns_clients_away_and_both_ways_are_idempotent(place: Place) -> None:
    links = place.links
    await links.disable(LINK)
    await links.disable(LINK)
    assert not await links.enabled(LINK)
    assert (await links.round_trip(LINK)).outcome in ("refused", "reset", "closed")
    await links.enable(LINK)
    await links.enable(LINK)
    assert await links.enabled(LINK)
    assert (await links.round_trip(LINK, timeout=PATIENT)).outcome == "answered"


async def test_toxics_are_listed_as_they_were_given(place: Place) -> None:
    links = place.links
    await links.add_toxic(LINK, SLOW)
    await links.add_toxic(LINK, MUTE)
    await links.add_toxic(LINK, SLOW)
    assert await links.toxics(LINK) == (MUTE, SLOW)
    await links.remove_toxic(LINK, "mute")
    await links.remove_toxic(LINK, "mute")
    assert await links.toxics(LINK) == (SLOW,)


async def test_a_toxic_of_the_same_name_is_replaced(place: Place) -> None:
    more = Toxic("slow", "latency", Stream.DOWNSTREAM, {"latency": 300, "jitter": 10})
    await place.links.add_toxic(LINK, SLOW)
    await place.links.add_toxic(LINK, more)
    assert await place.links.toxics(LINK) == (more,)


async def test_latency_shows_in_the_round_trip(place: Place) -> None:
    await place.links.add_toxic(LINK, SLOW)
    trip = await place.links.round_trip(LINK, timeout=PATIENT)
    assert trip.seconds is not None
    assert trip.seconds >= 0.15
    assert (await place.links.round_trip(LINK, timeout=0.05)).outcome == "timeout"


async def test_unknown_links_are_errors(place: Place) -> None:
    nowhere = as_link("web->nowhere")
    for work in (
        place.links.enable(nowhere),
        place.links.enabled(nowhere),
        place.links.add_toxic(nowhere, SLOW),
        place.links.round_trip(nowhere),
    ):
        with pytest.raises(ToolProblem, match="no proxy carries the link web->nowhere"):
            await work


async def test_links_lead_to_their_target(place: Place) -> None:
    assert place.links.leading_to("cache") == (LINK,)
    assert place.links.leading_to("web") == ()


@pytest.mark.containers
async def test_a_toxic_that_toxiproxy_cannot_remove_is_removed_all_the_same(containers: Engine) -> None:
    """A reset_peer toxic that waits holds its own removal up for as long, a minute here: a real hang.

    Disabling and resetting hang with it; a restart ends it, and the other toxic is put back.
    """
    links = containers.place().links
    await links.add_toxic(LINK, SLOW)
    await links.add_toxic(LINK, STUBBORN)
    _, writer = await asyncio.open_connection("127.0.0.1", containers.link_port)
    writer.write(b"PING\r\n")
    await writer.drain()
    await links.round_trip(LINK, timeout=0.3)  # as long as this the toxic has had the data for sure
    async with asyncio.timeout(20):  # the deadline of an undo, a third of the toxic's own
        await links.remove_toxic(LINK, STUBBORN.name)
    writer.transport.abort()
    assert await links.toxics(LINK) == (SLOW,)
    await links.remove_toxic(LINK, SLOW.name)
    assert (await links.round_trip(LINK, timeout=PATIENT)).outcome == "answered"
