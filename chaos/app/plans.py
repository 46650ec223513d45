"""From the selectors that a user typed to plans, with the problems of all files at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, Problem
from chaos.model.plan import Plan
from chaos.plan import make_plan, parse_env
from chaos.scenario import Loaded, find_scenarios, load_scenario


def loaded_of(
    selectors: Sequence[str], context: CommandContext, pace: float | None = None
) -> tuple[Loaded, ...]:
    """Every scenario that is meant, held against ``pace`` where there is one.

    Raises ``BadInput`` with the problems of all of them.
    """
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for path in find_scenarios(selectors, context.cwd):
        try:
            loaded.append(load_scenario(path, pace=pace))
        except BadInput as bad:
            problems.extend(bad.problems)
    if problems:
        raise BadInput(dict.fromkeys(problems))
    return tuple(loaded)


def plans_of(
    selectors: Sequence[str], pace: float, env: Sequence[str], context: CommandContext
) -> tuple[Plan, ...]:
    """What would be run, in order."""
    return tuple(
        make_plan(
            scenario=one.scenario,
            stack=one.stack,
            stack_root=Path(one.stack_root),
            source=one.source,
            detection=one.detection,
            pace=pace,
            env=parse_env(
                env,
                one.stack.with_profiles(one.scenario.profiles),
                one.variables,
                one.scenario.env,
                one.source.file,
            ),
            procedures=one.procedures,
        )
        for one in loaded_of(selectors, context, pace)
    )
