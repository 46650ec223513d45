"""``pack``: the facilitator's guide and the participants' page of a game day, or of one scenario."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.debrief import runbooks_of
from chaos.app.plans import plan_of
from chaos.errors import BadInput, ExitCode, GamedayError, Problem
from chaos.files import exists, make_folder, write_new_file, write_new_files
from chaos.gameday.files import is_game_day
from chaos.gameday.load import LoadedDay, load_game_day
from chaos.gameday.runbook import runbook_steps
from chaos.model.scenario import Severity
from chaos.pack import PackDay, PackScenario, guide_of, leaks, page_html, page_markdown, participants_of
from chaos.scenario import load_scenario
from chaos.timing import format_duration

DAY_FILE = "game-day.yaml"
_LEAST = 1800.0  # seconds; a scenario of a game day lasts half an hour
_ROUND = 300.0


def run_pack(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Write the pages into ``--into``; never overwrite a file. For one scenario, write a game-day file too.

    Raises ``BadInput`` for a wrong file, for a text of the day that would reveal the plan to participants,
    and for a page that already exists.
    """
    file: Path = arguments.file
    into = context.cwd / arguments.into
    _refuse_existing(into, context)
    if is_game_day(context.cwd / file):
        loaded = load_game_day(context.cwd / file)
        typed = str(file)
        pack = _pack_of(loaded, typed)
        _refuse_leaks(pack)
        written = _write(pack, into, context)
    else:
        written = _of_scenario(context.cwd / file, into, context)
    for path in written:
        context.say(f"written: {context.shown(path)}")
    context.say("Send participants.html to the participants, and keep guide.html to yourself.")
    return ExitCode.PASS


def _of_scenario(file: Path, into: Path, context: CommandContext) -> tuple[Path, ...]:
    """Write a game-day file with one scenario, read it, and write its pages. Nothing is left of it if it is
    refused or if a page cannot be written.
    """
    text, new = _day_of(file, into), not exists(into)
    made = make_folder(into) / DAY_FILE
    if not write_new_file(made, text):
        raise _there(made, context)
    try:
        pack = _pack_of(load_game_day(made), context.shown(made))
        _refuse_leaks(pack)
        return _write(pack, into, context)
    except GamedayError:
        made.unlink()
        if new:
            into.rmdir()
        raise


def _day_of(file: Path, into: Path) -> str:
    """A game-day file with one scenario, ready to host. Raises ``BadInput`` for a wrong scenario."""
    loaded = load_scenario(file)
    timeline = plan_of(loaded, 1.0).timeline_seconds
    length = max(_LEAST, -(-(timeline + _ROUND) // _ROUND) * _ROUND)
    severity = loaded.scenario.severity or Severity.SEV3
    path = json.dumps(Path(os.path.relpath(file, into)).as_posix())
    return (
        "gameday: exercise\n"  # participants read this name and the title
        "title: Game day\n"
        "blind: true\n"
        "scenarios:\n"
        f"  - {{scenario: {path}, length: {format_duration(length)}, severity: {severity.value}}}\n"
    )


def _pack_of(loaded: LoadedDay, typed: str) -> PackDay:
    runbooks = runbooks_of(loaded)
    scenarios = []
    for slot, one in zip(loaded.day.scenarios, loaded.scenarios, strict=True):
        plan = plan_of(one, 1.0)
        name = plan.scenario.runbook or ""
        scenarios.append(PackScenario(slot, plan, name, runbook_steps(runbooks.get(name, ""))))
    return PackDay(loaded.day, loaded.policy, typed, tuple(scenarios))


def _refuse_leaks(pack: PackDay) -> None:
    problems = [
        Problem.about(pack.file, f"{key} would reveal {word!r} to participants", f"reword {key} without it")
        for key, word in leaks(pack)
    ]
    if problems:
        raise BadInput(dict.fromkeys(problems))


def _pages(into: Path) -> tuple[Path, ...]:
    return tuple(into / f"{name}.{ending}" for name in ("guide", "participants") for ending in ("html", "md"))


def _refuse_existing(into: Path, context: CommandContext) -> None:
    there = next((path for path in _pages(into) if os.path.lexists(path)), None)
    if there is not None:
        raise _there(there, context)


def _there(path: Path, context: CommandContext) -> BadInput:
    return BadInput([Problem.existing_file(context.shown(path))])


def _write(pack: PackDay, into: Path, context: CommandContext) -> tuple[Path, ...]:
    drawn = (guide_of(pack), participants_of(pack))
    texts = [draw(page) for page in drawn for draw in (page_html, page_markdown)]
    paths = _pages(into)
    if (there := write_new_files(dict(zip(paths, texts, strict=True)))) is not None:
        raise _there(there, context)
    return paths
