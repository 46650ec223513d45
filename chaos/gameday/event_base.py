"""The fields of every game-day event: who entered it, when, in which scenario, and who may see it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from chaos.model.base import Frozen, Instant

LONGEST_TEXT = 4000  # characters that a person may enter as one text
MOST_SCENARIOS = 12  # of one game day


class Role(StrEnum):
    """The role of a participant in the exercise. ``GAMEDAY`` is the program itself."""

    FACILITATOR = "facilitator"
    COMMANDER = "commander"
    RESPONDER = "responder"
    SCRIBE = "scribe"
    OBSERVER = "observer"
    GAMEDAY = "gameday"


PEOPLE = (Role.FACILITATOR, Role.COMMANDER, Role.RESPONDER, Role.SCRIBE, Role.OBSERVER)
ACTIVE = frozenset({Role.FACILITATOR, Role.COMMANDER, Role.RESPONDER, Role.SCRIBE})
EVERYBODY = frozenset(PEOPLE)
CONTROL = frozenset({Role.FACILITATOR})
PROGRAM = frozenset({Role.GAMEDAY})


class Audience(StrEnum):
    """Who sees an event before the reveal.

    The facilitator always sees every event, and so do observers if the file sets ``observers_see_all``.
    """

    EVERYBODY = "everybody"
    CONTROL = "control"  # the facilitator only
    OWN = "own"  # its author and the facilitator
    ADDRESSED = "addressed"  # the roles in the event's ``to``; everybody if it is empty


class DayEvent(Frozen):
    """One event of a game day.

    ``id`` is random, so that it does not reveal how many hidden events lie between two visible ones. ``key``:
    two entries of one author with the same key are one event. ``at``: when it happened; its author or the
    facilitator may correct it. ``entered``: when gameday recorded it; it never changes. Both are seconds
    since the epoch. ``slot``: position of the scenario in the order of play, from 0; None: no scenario.
    """

    audience: ClassVar[Audience] = Audience.EVERYBODY
    by: ClassVar[frozenset[Role]] = PROGRAM  # roles that may cause it
    periodic: ClassVar[bool] = False  # a periodic reading, which the journal does not fsync

    id: str = Field(min_length=8, max_length=64)
    key: str = Field(min_length=1, max_length=100)
    author: str = Field(max_length=80)
    role: Role
    at: Instant
    entered: Instant
    slot: int | None = None

    def without_secrets(self) -> DayEvent:
        """The event without the parts that participants may not see before the reveal."""
        return self


class WordedEvent(DayEvent):
    """An event with a text of its author, ``words``, which a correction may replace."""

    words: str = Field(default="", max_length=LONGEST_TEXT)
