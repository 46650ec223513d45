"""The portals' calendars (iCal): which room is taken there, read again and again.

They are a copy of what the portals hold, so they live in memory: a restart reads them anew. How old the copy
is, each feed's gauge says.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import httpx
from icalendar import Calendar
from prometheus_client import Gauge

log = logging.getLogger("agente.calendars")


@dataclass(frozen=True)
class Block:
    """Nights taken elsewhere, the last one excluded."""

    begins: date
    ends: date


def read_blocks(text: str) -> tuple[Block, ...]:
    """The events of a calendar. Raises ValueError for another text, or for an event without dates."""
    found = []
    for event in Calendar.from_ical(text).walk("VEVENT"):
        begins, ends = event.get("dtstart"), event.get("dtend")
        if begins is None or ends is None:
            raise ValueError("an event without DTSTART or DTEND")
        found.append(Block(_day(begins.dt), _day(ends.dt)))
    return tuple(found)


def _day(instant: date) -> date:
    return instant.date() if isinstance(instant, datetime) else instant


class Calendars:
    """Room -> what its feed says. `sync` refreshes all; `is_taken` asks the copy, however old."""

    def __init__(
        self, http: httpx.AsyncClient, feeds: dict[str, str], timeout: float | None, age: Gauge, hides: bool
    ) -> None:
        """`feeds`: room -> URL; `timeout`: seconds a feed; `age`: minutes since the last good reading.

        `hides`: the broken variant that counts a failed reading as a good one.
        """
        self._http = http
        self._feeds = feeds
        self._timeout = timeout
        self._hides = hides
        self._blocks: dict[str, tuple[Block, ...]] = {}
        self._read = dict.fromkeys(feeds, time.monotonic())  # before the first reading: since the start
        for room in feeds:
            age.labels(room).set_function(partial(self._age_in_minutes, room))

    def age(self, room: str) -> float:
        """Seconds since the room's feed was last read well."""
        return time.monotonic() - self._read[room]

    def _age_in_minutes(self, room: str) -> float:
        return self.age(room) / 60

    def is_taken(self, room: str, check_in: date, check_out: date) -> bool:
        return any(block.begins < check_out and check_in < block.ends for block in self._blocks.get(room, ()))

    async def sync(self) -> tuple[str, ...]:
        """One round over all feeds; the rooms whose feed could not be read."""
        failed = []
        for room, url in self._feeds.items():
            try:
                answer = (await self._http.get(url, timeout=self._timeout)).raise_for_status()
                self._blocks[room] = read_blocks(answer.text)
            except (httpx.HTTPError, ValueError) as error:
                log.warning("the calendar of %s was not read: %s", room, error)
                failed.append(room)
                if not self._hides:
                    continue
            self._read[room] = time.monotonic()
        return tuple(failed)
