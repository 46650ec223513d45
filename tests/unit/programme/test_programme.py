"""Planned against done: periods of the calendar, what counts as done, and what is overdue at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.programme import (
    ExerciseKind,
    ExerciseRecord,
    ExerciseStanding,
    ExerciseState,
    Programme,
    read_programme,
    standings,
)
from chaos.programme.model import CalendarPeriod
from chaos.programme.periods import period_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def ran(day: str, scenario: str = "restore-test", suite: str = "drill") -> ExerciseRecord:
    return ExerciseRecord(
        kind=ExerciseKind.SCENARIO, name=scenario, suite=suite, at=at(day), what="run a: PASS"
    )


def programme(every: str = "week", done_by: str = "scenario restore-test", **more: object) -> Programme:
    exercise = {"exercise": "restore", "title": "Restore", "every": every, "done_by": [done_by]}
    return Programme.model_validate({"programme": "toy", "exercises": [exercise], **more})


def one(plan: Programme, when: str, *records: ExerciseRecord) -> ExerciseStanding:
    (found,) = standings(plan, records, at(when))
    return found


@pytest.mark.parametrize(
    ("when", "every", "first", "after"),
    [
        ("2026-11-28", "day", "2026-11-28", "2026-11-29"),
        ("2026-11-29", "week", "2026-11-23", "2026-11-30"),
        ("2027-01-01", "week", "2026-12-28", "2027-01-04"),
        ("2024-02-29", "month", "2024-02-01", "2024-03-01"),
        ("2026-12-31", "month", "2026-12-01", "2027-01-01"),
        ("2026-11-28", "quarter", "2026-10-01", "2027-01-01"),
        ("2026-03-31", "quarter", "2026-01-01", "2026-04-01"),
        ("2026-07-01", "half-year", "2026-07-01", "2027-01-01"),
        ("2026-07-01", "year", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods_are_those_of_the_calendar(when: str, every: str, first: str, after: str) -> None:
    assert period_of(at(when) + 3600, CalendarPeriod(every)) == (at(first), at(after))


@pytest.mark.parametrize(
    ("when", "state"),
    [
        ("2026-11-22T23:00", ExerciseState.DONE),
        ("2026-11-23T00:00", ExerciseState.DUE),
        ("2026-11-29T23:59", ExerciseState.DUE),
        ("2026-11-30T00:00", ExerciseState.OVERDUE),
    ],
)
def test_what_was_done_in_one_week_is_due_again_by_the_end_of_the_next(
    when: str, state: ExerciseState
) -> None:
    found = one(programme(), when, ran("2026-11-18"))
    assert found.state is state
    assert found.due == at("2026-11-30")
    assert found.overdue is (state is ExerciseState.OVERDUE)


def test_what_has_no_record_is_overdue_unless_the_programme_has_just_started() -> None:
    assert one(programme(), "2026-11-28").state is ExerciseState.NEVER
    started = programme(starts="2026-11-24")
    assert one(started, "2026-11-28").state is ExerciseState.DUE
    assert one(started, "2026-11-30").state is ExerciseState.NEVER


def test_nothing_is_due_before_the_first_period_of_the_programme_ends() -> None:
    """An old record is no reason: without it the exercise would be due, not overdue."""
    started = programme(starts="2026-11-24")
    found = one(started, "2026-11-26", ran("2026-03-03"))
    assert (found.state, found.due) == (ExerciseState.DUE, at("2026-11-30"))
    assert one(started, "2026-11-30", ran("2026-03-03")).state is ExerciseState.OVERDUE
    recent = one(started, "2026-11-26", ran("2026-11-25"), ran("2026-03-03"))
    assert recent.due == at("2026-12-07")


def test_what_was_done_later_does_not_count_at_an_earlier_instant() -> None:
    found = one(programme(), "2026-11-10", ran("2026-11-04"), ran("2026-11-18"))
    assert found.last is not None
    assert (found.last.at, found.done, found.state) == (at("2026-11-04"), 0, ExerciseState.DUE)


def test_the_complete_periods_since_the_first_record_are_counted_up_to_six() -> None:
    days = ("2026-08-03", "2026-10-12", "2026-10-28", "2026-11-18", "2026-11-24")
    found = one(programme(), "2026-11-28", *map(ran, days))
    assert (found.kept, found.planned, found.done) == (3, 6, 1)
    assert one(programme(), "2026-11-28", ran("2026-11-24")).planned == 0


@pytest.mark.parametrize(
    ("done_by", "record", "counts"),
    [
        ("scenario restore-test", ran("2026-11-24"), True),
        ("scenario restore-test", ran("2026-11-24", "another"), False),
        ("suite drill", ran("2026-11-24", "another"), True),
        ("suite network", ran("2026-11-24"), False),
        ("any run", ran("2026-11-24", "another"), True),
        ("any run", ExerciseRecord(kind=ExerciseKind.DRILL, at=at("2026-11-24"), what="drill"), False),
        ("game day", ExerciseRecord(kind=ExerciseKind.GAME_DAY, at=at("2026-11-24"), what="day"), True),
        (
            "by hand",
            ExerciseRecord(kind=ExerciseKind.BY_HAND, name="restore", at=at("2026-11-24"), what="x"),
            True,
        ),
        (
            "by hand",
            ExerciseRecord(kind=ExerciseKind.BY_HAND, name="another", at=at("2026-11-24"), what="x"),
            False,
        ),
    ],
)
def test_only_what_the_file_names_shows_that_an_exercise_was_done(
    done_by: str, record: ExerciseRecord, counts: bool
) -> None:
    assert bool(one(programme(done_by=done_by), "2026-11-28", record).done) is counts


def test_entries_by_hand_are_in_the_file() -> None:
    plan = programme(
        done_by="by hand", done=[{"exercise": "restore", "on": "2026-11-25", "note": "with all"}]
    )
    found = one(plan, "2026-11-28")
    assert found.last is not None
    assert (found.state, found.last.what) == (ExerciseState.DONE, "with all")


def test_the_programme_that_gameday_brings_is_that_of_the_guide() -> None:
    own = {each.exercise: str(each.every) for each in read_programme().exercises}
    assert own == {
        "backup-validation": "week",
        "restore-test": "week",
        "incident-simulation": "month",
        "chaos-test": "month",
        "database-drill": "month",
        "runbook-review": "month",
        "full-drill": "quarter",
        "game-day": "quarter",
        "full-team-drill": "half-year",
        "certification": "year",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("every: week", "every: fortnight"), "fortnight"),
        (("game day", "party"), "expected one of: scenario NAME"),
        (("exercise: a", "exercise: b"), "'b' is listed twice"),
        (("- {exercise: b, on", "- {exercise: c, on"), "unknown exercise: 'c'"),
        (("- {exercise: b, on", "- {exercise: a, on"), "'a' was done: add `by hand` to its done_by"),
        (("title: A", "titel: A"), "titel"),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = """\
programme: toy
exercises:
  - {exercise: a, title: A, every: week, done_by: [game day]}
  - {exercise: b, title: B, every: year, done_by: [by hand]}
done:
  - {exercise: b, on: 2026-11-25}
"""
    path = tmp_path / "programme.yaml"
    path.write_text(text)
    assert len(read_programme(path).exercises) == 2
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    with pytest.raises(BadInput) as refused:
        read_programme(path, "programme.yaml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("programme.yaml:")
