"""Fault-free control runs: the same stack and load without an injection, before the run itself.

A control run proves nothing about the scenario: its own verdict is INCONCLUSIVE, as nothing was injected.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import BadInput, ExitCode, Problem, worst_exit
from chaos.model.plan import Plan
from chaos.timeline.noise_floor import control_floor

_BROKEN = (ExitCode.HARNESS, ExitCode.LEFT_DIRTY)


def refuse_without_faults(plans: Sequence[Plan]) -> None:
    """Raises ``BadInput`` for scenarios that cannot have a control run."""
    problems = [
        Problem.about(plan.source.file, why, "run it without --control")
        for plan in plans
        if (why := _why_not(plan))
    ]
    if problems:
        raise BadInput(problems)


def _why_not(plan: Plan) -> str:
    if not plan.steps:
        return "--control runs the scenario without its faults, and this scenario has no fault"
    if any(planned.step.answer is not None for planned in plan.steps):
        return "--control needs faults of a known length, but a procedure ends a fault of this scenario"
    return ""


async def run_beside_control(
    plan: Plan, run: Callable[[Plan], Awaitable[RunOutcome]], context: CommandContext
) -> RunOutcome:
    """Run the control, then ``plan`` with the noise floor from the control; returns the outcome of ``plan``.

    A control run that breaks leaves the noise floor unknown, and its exit code counts; its verdict does not.
    """
    control = await run(plan.model_copy(update={"control": True}))
    if control.code is ExitCode.INTERRUPTED:
        return RunOutcome.nothing(plan.scenario.scenario, control.code, "interrupted during its control run")
    floor = None if control.judged is None else control_floor(control.judged.recording)
    name = plan.scenario.scenario
    if floor is None:
        context.complain(f"gameday: {name}: the control run gave no noise floor")
    else:
        context.say(f"{name}: control run {floor.run_id} measured the noise floor")
    outcome = await run(plan.model_copy(update={"noise_floor": floor}))
    if control.code not in _BROKEN:
        return outcome
    return replace(outcome, code=worst_exit([outcome.code, control.code]))
