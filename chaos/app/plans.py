"""Turns the selectors that a user typed into plans, and reports the problems of all files at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, Problem
from chaos.scenario import LoadedScenario, StackReader, find_scenarios, load_scenario
from chaos.scenario.secret_variables import given_secret_names

if TYPE_CHECKING:
    from chaos.model.plan import Plan


def loaded_of(
    selectors: Sequence[str], context: CommandContext, pace: float | None = None
) -> tuple[LoadedScenario, ...]:
    """Every selected scenario, checked at ``pace`` if it is given.

    Raises ``BadInput`` with the problems of all of them.
    """
    loaded: list[LoadedScenario] = []
    reader = StackReader()
    problems: list[Problem] = []
    for path in find_scenarios(selectors, context.cwd):
        try:
            loaded.append(load_scenario(path, pace=pace, reader=reader))
        except BadInput as bad:
            problems.extend(bad.problems)
    if problems:
        raise BadInput(dict.fromkeys(problems))
    return tuple(loaded)


def plans_of(
    selectors: Sequence[str], pace: float, env: Sequence[str], context: CommandContext
) -> tuple[Plan, ...]:
    """The plans of the selected scenarios, in order."""
    return tuple(plan_of(one, pace, env) for one in loaded_of(selectors, context, pace))


def plan_of(loaded: LoadedScenario, pace: float, env: Sequence[str] = ()) -> Plan:
    """The plan of one scenario. ``env``: ``[SERVICE.]VARIABLE=VALUE`` each. Raises ``BadInput``."""
    from chaos.plan import PlanInput, make_plan, parse_env  # validate needs neither

    stack = loaded.stack.with_profiles(loaded.scenario.profiles)
    given = parse_env(env, stack, loaded.variables, loaded.scenario.env, loaded.source.file)
    read = PlanInput(
        scenario=loaded.scenario,
        source=loaded.source,
        stack=loaded.stack.hiding(given_secret_names(given, stack)),
        stack_root=loaded.stack_root,
        detection=loaded.detection,
        procedures=loaded.procedures,
    )
    return make_plan(read, pace, given)
