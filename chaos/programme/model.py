"""A programme of exercises as frozen values. Instants are seconds since the epoch; days are those of UTC."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from chaos.model.base import Frozen
from chaos.on_call.instants import FIRST_YEAR, LAST_YEAR


class CalendarPeriod(StrEnum):
    """Periods of the calendar: weeks begin on Monday, the others on the first day of a month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


class ExerciseKind(StrEnum):
    """What shows that an exercise was done."""

    SCENARIO = "scenario"  # a judged run of this scenario
    SUITE = "suite"  # a judged run of a scenario of this suite
    ANY_RUN = "any run"
    DRILL = "drill"  # of `gameday drill`
    GAME_DAY = "game day"
    INCIDENT_DRILL = "incident drill"  # an incident that a run caused (`gameday run --incidents`)
    BY_HAND = "by hand"  # an entry under `done:`


_NAMED = re.compile(r"(scenario|suite) ([A-Za-z0-9][\w.-]*)")


class DoneBy(Frozen):
    """``name``: of the scenario or the suite; empty for every other kind."""

    kind: ExerciseKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


def _done_by(value: object) -> object:
    if isinstance(value, DoneBy):
        return value
    if isinstance(value, str):
        words = " ".join(value.split())
        named = _NAMED.fullmatch(words)
        if named:
            return DoneBy(kind=ExerciseKind(named[1]), name=named[2])
        if words in {str(kind) for kind in ExerciseKind} - {"scenario", "suite"}:
            return DoneBy(kind=ExerciseKind(words))
    known = "scenario NAME, suite NAME, any run, drill, game day, incident drill, by hand"
    raise ValueError(f"expected one of: {known}; got {value!r}")


DoneByText = Annotated[
    DoneBy,
    BeforeValidator(_done_by),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["scenario restore-test", "game day"]}),
]


class Exercise(Frozen):
    """One exercise. Any of ``done_by`` shows that it was done."""

    exercise: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = Field(min_length=1, max_length=200)
    every: CalendarPeriod
    purpose: str = ""
    done_by: tuple[DoneByText, ...] = Field(min_length=1)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, got {day.year}")
    return day


Day = Annotated[date, AfterValidator(_in_range)]


class DoneByHand(Frozen):
    """An entry of a person: ``exercise`` was done ``on`` this day."""

    exercise: str
    on: Day
    note: str = ""


class Programme(Frozen):
    """``starts``: the first period is the one of this day, and nothing is due before it ends; None: an
    exercise without a record is overdue.
    """

    programme: str
    starts: Day | None = None
    exercises: tuple[Exercise, ...] = Field(min_length=1)
    done: tuple[DoneByHand, ...] = ()

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [one.exercise for one in self.exercises]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the exercise {twice!r} is listed twice")
        unknown = next((one.exercise for one in self.done if one.exercise not in names), None)
        if unknown is not None:
            raise ValueError(f"done: names an unknown exercise: {unknown!r}")
        by_hand = {
            one.exercise
            for one in self.exercises
            if any(by.kind is ExerciseKind.BY_HAND for by in one.done_by)
        }
        ignored = next((one.exercise for one in self.done if one.exercise not in by_hand), None)
        if ignored is not None:
            raise ValueError(
                f"done: an entry does not show that {ignored!r} was done: add `by hand` to its done_by, or "
                "remove the entry"
            )
        return self


class ExerciseRecord(Frozen):
    """One record of something that was done. ``what``: for people, such as ``run 43cacb: PASS``."""

    kind: ExerciseKind
    name: str = ""
    suite: str = ""
    at: float
    what: str


class ExerciseState(StrEnum):
    DONE = "done"  # in this period
    DUE = "due"  # not in this period yet, and it is not over
    OVERDUE = "overdue"
    NEVER = "never done"  # and overdue


class ExerciseStanding(Frozen):
    """How one exercise stands at an instant. ``begins`` and ``ends``: of the period that the instant is in.

    ``due``: by when it must be done; None: there is no record, and no start of the programme.
    ``kept`` of ``planned``: complete periods, the latest ones, in which it was done.
    """

    exercise: Exercise
    begins: float
    ends: float
    done: int
    last: ExerciseRecord | None
    due: float | None
    kept: int
    planned: int
    state: ExerciseState

    @property
    def overdue(self) -> bool:
        return self.state in (ExerciseState.OVERDUE, ExerciseState.NEVER)
