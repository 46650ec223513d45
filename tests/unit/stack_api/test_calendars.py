"""The portals' calendars: what is taken there, and how old the copy is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from agente.calendars import Block, read_blocks
from agente.settings import ChannelSettings, SettingsError, settings_from
from api_fakes import World, make_world

FEED = Path(__file__).parents[3] / "fixtures" / "ical" / "cabin-luna.ics"
FEEDS = replace(ChannelSettings(), ical_feeds={"cabin-luna": "http://channels/ical/cabin-luna.ics"})


async def world_with_feed(defect: str = "") -> World:
    world = await make_world(defect, channels=FEEDS)
    world.channels.calendar = FEED.read_text()
    return world


def age(world: World) -> float:
    return world.metric("ical_last_sync_age_minutes", room="cabin-luna")


def test_the_events_of_a_feed_are_nights_taken() -> None:
    assert read_blocks(FEED.read_text())[0] == Block(date(2031, 3, 1), date(2031, 3, 5))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html>", "Content line could not be parsed"),
        (
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR",
            "without DTSTART or DTEND",
        ),
    ],
)
def test_a_text_that_is_no_calendar_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_blocks(text)


async def test_a_room_taken_on_a_portal_cannot_be_booked() -> None:
    world = await world_with_feed()
    assert (await world.book(room="cabin-luna")).status_code == 201
    await world.services.calendars.sync()
    taken = await world.book("key-00000002", room="cabin-luna", check_in="2031-03-04", check_out="2031-03-06")
    assert (taken.status_code, "portal" in taken.text) == (409, True)
    free = await world.book("key-00000003", room="cabin-luna", check_in="2031-03-05", check_out="2031-03-06")
    assert "portal" not in free.text


async def test_the_age_grows_while_the_feed_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("agente.calendars.time.monotonic", lambda: now[0])
    world = await world_with_feed()
    assert await world.services.calendars.sync() == ()
    world.channels.status = 503
    now[0] += 31 * 60
    assert await world.services.calendars.sync() == ("cabin-luna",)
    assert age(world) == 31
    assert world.metric("ical_stale_limit_minutes") == 30
    assert world.services.calendars.is_taken("cabin-luna", date(2031, 3, 1), date(2031, 3, 2))
    world.channels.status = 200
    await world.services.calendars.sync()
    assert age(world) == 0


async def test_the_broken_variant_shows_no_age(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("agente.calendars.time.monotonic", lambda: now[0])
    world = await world_with_feed("stale_ical_silent")
    world.channels.status = 503
    now[0] += 31 * 60
    assert await world.services.calendars.sync() == ("cabin-luna",)
    assert age(world) == 0


def test_a_wrong_feed_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="ICAL_FEEDS: 'cabin-luna' is not ROOM=URL"):
        settings_from({"ICAL_FEEDS": "cabin-luna"})
