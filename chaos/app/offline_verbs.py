"""``init``, ``validate``, ``plan`` and ``kinds``, which need no engine.

Each imports its own modules when it is called: ``validate`` runs before every commit and must be quick.
"""

from __future__ import annotations

import inspect
import shlex
from argparse import Namespace
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from chaos.app.command_context import CommandContext
from chaos.app.plans import loaded_of, plans_of
from chaos.columns import columns
from chaos.errors import BadInput, ExitCode, Problem
from chaos.gameday.files import split_game_days

if TYPE_CHECKING:
    from pydantic import BaseModel


def run_init(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Write first drafts for a compose file; never overwrites."""
    from chaos.scenario.draft import write_drafts

    first, *more = arguments.compose_files
    written = write_drafts(first, arguments.into or first.parent, more, arguments.all)
    for path in written:
        context.say(f"wrote {context.shown(path)}")
    scenarios = written[1:]
    covered = scenarios[0] if len(scenarios) == 1 else scenarios[0].parent
    context.say(f"next: read the files, then run gameday preflight {shlex.quote(context.shown(covered))}")
    return ExitCode.PASS


def run_validate(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Print all problems of all files, or one line for each file; with a pace also remarks on a run at it.

    ``--json``: the same as one document, even if files are wrong.
    """
    if not arguments.json:
        return _validate(arguments, context)
    from chaos.app import json_output

    files: list[str] = []
    notes: list[str] = []
    problems: Sequence[Problem] = ()
    try:
        days, selectors = split_game_days(arguments.selectors, context.cwd)
        _check_days(days, arguments.pace)
        loaded = loaded_of(selectors, context, arguments.pace) if selectors else ()
        files = [*map(str, days), *(one.source.file for one in loaded)]
        notes = list(dict.fromkeys(f"{one.stack.stack}: {note}" for one in loaded for note in one.notes))
    except BadInput as bad:
        problems = bad.problems
    context.say(json_output.validation(files, notes, problems))
    return ExitCode.BAD_INPUT if problems else ExitCode.PASS


def _check_days(days: Sequence[Path], pace: float | None) -> None:
    if days:
        from chaos.gameday.load import load_game_day

        for path in days:
            load_game_day(path, pace)


def _validate(arguments: Namespace, context: CommandContext) -> ExitCode:
    days, selectors = split_game_days(arguments.selectors, context.cwd)
    _check_days(days, arguments.pace)
    for path in days:
        context.say(f"{path}: ok")
    if not selectors:
        return ExitCode.PASS
    if arguments.pace is None:
        notes: dict[str, None] = {}
        for one in loaded_of(selectors, context):
            context.say(f"{one.source.file}: ok")
            notes.update(dict.fromkeys(f"{one.stack.stack}: {note}" for note in one.notes))
        for note in notes:
            context.say(f"  {note}")
        return ExitCode.PASS
    for plan in plans_of(selectors, arguments.pace, (), context):
        context.say(f"{plan.source.file}: ok at pace {arguments.pace:g}")
        for remark in plan.remarks:
            context.say(f"  {remark.subject}: {remark.text}")
    return ExitCode.PASS


def run_plan(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Print what a run would do, and when."""
    from chaos.app import json_output
    from chaos.plan import render_plan

    if arguments.json:
        found = plans_of(arguments.selectors, arguments.pace, arguments.env, context)
        context.say(json_output.plans(found))
        return ExitCode.PASS
    for plan in plans_of(arguments.selectors, arguments.pace, arguments.env, context):
        context.say(render_plan(plan))
    return ExitCode.PASS


def run_kinds(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Print all kinds with a line each, or one kind with its parameters."""
    from chaos.registry import kinds
    from chaos.report.format import formats

    if arguments.kind is not None:
        _one_kind(arguments.kind, context)
        return ExitCode.PASS
    known = kinds()
    groups: dict[str, list[tuple[str, str]]] = {
        "faults": [(name, _first_line(fault)) for name, fault in known.faults.items()],
        "checks": [
            (name, check.summary + ("" if check.takes_expectation else " (always)"))
            for name, check in known.checks.items()
        ],
        "collectors": [(name, _first_line(collector)) for name, collector in known.collectors.items()],
        "report formats": [(one.name, f"{one.summary} ({one.file})") for one in formats()],
    }
    lines = iter(columns([row for rows in groups.values() for row in rows], indent="  "))
    for group, rows in groups.items():
        context.say(group)
        for line in islice(lines, len(rows)):
            context.say(line)
    return ExitCode.PASS


def _one_kind(name: str, context: CommandContext) -> None:
    from difflib import get_close_matches

    from chaos.app.parameters import parameter_lines
    from chaos.registry import kinds

    known = kinds()
    model: type[BaseModel] | None
    if name in known.faults:
        model = known.faults[name]
        context.say(f"{name}: {inspect.getdoc(model)}")
    elif name in known.checks:
        check = known.checks[name]
        model = check.params if check.takes_expectation else None
        context.say(f"{name}: {check.summary}")
    elif name in known.collectors:
        model = known.collectors[name]
        context.say(f"{name}: {_first_line(model)}")
    else:
        close = get_close_matches(name, [*known.faults, *known.checks, *known.collectors], n=1)
        hint = f"did you mean {close[0]}?" if close else "gameday kinds lists them"
        raise BadInput([Problem.about("kinds", f"unknown kind {name}", hint)])
    for line in parameter_lines(model) if model else ():
        context.say(line)
    if name in known.checks:
        for collector in known.checks[name].collectors:
            kind = collector.model_fields["collector"].default
            context.say(f"  collects: {kind}; {_first_line(collector)}")


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]
