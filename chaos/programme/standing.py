"""Planned against done. Pure.

Done in one period, an exercise is due again by the end of the next one. Nothing is due before the first
period of the programme ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time

from chaos.programme.model import (
    CalendarPeriod,
    Exercise,
    ExerciseKind,
    ExerciseRecord,
    ExerciseStanding,
    ExerciseState,
    Programme,
)
from chaos.programme.periods import before, period_of

SHOWN = 6  # complete periods that are counted


def standings(
    programme: Programme, records: Iterable[ExerciseRecord], at: float
) -> tuple[ExerciseStanding, ...]:
    """Every exercise in the order of the file. What was done after ``at`` does not count."""
    every = (*records, *_by_hand(programme))
    past = sorted((one for one in every if one.at <= at), key=lambda one: one.at)
    starts = None if programme.starts is None else _midnight(programme.starts)
    return tuple(_standing(one, past, starts, at) for one in programme.exercises)


def _by_hand(programme: Programme) -> Iterable[ExerciseRecord]:
    for one in programme.done:
        what = one.note or "by hand"
        yield ExerciseRecord(kind=ExerciseKind.BY_HAND, name=one.exercise, at=_midnight(one.on), what=what)


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _standing(
    exercise: Exercise, past: Sequence[ExerciseRecord], starts: float | None, at: float
) -> ExerciseStanding:
    mine = [one for one in past if _shows(exercise, one)]
    begins, ends = period_of(at, exercise.every)
    last = mine[-1] if mine else None
    done = sum(one.at >= begins for one in mine)
    dues = [] if starts is None else [period_of(starts, exercise.every)[1]]
    if last is not None:
        dues.append(period_of(period_of(last.at, exercise.every)[1], exercise.every)[1])
    due = max(dues, default=None)
    kept, planned = _kept(exercise.every, mine, starts, begins)
    return ExerciseStanding(
        exercise=exercise,
        begins=begins,
        ends=ends,
        done=done,
        last=last,
        due=due,
        kept=kept,
        planned=planned,
        state=_state(done, last, due, at),
    )


def _state(done: int, last: ExerciseRecord | None, due: float | None, at: float) -> ExerciseState:
    if done:
        return ExerciseState.DONE
    if due is not None and at < due:
        return ExerciseState.DUE
    return ExerciseState.NEVER if last is None else ExerciseState.OVERDUE


def _kept(
    every: CalendarPeriod, mine: Sequence[ExerciseRecord], starts: float | None, begins: float
) -> tuple[int, int]:
    """The latest complete periods, from the start of the programme or the first record on."""
    first = starts if starts is not None else (mine[0].at if mine else None)
    kept = planned = 0
    while first is not None and planned < SHOWN:
        start, end = before(begins, every)
        if end <= first:
            break
        kept += any(start <= one.at < end for one in mine)
        planned += 1
        begins = start
    return kept, planned


def _shows(exercise: Exercise, done: ExerciseRecord) -> bool:
    for by in exercise.done_by:
        if by.kind is ExerciseKind.SUITE:
            if done.kind is ExerciseKind.SCENARIO and done.suite == by.name:
                return True
        elif by.kind is ExerciseKind.ANY_RUN:
            if done.kind is ExerciseKind.SCENARIO:
                return True
        elif by.kind is done.kind:
            named = {ExerciseKind.SCENARIO: by.name, ExerciseKind.BY_HAND: exercise.exercise}.get(by.kind)
            if named is None or named == done.name:
                return True
    return False
