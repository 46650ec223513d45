"""How much of the whole drill a drill covers: a partial drill must not look like a whole one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.drill import DrillPart, Scope, StoredDrill
from chaos.model.plan import Plan
from chaos.scenario.find import yaml_files

DEFAULT = Path("scenarios") / "drill"  # what a drill runs when nothing is named


def scope_of(selectors: Sequence[str], plans: Sequence[Plan], context: CommandContext) -> Scope:
    """Is it the drill that the calendar requires? A part of it, or one of a changed stack, would look in the
    trend like a better or worse quarter. A project without ``DEFAULT`` says by name what its drill is.
    """
    changes = _changes(plans)
    whole = _whole(context) if selectors else ()
    if not whole:
        return Scope(changes=changes)
    asked = {(context.cwd / plan.source.file).resolve() for plan in plans}
    within = len(asked.intersection(whole))
    return Scope(len(whole), within, len(asked) - within, changes)


def _whole(context: CommandContext) -> tuple[Path, ...]:
    """The scenarios of the whole drill; none if the project has no ``DEFAULT``."""
    return tuple({path.resolve() for path in yaml_files(context.cwd / DEFAULT)})


def _changes(plans: Sequence[Plan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change for plan in plans for change in plan.changes))


def scope_again(
    parts: Sequence[DrillPart], stored: StoredDrill | None, known: bool, context: CommandContext
) -> Scope:
    """The scope of a stored drill as it is recorded; that of run folders as their names show it."""
    if stored is not None and stored.scope is not None:
        return Scope(**stored.scope.model_dump())
    plans = [part.judged.recording.plan for part in parts if part.judged is not None]
    whole = {path.stem for path in _whole(context)}
    if known or not whole:  # ``known``: it was kept as a whole drill before scopes were recorded
        return Scope(changes=_changes(plans), drawn=stored is None)
    asked = {part.scenario for part in parts}
    within = len(asked & whole)
    return Scope(len(whole), within, len(asked) - within, _changes(plans), drawn=stored is None)
