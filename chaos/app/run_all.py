"""Runs several plans, side by side or on one warm stack."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from chaos.app.command_context import CommandContext
from chaos.app.controls import run_beside_control
from chaos.app.display import display_for
from chaos.app.reruns import rerun_undecided
from chaos.app.run_service import RunBackend, RunService
from chaos.app.side_by_side import Turns, refuse_shared
from chaos.app.slots import FixedSlots, MeasuredSlots, Slots
from chaos.app.stacks.sharing import grouped
from chaos.app.stacks.warm_engine import warm_runs_on
from chaos.app.stacks.warm_runs import WarmRuns
from chaos.app.stored_runs.announce import say_paths, verdict_sentence
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.cancellation import outlasting
from chaos.engine import local_engine
from chaos.errors import ExitCode, GamedayError
from chaos.evidence import Signer
from chaos.model.plan import Plan
from chaos.runner import Observer

NOT_STARTED = "did not start: the command was interrupted before this run did anything"


class RunsListener(Protocol):
    """Receives the progress of several runs."""

    def began(self) -> None:
        """Called when there is an engine and nothing was started yet. ``run_all`` raises what this raises."""

    def ended(self, index: int, outcome: RunOutcome) -> None:
        """The run of the plan with this index ended; its rerun, if there is one, is told in the same way.
        Must not raise. Called in a thread, one at a time.
        """


@dataclass(frozen=True)
class RunOptions:
    """How the runs of one command are done.

    ``jobs``: how many run at a time; None: as many as this machine can carry. ``signer`` signs each run
    folder. ``control``: before each run, one without its faults. ``warm``: runs share ``jobs`` stacks, as
    long as each leaves its stack as it was. ``rerun``: runs that this machine was too busy to judge run once
    more, alone.
    """

    jobs: int | None = None
    signer: Signer | None = None
    control: bool = False
    warm: bool = False
    rerun: bool = False


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
    if options.warm and options.jobs is None and turns.needed:
        options = replace(options, jobs=1)  # a stack that waits for its next run holds what they share
    slots: Slots = MeasuredSlots(context.clock) if options.jobs is None else FixedSlots(options.jobs)
    backend = RunBackend.on(local_engine(context.env))
    shared = _shared_stacks(plans, options, slots, context) if options.warm else None
    if shared is not None:
        backend = replace(backend, open_ports=shared.open_run_ports)
    async with RunService(reports, options.signer, context.clock, backend) as service:
        if listener is not None:
            listener.began()
        with display_for(context) as display:
            runs = _Runs(plans, options, context, service, display, turns, slots, shared, listener)
            late = False
            try:
                outcomes = await runs.all()
            finally:
                if shared is not None:
                    _, late = await outlasting(shared.close())
            return [outcome.interrupted() for outcome in outcomes] if late else outcomes


def _shared_stacks(
    plans: Sequence[Plan], options: RunOptions, slots: Slots, context: CommandContext
) -> WarmRuns:
    every = [plan for plan in plans for _ in range(2 if options.control else 1)]
    return warm_runs_on(local_engine(context.env), every, context, slots.most)


@dataclass
class _Runs:
    """The runs of one command. ``shared``: their stacks, if they share some."""

    plans: Sequence[Plan]
    options: RunOptions
    context: CommandContext
    service: RunService
    display: Observer
    turns: Turns
    slots: Slots
    shared: WarmRuns | None
    listener: RunsListener | None
    _telling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def all(self) -> list[RunOutcome]:
        """One outcome for each plan, in their order."""
        order = range(len(self.plans)) if self.shared is None else grouped(self.plans)
        tasks = {index: asyncio.create_task(self._one(index, self.plans[index])) for index in order}
        outcomes = await _all_of([tasks[index] for index in range(len(self.plans))], self.plans)
        if not self.options.rerun:
            return outcomes
        if self.shared is not None:  # a stack that waits for its next run needs a part of the machine
            _, late = await outlasting(self.shared.close())
            outcomes = [outcome.interrupted() for outcome in outcomes] if late else outcomes
        return await rerun_undecided(self.plans, outcomes, self._alone, self.context)

    async def _alone(self, index: int, plan: Plan) -> RunOutcome:
        (outcome,) = await _all_of([asyncio.create_task(self._one(index, plan))], [plan])
        return outcome

    async def _one(self, index: int, plan: Plan) -> RunOutcome:
        async with self.turns.of(index), self.slots.turn():
            control = self.options.control
            outcome = await (
                run_beside_control(plan, self._run, self.context) if control else self._run(plan)
            )
            say_outcome(outcome, self.context)
            if self.listener is not None:
                _, late = await outlasting(_tell(self.listener, self._telling, index, outcome))
                outcome = outcome.interrupted() if late else outcome
            return outcome

    async def _run(self, plan: Plan) -> RunOutcome:
        if self.shared is None:
            return await self.service.run(plan, [self.display])
        try:
            async with self.shared.placed(plan) as placed:
                return await self.service.run(placed, [self.display])
        except GamedayError as error:  # the stack of the previous run could not be removed
            return RunOutcome.nothing(plan.scenario.scenario, error.exit_code, str(error))


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
