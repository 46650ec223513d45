"""The portals' calendars: what is taken there, and how old the copy is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from agente.calendars import Block, read_blocks
from agente.settings import ChannelSettings, SettingsError, settings_from
from api_fakes import ApiUnderTest, make_api

FEED = Path(__file__).parents[3] / "fixtures" / "ical" / "cabin-luna.ics"
FEEDS = replace(ChannelSettings(), ical_feeds={"cabin-luna": "http://channels/ical/cabin-luna.ics"})


async def world_with_feed(defect: str = "") -> ApiUnderTest:
    api = await make_api(defect, channels=FEEDS)
    api.channels.calendar = FEED.read_text()
    return api


def age(api: ApiUnderTest) -> float:
    return api.metric("ical_last_sync_age_minutes", room="cabin-luna")


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
    api = await world_with_feed()
    assert (await api.book(room="cabin-luna")).status_code == 201
    await api.services.calendars.sync()
    taken = await api.book("key-00000002", room="cabin-luna", check_in="2031-03-04", check_out="2031-03-06")
    assert (taken.status_code, "portal" in taken.text) == (409, True)
    free = await api.book("key-00000003", room="cabin-luna", check_in="2031-03-05", check_out="2031-03-06")
    assert "portal" not in free.text


async def test_the_age_grows_while_the_feed_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("agente.calendars.time.monotonic", lambda: now[0])
    api = await world_with_feed()
    assert await api.services.calendars.sync() == ()
    api.channels.status = 503
    now[0] += 31 * 60
    assert await api.services.calendars.sync() == ("cabin-luna",)
    assert age(api) == 31
    assert api.metric("ical_stale_limit_minutes") == 30
    assert api.services.calendars.is_taken("cabin-luna", date(2031, 3, 1), date(2031, 3, 2))
    api.channels.status = 200
    await api.services.calendars.sync()
    assert age(api) == 0


async def test_the_broken_variant_shows_no_age(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("agente.calendars.time.monotonic", lambda: now[0])
    api = await world_with_feed("stale_ical_silent")
    api.channels.status = 503
    now[0] += 31 * 60
    assert await api.services.calendars.sync() == ("cabin-luna",)
    assert age(api) == 0


def test_a_wrong_feed_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="ICAL_FEEDS: 'cabin-luna' is not ROOM=URL"):
        settings_from({"ICAL_FEEDS": "cabin-luna"})
