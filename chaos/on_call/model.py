"""The file that says who is on call.

Source of the weekly handoff on Monday at 09:00 and of the three duties: the incident guide of the team.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from chaos.model.base import Frozen
from chaos.on_call.instants import FIRST_YEAR, LAST_YEAR
from chaos.suggestions import known_words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_PEOPLE = 52  # in one rotation: each is on duty once a year


class Duty(StrEnum):
    """What a person on call does."""

    PRIMARY = "primary"  # answers the pager
    SECONDARY = "secondary"  # answers when the primary does not
    COMMANDER = "commander"  # leads an incident


class Handoff(Frozen):
    """When the duty passes to the next person, each week, by the clocks of the schedule's time zone."""

    weekday: int = Field(ge=0, le=6)  # 0 is Monday
    at: time

    @property
    def words(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {self.at:%H:%M}"


def _read_handoff(value: object) -> object:
    found = re.fullmatch(r"([A-Za-z]+) ([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if found is None or found[1].capitalize() not in WEEKDAYS:
        raise ValueError(f"expected a weekday and a time, such as Monday 09:00, got {value!r}")
    return Handoff(weekday=WEEKDAYS.index(found[1].capitalize()), at=time(int(found[2]), int(found[3])))


def _read_day(value: object) -> object:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"expected a day such as 2026-01-05, got {value!r}")
    return day


def _known_zone(name: str) -> str:
    zones = available_timezones()
    if name not in zones:
        raise ValueError(f"unknown time zone {name!r}, {_zone_words(name, zones)}")
    return name


def _zone_words(name: str, zones: set[str]) -> str:
    words = known_words(name, zones)
    return words if words.startswith("did") else "expected a name such as Europe/Rome or UTC"


Zone = Annotated[str, AfterValidator(_known_zone)]


class Person(Frozen):
    """``time_zone``: where the person is, if elsewhere than the schedule."""

    name: str = ""
    time_zone: Zone | None = None


class Override(Frozen):
    """Another person for some time: a swap, a holiday, an illness. A later entry wins over an earlier one.

    ``begins`` and ``ends`` are written as ``from`` and ``until``: local times of the schedule, or with an
    offset.
    """

    begins: str = Field(alias="from")
    ends: str = Field(alias="until")
    duty: Duty
    person: str
    reason: str = ""


class RotaFile(Frozen):
    """What the file says; ``Rota`` is what it means.

    ``starts``: the day of the first handoff. The first person of each rotation is on duty in that week.
    """

    on_call: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    time_zone: Zone
    handoff: Annotated[Handoff, BeforeValidator(_read_handoff)]
    starts: Annotated[date, BeforeValidator(_read_day)]
    people: dict[str, Person] = Field(min_length=1)
    rotations: dict[Duty, tuple[str, ...]]
    overrides: tuple[Override, ...] = ()


class Cover(Frozen):
    """An override with its instants in UTC: from ``begins`` up to, but without, ``ends``."""

    begins: datetime
    ends: datetime
    duty: Duty
    person: str
    reason: str = ""


class Rota(Frozen):
    """A schedule without contradictions: each duty has a rotation, and everybody in it is known."""

    name: str
    time_zone: str  # one that exists
    handoff: Handoff
    starts: date
    people: dict[str, Person]
    rotations: dict[Duty, tuple[str, ...]]
    covers: tuple[Cover, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def shown(self, person: str) -> str:
        """The person's name, where the file has one."""
        return self.people[person].name or person
