"""``programme``: the exercises that are planned, when each was done, and what is overdue."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.host import DAYS
from chaos.app.gamedays.records import day_journals
from chaos.app.instants import instant_at
from chaos.app.stored_runs.stored import kept_drills, kept_incidents, kept_runs
from chaos.columns import columns
from chaos.errors import ExitCode, GamedayError
from chaos.gameday.fold import fold
from chaos.model.verdict import Outcome
from chaos.programme import (
    OWN_PROGRAMME,
    ExerciseKind,
    ExerciseRecord,
    ExerciseStanding,
    Programme,
    read_programme,
    standings,
)

_VERSION = 1
_JUDGED = (Outcome.PASS, Outcome.FAIL)  # a failed exercise counts as done; an inconclusive one does not


def run_programme(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Compare the plan with what was done at ``--at``. With ``--strict`` exit 1 if something is overdue.

    Raises ``BadInput`` for a wrong file or instant.
    """
    file: Path | None = arguments.file
    programme = (
        read_programme(OWN_PROGRAMME) if file is None else read_programme(context.cwd / file, str(file))
    )
    at = instant_at(arguments.at, ZoneInfo("UTC"), context).timestamp()
    found = standings(programme, _records(context.cwd / arguments.reports, context), at)
    if arguments.json:
        context.say(_json(programme, found, at))
    else:
        for line in _lines(programme, found, at):
            context.say(line)
    late = any(one.overdue for one in found)
    return ExitCode.FAIL if arguments.strict and late else ExitCode.PASS


def _records(reports: Path, context: CommandContext) -> Iterator[ExerciseRecord]:
    """Runs without ``--env``, whole drills, game days, and incidents that runs caused."""
    for run in kept_runs(reports):
        if run.outcome in _JUDGED and run.as_written:
            what = f"run {run.run_id}: {run.outcome}"
            yield ExerciseRecord(
                kind=ExerciseKind.SCENARIO, name=run.scenario, suite=run.suite, at=run.began, what=what
            )
    for drill in kept_drills(reports):
        if drill.score is not None:
            yield ExerciseRecord(kind=ExerciseKind.DRILL, at=drill.began, what=f"drill {drill.drill}")
    for incident in kept_incidents(reports) or ():
        if incident.drill:
            yield ExerciseRecord(
                kind=ExerciseKind.INCIDENT_DRILL, at=incident.fired, what=f"drill of {incident.alert}"
            )
    yield from _days(reports / DAYS, context)


def _days(folder: Path, context: CommandContext) -> Iterator[ExerciseRecord]:
    """A game day counts as done if a scenario was played to the end and the day was not aborted."""

    def unread(day: Path, error: GamedayError) -> None:
        context.complain(f"gameday: game day {day.name} is not counted: {str(error).splitlines()[0]}")

    for day, events in day_journals(folder, unread):
        state = fold(events)
        if not state.aborted and any(slot.ended is not None for slot in state.slots):
            yield ExerciseRecord(kind=ExerciseKind.GAME_DAY, at=events[0].at, what=f"game day {day.name}")


def _lines(programme: Programme, found: Sequence[ExerciseStanding], at: float) -> Iterator[str]:
    yield f"programme {programme.programme} at {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    rows = [["exercise", "every", "state", "due by", "this period", "last done", "kept"]]
    rows += [
        [
            one.exercise.title,
            str(one.exercise.every),
            str(one.state).upper() if one.overdue else str(one.state),
            "no date" if one.due is None else _last_day(one.due),
            f"{one.done} done, from {_day(one.begins)} to {_last_day(one.ends)}",
            "never" if one.last is None else f"{_day(one.last.at)} ({one.last.what})",
            f"{one.kept} of {one.planned}" if one.planned else "no complete period",
        ]
        for one in found
    ]
    yield from columns(rows)
    late = sum(one.overdue for one in found)
    yield f"{len(found)} exercises, {late} overdue"


def _json(programme: Programme, found: Sequence[ExerciseStanding], at: float) -> str:
    document = {
        "schema_version": _VERSION,
        "programme": programme.programme,
        "at": at,
        "overdue": [one.exercise.exercise for one in found if one.overdue],
        "exercises": [one.model_dump(mode="json") for one in found],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _last_day(end: float) -> str:
    """The last day before ``end``, which is the first instant after a period."""
    return _day(end - 1)
