"""``post-mortem``: write one from a run, a game day or an incident, or check what people made of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.records import is_day_folder, played_day
from chaos.app.stored_runs.seals import refuse_altered
from chaos.app.stored_runs.stored import kept_incidents
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import files_in, is_folder, make_folder, write_new_file
from chaos.journal import load_recording
from chaos.model.incidents import Incident
from chaos.post_mortem import (
    PostMortem,
    blame_in,
    blanks_in,
    drawn,
    existing,
    file_name,
    missing_sections,
    next_number,
    of_game_day,
    of_incident,
    of_run,
)
from chaos.report.view import build
from chaos.scenario.places import read_text
from chaos.verdict import judge


def run_post_mortem(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Raises ``BadInput`` for an unknown subject, a title that blames, and an existing post-mortem."""
    if (arguments.subject is None) == (arguments.check is None):
        raise BadInput(
            [
                Problem.about(
                    "post-mortem",
                    "expected the folder of a run or a game day, the number of an incident, or --check FILE",
                )
            ]
        )
    if arguments.check is not None:
        return _check(arguments.check, context)
    for found in blame_in(arguments.title or ""):
        raise BadInput([Problem.about("--title", f"{found.words!r} blames somebody", found.advice)])
    incidents = kept_incidents(context.cwd / arguments.reports) or ()
    folder = context.cwd / arguments.subject
    if is_day_folder(folder):
        day = played_day(folder, str(arguments.subject), context, unsealed=arguments.unsealed)
        if day.altered:
            return ExitCode.INCONCLUSIVE
        record = of_game_day(day.debrief, day.played, day.planned, day.name)
    elif is_folder(folder):
        if refuse_altered(folder, context, unsealed=arguments.unsealed):
            return ExitCode.INCONCLUSIVE
        record = _record_of_run(folder)
    else:
        record = _record_of_incident(arguments.subject, incidents)
    path = _write(record, arguments, incidents, context)
    context.say(f"post-mortem: {context.shown(path)}")
    return ExitCode.PASS


def _record_of_run(folder: Path) -> PostMortem:
    recording = load_recording(folder)
    severity = recording.plan.scenario.severity
    return of_run(
        build(recording, judge(recording)), str(severity) if severity else "", folder.resolve().name
    )


def _record_of_incident(number: str, incidents: tuple[Incident, ...]) -> PostMortem:
    for incident in incidents:
        if incident.number == number:
            return of_incident(incident)
    fix = "gameday incidents lists the numbers"
    raise BadInput(
        [
            Problem.about(
                number, "neither the folder of a run or a game day, nor the number of an incident", fix
            )
        ]
    )


def _write(
    record: PostMortem, arguments: Namespace, incidents: tuple[Incident, ...], context: CommandContext
) -> Path:
    into = make_folder(context.cwd / arguments.into)
    there = existing(into, record.record)
    if there is not None:
        message = f"it already has a post-mortem: {context.shown(there)}"
        raise BadInput([Problem.about(arguments.subject, message, "edit that file, or move it away")])
    if arguments.title:
        record = record.model_copy(update={"title": arguments.title})
    own = record.record.removeprefix("incident ")
    taken = [*(path.name for path in files_in(into, "INC-*.md")), *(one.number for one in incidents)]
    number = own if own.startswith("INC-") else next_number(record.began, taken)
    name = file_name(number, record.title, drill=record.drill)
    written = drawn(record, number, context.clock.wall(), arguments.owner)
    for found in blame_in(written):
        place = f"{name}:{found.line}:{found.column}"
        context.complain(f"gameday: {place}: {found.words!r} blames somebody; {found.advice}")
    if write_new_file(into / name, written):
        return into / name
    raise BadInput([Problem.existing_file(context.shown(into / name))])


def _check(files: list[Path], context: CommandContext) -> ExitCode:
    problems: list[Problem] = []
    for file in files:
        written = read_text(context.cwd / file, str(file))
        for found in blame_in(written):
            message = f"{found.words!r} blames somebody"
            problems.append(Problem(str(file), found.line, found.column, message, found.advice))
        problems += [Problem.about(str(file), f"no section {one!r}") for one in missing_sections(written)]
        blanks = blanks_in(written)
        problems += [Problem(str(file), line, 1, "not filled in yet") for line in blanks]
    for problem in sorted(problems):
        context.say(str(problem))
    context.say(
        f"{len(files)} checked, {len(problems)} found" if problems else f"{len(files)} checked, complete"
    )
    return ExitCode.FAIL if problems else ExitCode.PASS
