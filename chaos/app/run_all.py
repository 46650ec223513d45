"""Runs several plans, side by side or on one warm stack."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from chaos.app.command_context import CommandContext
from chaos.app.controls import run_beside_control
from chaos.app.display import display_for
from chaos.app.run_service import RunBackend, RunService
from chaos.app.side_by_side import Turns, refuse_shared
from chaos.app.slots import FixedSlots, MeasuredSlots, Slots
from chaos.app.stacks.warm_engine import warm_runs_on
from chaos.app.stacks.warm_runs import WarmRuns
from chaos.app.stored_runs.announce import say_paths, verdict_sentence
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.cancellation import outlasting
from chaos.engine import local_engine
from chaos.errors import ExitCode, GamedayError
from chaos.evidence import Signer
from chaos.model.plan import Plan

NOT_STARTED = "did not start: the command was interrupted before this run did anything"


class RunsListener(Protocol):
    """Receives the progress of several runs."""

    def began(self) -> None:
        """Called when there is an engine and nothing was started yet. ``run_all`` raises what this raises."""

    def ended(self, index: int, outcome: RunOutcome) -> None:
        """The run of the plan with this index ended. Must not raise. Called in a thread, one at a time."""


@dataclass(frozen=True)
class RunOptions:
    """How the runs of one command are done.

    ``jobs``: how many run at a time; None: as many as this machine can carry. ``signer`` signs each run
    folder. ``control``: before each run, one without its faults. ``warm``: runs on one stack, as long as each
    leaves it as it was; with one job only.
    """

    jobs: int | None = None
    signer: Signer | None = None
    control: bool = False
    warm: bool = False


async def run_all(
    plans: Sequence[Plan],
    reports: Path,
    options: RunOptions,
    context: CommandContext,
    listener: RunsListener | None = None,
) -> list[RunOutcome]:
    """One outcome for each plan, in their order. After an interruption no further run starts.

    Raises ``EnvironmentProblem``, with nothing created, if there is no engine to run them on, and
    ``BadInput`` if runs side by side would share what exists only once.
    """
    refuse_shared(plans, options.jobs)
    turns = Turns(plans, options.jobs)
    backend = RunBackend.on(local_engine(context.env))
    shared: WarmRuns | None = None
    if options.warm:
        every = [plan for plan in plans for _ in range(2 if options.control else 1)]
        shared = warm_runs_on(local_engine(context.env), every, context)
        backend = replace(backend, open_ports=shared.open_run_ports)
    async with RunService(reports, options.signer, context.clock, backend) as service:
        if listener is not None:
            listener.began()
        with display_for(context) as display:
            jobs = options.jobs
            telling = asyncio.Lock()
            slots: Slots = MeasuredSlots(context.clock) if jobs is None else FixedSlots(jobs)

            async def run(plan: Plan) -> RunOutcome:
                try:
                    placed = plan if shared is None else await shared.next(plan)
                except GamedayError as error:  # the stack of the previous run could not be removed
                    return RunOutcome.nothing(plan.scenario.scenario, error.exit_code, str(error))
                return await service.run(placed, [display])

            async def one(index: int, plan: Plan) -> RunOutcome:
                async with turns.of(index), slots.turn():
                    ran = run_beside_control(plan, run, context) if options.control else run(plan)
                    outcome = await ran
                    say_outcome(outcome, context)
                    if listener is not None:
                        _, late = await outlasting(_tell(listener, telling, index, outcome))
                        outcome = outcome.interrupted() if late else outcome
                    return outcome

            tasks = [asyncio.create_task(one(index, plan)) for index, plan in enumerate(plans)]
            late = False
            try:
                outcomes = await _all_of(tasks, plans)
            finally:
                if shared is not None:
                    _, late = await outlasting(shared.close())
            return [outcome.interrupted() for outcome in outcomes] if late else outcomes


async def _tell(listener: RunsListener, telling: asyncio.Lock, index: int, outcome: RunOutcome) -> None:
    """One end at a time, and in a thread: the listener may read and write files while other runs go on."""
    async with telling:
        await asyncio.to_thread(listener.ended, index, outcome)


async def _all_of(tasks: Sequence[asyncio.Task[RunOutcome]], plans: Sequence[Plan]) -> list[RunOutcome]:
    """The outcome of every task. A cancellation is passed on to the tasks that are not done, and awaited."""
    cancelled = False
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError:
            cancelled = True
            for task in pending:
                task.cancel()
    outcomes = [
        RunOutcome.nothing(plan.scenario.scenario, ExitCode.INTERRUPTED, NOT_STARTED, ())
        if task.cancelled()
        else task.result()
        for plan, task in zip(plans, tasks, strict=True)
    ]
    if cancelled and all(outcome.code is not ExitCode.INTERRUPTED for outcome in outcomes):
        outcomes[-1] = outcomes[-1].interrupted()
    return outcomes


def say_outcome(outcome: RunOutcome, context: CommandContext) -> None:
    """Print the end of one run, for the person who waits for it."""
    for message in outcome.messages:
        context.complain(f"gameday: {outcome.scenario}: {message}")
    for problem in outcome.observer_problems:
        context.complain(f"gameday: {outcome.scenario}: observer {problem.observer}: {problem.detail}")
    if outcome.judged is not None:
        context.say(f"{outcome.scenario}: {verdict_sentence(outcome.judged)}")
        say_paths(outcome.scenario, outcome.reports, context)
