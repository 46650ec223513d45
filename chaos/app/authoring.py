"""``init``, ``validate``, ``plan`` and ``kinds``: none of them needs an engine."""

from __future__ import annotations

import inspect
from argparse import Namespace
from difflib import get_close_matches

from pydantic import BaseModel

from chaos.app.parameters import parameter_lines
from chaos.app.plans import loaded_of, plans_of
from chaos.app.world import World
from chaos.errors import BadInput, ExitCode, Problem
from chaos.plan import render_plan
from chaos.registry import kinds
from chaos.report.format import formats
from chaos.scenario.draft import write_drafts


def run_init(arguments: Namespace, world: World) -> ExitCode:
    """First drafts for a compose file; never overwrites."""
    for path in write_drafts(arguments.compose_file, arguments.into or arguments.compose_file.parent):
        world.say(f"wrote {world.shown(path)}")
    world.say("next: read them, then gameday validate and gameday run the scenario")
    return ExitCode.PASS


def run_validate(arguments: Namespace, world: World) -> ExitCode:
    """All problems of all files, or a line a file; with a pace also what must be known of a run at it."""
    if arguments.pace is None:
        for one in loaded_of(arguments.selectors, world):
            world.say(f"{one.source.file}: ok")
        return ExitCode.PASS
    for plan in plans_of(arguments.selectors, arguments.pace, (), world):
        world.say(f"{plan.source.file}: ok at pace {arguments.pace:g}")
        for remark in plan.remarks:
            world.say(f"  {remark.subject}: {remark.text}")
    return ExitCode.PASS


def run_plan(arguments: Namespace, world: World) -> ExitCode:
    """What a run would do and when."""
    for plan in plans_of(arguments.selectors, arguments.pace, arguments.env, world):
        world.say(render_plan(plan))
    return ExitCode.PASS


def run_kinds(arguments: Namespace, world: World) -> ExitCode:
    """Names with a line each, or one kind with its parameters."""
    if arguments.kind is not None:
        _one_kind(arguments.kind, world)
        return ExitCode.PASS
    world.say("faults")
    for name, fault in kinds().faults.items():
        world.say(f"  {name:<18} {_first_line(fault)}")
    world.say("checks")
    for name, check in kinds().checks.items():
        world.say(f"  {name:<18} {check.summary}" + ("" if check.takes_expectation else " (always)"))
    world.say("collectors")
    for name, collector in kinds().collectors.items():
        world.say(f"  {name:<18} {_first_line(collector)}")
    world.say("report formats")
    for one in formats():
        world.say(f"  {one.name:<18} {one.summary} ({one.file})")
    return ExitCode.PASS


def _one_kind(name: str, world: World) -> None:
    known = kinds()
    model: type[BaseModel] | None
    if name in known.faults:
        model = known.faults[name]
        world.say(f"{name}: {inspect.getdoc(model)}")
    elif name in known.checks:
        model = known.checks[name].params if known.checks[name].takes_expectation else None
        world.say(f"{name}: {known.checks[name].summary}")
    else:
        close = get_close_matches(name, [*known.faults, *known.checks], n=1)
        hint = f"did you mean {close[0]}?" if close else "gameday kinds lists them"
        raise BadInput([Problem.about("kinds", f"no kind is called {name}", hint)])
    for line in parameter_lines(model) if model else ():
        world.say(line)


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]
