"""``coverage``: what the scenarios test, what their last runs said, and what was never tested."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.plans import loaded_of
from chaos.app.stored_runs.stored import kept_runs
from chaos.coverage import (
    Coverage,
    StateReached,
    planned_coverage,
    reached_in,
    render_coverage,
    states_of,
    with_past,
)
from chaos.errors import BadInput, ExitCode, RecordingProblem
from chaos.evidence import SealState, verify
from chaos.files import is_folder
from chaos.history import RunRow
from chaos.journal import load_recording
from chaos.model.base import Frozen
from chaos.registry import kinds
from chaos.scenario import LoadedScenario


class CoverageView(Frozen):
    """What ``coverage --json`` prints: one entry for each stack."""

    schema_version: int = 1
    stacks: tuple[Coverage, ...]


def run_coverage(arguments: Namespace, context: CommandContext) -> ExitCode:
    """The matrices of every stack of the scenarios. FAIL if there is a rule that no scenario expects to fire,
    or that no scenario expects to stay silent.
    """
    reports: Path = context.cwd / arguments.reports
    loaded = loaded_of(arguments.selectors, context)
    runs = kept_runs(reports)
    view = CoverageView(stacks=tuple(_of_stacks(loaded, runs, reports, context)))
    if arguments.json:
        context.say(view.model_dump_json(indent=2))
    else:
        for coverage in view.stacks:
            context.say(render_coverage(coverage))
    return ExitCode.PASS if all(coverage.complete for coverage in view.stacks) else ExitCode.FAIL


def _of_stacks(
    loaded: Sequence[LoadedScenario], runs: Sequence[RunRow], reports: Path, context: CommandContext
) -> Iterator[Coverage]:
    stacks: dict[str, list[LoadedScenario]] = {}
    for one in loaded:
        stacks.setdefault(one.stack.stack, []).append(one)
    now = context.clock.wall()
    for group in stacks.values():
        stack, detection = group[0].stack, group[0].detection
        planned = planned_coverage(stack, detection, [one.scenario for one in group], tuple(kinds().faults))
        mine = [run for run in runs if run.stack == stack.stack]
        reached = _reached(states_of(stack, detection), mine, reports, now, context)
        yield with_past(planned, runs, now).model_copy(update={"states": reached})


def _reached(
    states: Sequence[str], runs: Sequence[RunRow], reports: Path, now: float, context: CommandContext
) -> tuple[StateReached, ...]:
    """The latest run that reached each state. Run folders are read, latest first, until all states are found.

    A folder that is gone or cannot be read is left out, and named.
    """
    found: dict[str, RunRow] = {}
    for run in sorted(runs, key=lambda one: one.began, reverse=True):
        if len(found) == len(states):
            break
        if not is_folder(reports / run.folder):
            continue
        if verify(reports / run.folder).state in (SealState.CHANGED, SealState.UNKNOWN):
            context.complain(f"{run.folder} is left out: changed since it was sealed (gameday verify)")
            continue
        try:
            reached = reached_in(load_recording(reports / run.folder))
        except (BadInput, RecordingProblem) as problem:
            context.complain(f"{run.folder} is left out: {problem}")
            continue
        for state in states:
            if state in reached:
                found.setdefault(state, run)
    return tuple(_state(state, found.get(state), now) for state in states)


def _state(state: str, run: RunRow | None, now: float) -> StateReached:
    if run is None:
        return StateReached(state=state)
    return StateReached(state=state, run=run.run_id, age=max(0.0, now - run.began))
