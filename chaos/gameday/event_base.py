"""What every event of a game day has: who, when, in which scenario, and who may see it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from chaos.model.base import Frozen

LONGEST_TEXT = 4000  # characters of one text that a person enters


class Role(StrEnum):
    """What a participant does in the exercise. ``GAMEDAY`` is the program itself."""

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
    """Who sees an event before the reveal. The facilitator sees every event at any time."""

    EVERYBODY = "everybody"
    CONTROL = "control"  # the facilitator only
    OWN = "own"  # its author and the facilitator
    ADDRESSED = "addressed"  # the roles in the event's ``to``; all if it is empty


class DayEvent(Frozen):
    """One thing that happened in a game day.

    ``at``: when it happened, in seconds since the epoch; its author may correct it. ``entered``: when gameday
    wrote it down; it never changes. ``key``: the same key of the same author twice is one event. ``id`` is
    random, so that it does not reveal how many hidden events lie between two visible ones. ``slot``: the
    position of the scenario in the order of play, from 0; None outside the scenarios.
    """

    audience: ClassVar[Audience] = Audience.EVERYBODY
    by: ClassVar[frozenset[Role]] = PROGRAM  # who may cause it
    periodic: ClassVar[bool] = False  # one of many readings; not fsynced

    id: str = Field(min_length=8, max_length=64)
    key: str = Field(min_length=1, max_length=100)
    author: str = Field(max_length=80)
    role: Role
    at: float
    entered: float
    slot: int | None = None

    def without_secrets(self) -> DayEvent:
        """The event as participants may see it before the reveal."""
        return self


class Said(DayEvent):
    """An event with a text of its author; ``words`` may be corrected."""

    words: str = Field(default="", max_length=LONGEST_TEXT)
