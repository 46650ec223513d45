"""``run``, ``judge`` and ``report``."""

from __future__ import annotations

import asyncio
import secrets
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from chaos.app import json_output
from chaos.app.command_context import CommandContext
from chaos.app.controls import refuse_without_faults, run_beside_control
from chaos.app.display import display_for
from chaos.app.drills.incidents import keep_drills
from chaos.app.known_findings import findings_of
from chaos.app.plans import plans_of
from chaos.app.repeats import write_repeats
from chaos.app.run_service import RunBackend, RunService
from chaos.app.side_by_side import Turns, refuse_shared
from chaos.app.signals import run_until_signal
from chaos.app.slots import FixedSlots, MeasuredSlots, Slots
from chaos.app.stacks.warm_engine import warm_runs_on
from chaos.app.stacks.warm_runs import WarmRuns, refuse_side_by_side
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.past import keep_run, past_of, row_of
from chaos.app.stored_runs.proof import Proof, proof_of
from chaos.app.stored_runs.regression_gate import regressions
from chaos.app.stored_runs.seals import (
    after_redrawing,
    before_redrawing,
    refuse_altered,
    seal_folder,
    sealed_as_drawn,
    signer_of,
)
from chaos.app.stored_runs.verdicts import JudgedRun, judge_folder, report_folder, store_verdict, summarise
from chaos.engine import local_engine
from chaos.errors import EnvironmentProblem, ExitCode, GamedayError, RecordingProblem, worst_exit
from chaos.evidence import Signer
from chaos.files import exists, make_folder
from chaos.history import FILE_NAME
from chaos.incidents import FILE_NAME as INCIDENTS
from chaos.incidents import open_incidents
from chaos.model.plan import Plan
from chaos.model.verdict import OUTCOME_EXIT, Outcome
from chaos.report import BrokenRun, Summary
from chaos.timing import stamp_of

NOT_STARTED = "did not start: the command was interrupted before this run did anything"
SUMMARY = "summary.json"


def run_run(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Run all named scenarios and write their reports. With ``--json``, text for people goes to stderr."""
    if arguments.json:
        outcomes, code = _run(arguments, replace(context, out=context.err))
        context.say(json_output.runs(outcomes, code))
        return code
    return _run(arguments, context)[1]


def _run(arguments: Namespace, context: CommandContext) -> tuple[Sequence[RunOutcome], ExitCode]:
    plans = plans_of(arguments.selectors, arguments.pace, arguments.env, context) * arguments.repeat
    signer = signer_of(arguments, context)
    reports: Path = context.cwd / arguments.reports
    if arguments.control:
        refuse_without_faults(plans)
    if arguments.warm:
        refuse_side_by_side(arguments.jobs)
    options = RunOptions(arguments.jobs, signer, control=arguments.control, warm=arguments.warm)
    running = run_all(plans, reports, options, context)
    outcomes = run_until_signal(running, context)
    code = worst_exit(outcome.code for outcome in outcomes)
    proofs: list[Proof] = []
    if len(plans) > 1 and any(outcome.judged or outcome.broken for outcome in outcomes):
        try:
            proofs.append(_summary_of(outcomes, reports, signer, context))
        except GamedayError as error:
            context.complain(f"gameday: summary: {error}")
            code = worst_exit([code, error.exit_code])
    if arguments.fail_on_regression:
        code = gated(code, outcomes, reports, context)
    if arguments.incidents:
        recordings = [outcome.judged.recording for outcome in outcomes if outcome.judged is not None]
        try:
            with open_incidents(reports / INCIDENTS) as incidents:
                code = worst_exit([code, keep_drills(recordings, incidents, context)])
        except EnvironmentProblem as error:  # the verdicts stand whatever becomes of the incidents
            context.complain(f"gameday: the incidents of these runs were not kept: {error}")
            code = worst_exit([code, ExitCode.HARNESS])
    asked = [plan.scenario.scenario for plan in plans]
    return outcomes, proven(code, asked, outcomes, proofs, context)


def proven(
    code: ExitCode,
    asked: Sequence[str],
    outcomes: Sequence[RunOutcome],
    more: Sequence[Proof],
    context: CommandContext,
) -> ExitCode:
    """``code``; but ``PASS`` only if every scenario in ``asked`` has a verdict on the disk that still says
    PASS when it is read again.

    ``more``: proofs of what else was written for all runs. A later run may have removed an earlier folder.
    """
    if code is not ExitCode.PASS:
        return code
    try:
        passed = [outcome.scenario for outcome in outcomes if _still_passes(outcome)]
        for proof in more:
            proof.check()
    except GamedayError as error:
        context.complain(f"gameday: {error}")
        return ExitCode.HARNESS
    if not asked or sorted(passed) != sorted(asked):
        missing = ", ".join(name for name in asked if name not in passed) or "nothing ran"
        context.complain(f"gameday: no PASS verdict found on the disk: {missing}")
        return ExitCode.HARNESS
    return ExitCode.PASS


def _still_passes(outcome: RunOutcome) -> bool:
    return outcome.proof is not None and outcome.proof.verdict().outcome is Outcome.PASS


def gated(code: ExitCode, outcomes: Sequence[RunOutcome], reports: Path, context: CommandContext) -> ExitCode:
    """``code``, or a worse one if a run is worse than earlier runs, or if no history can be read to compare
    it with.
    """
    rows = [row_of(outcome.judged) for outcome in outcomes if outcome.judged is not None]
    return worst_exit([code, regressions(rows, reports, context)])


def run_judge(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Judge stored runs again; the verdict is the same, byte for byte."""
    codes = []
    for folder in arguments.run:
        if refuse_altered(folder, context, unsealed=arguments.unsealed):
            codes.append(ExitCode.INCONCLUSIVE)
            continue
        judged = judge_folder(folder)
        context.say(f"{context.shown(folder)}: {_sentence(judged)}")
        if not judged.stored:
            context.complain(f"{context.shown(folder)}: the sealed verdict.json holds a different verdict")
            codes.append(ExitCode.INCONCLUSIVE)  # two verdicts over one recording: neither is reliable
        codes.append(OUTCOME_EXIT[judged.verdict.outcome])
    return worst_exit(codes)


def run_report(arguments: Namespace, context: CommandContext) -> ExitCode:
    """The reports of stored runs, and a summary of several.

    Exit code 0 whatever the verdict, if each drawn folder still matches its seal; 2 if a folder was changed
    since it was sealed before, or has the name of another run; 3 if it is not what was just written.
    """
    signer = signer_of(arguments, context)
    altered = [one for one in arguments.run if refuse_altered(one, context, unsealed=arguments.unsealed)]
    judged = [judge_folder(folder) for folder in arguments.run if folder not in altered]
    seals = [before_redrawing(one.folder, signer) for one in judged]
    codes = [ExitCode.INCONCLUSIVE] * len(altered)
    for one, found in zip(judged, seals, strict=True):
        beside = one.folder.resolve().parent
        known = findings_of(beside, one, context.clock.wall(), context)
        paths = report_folder(one, past_of(beside, one, context), known)
        say_paths(one.recording.plan.scenario.scenario, paths, context)
        codes.append(after_redrawing(found, (store_verdict(one), *paths), signer, context))
        if codes[-1] is ExitCode.PASS and exists(beside / FILE_NAME):
            keep_run(beside, one, context)  # a run that was killed is judged here for the first time
        if codes[-1] is ExitCode.PASS:
            codes.append(sealed_as_drawn(one.folder, context))
    if len(judged) > 1:
        _summarise(judged, context.cwd / arguments.reports, signer, context).check()
    return worst_exit(codes)


class RunsListener(Protocol):
    """Receives the progress of several runs."""

    def began(self) -> None:
        """Called when there is an engine and nothing was started yet. ``run_all`` raises what this raises."""

    def ended(self, index: int, outcome: RunOutcome) -> None:
        """The run of the plan with this index ended. Must not raise."""


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
    turns = Turns(plans) if options.jobs is None else Turns(())
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
            slots: Slots = MeasuredSlots(context.clock) if jobs is None else FixedSlots(jobs)

            async def run(plan: Plan) -> RunOutcome:
                try:
                    placed = plan if shared is None else await shared.next(plan)
                except GamedayError as error:  # the stack of the previous run could not be removed
                    return RunOutcome.nothing(plan.scenario.scenario, error.exit_code, str(error))
                return await service.run(placed, [display])

            async def one(index: int, plan: Plan) -> RunOutcome:
                async with turns.of(plan), slots.turn():
                    ran = run_beside_control(plan, run, context) if options.control else run(plan)
                    outcome = await ran
                    say_outcome(outcome, context)
                    if listener is not None:
                        listener.ended(index, outcome)
                    return outcome

            tasks = [asyncio.create_task(one(index, plan)) for index, plan in enumerate(plans)]
            try:
                return await _all_of(tasks, plans)
            finally:
                if shared is not None:
                    await shared.close()


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
        outcomes[-1] = replace(outcomes[-1], code=worst_exit([outcomes[-1].code, ExitCode.INTERRUPTED]))
    return outcomes


def say_outcome(outcome: RunOutcome, context: CommandContext) -> None:
    """Print the end of one run, for the person who waits for it."""
    for message in outcome.messages:
        context.complain(f"gameday: {outcome.scenario}: {message}")
    for problem in outcome.observer_problems:
        context.complain(f"gameday: {outcome.scenario}: observer {problem.observer}: {problem.detail}")
    if outcome.judged is not None:
        context.say(f"{outcome.scenario}: {_sentence(outcome.judged)}")
        say_paths(outcome.scenario, outcome.reports, context)


def _sentence(judged: JudgedRun) -> str:
    score = judged.verdict.score
    number = "no score" if score.total is None else f"score {score.total:.0f}"
    certified = "" if score.certifiable else ", not certifiable"
    return f"{judged.verdict.outcome} ({number}{certified}): {judged.verdict.reason}"


def say_paths(name: str, paths: Sequence[Path], context: CommandContext) -> None:
    for path in paths:
        context.say(f"  {name}: {context.shown(path)}")


def _summary_of(
    outcomes: Sequence[RunOutcome], reports: Path, signer: Signer | None, context: CommandContext
) -> Proof:
    """Write the summary of all runs and read it again. ``RecordingProblem`` if a scenario is missing."""
    judged = [outcome.judged for outcome in outcomes if outcome.judged is not None]
    broken = [outcome.broken for outcome in outcomes if outcome.broken is not None]
    proof = _summarise(judged, reports, signer, context, broken)
    read = proof.read(SUMMARY, Summary)
    asked = sorted(outcome.scenario for outcome in outcomes)
    if sorted([*(run.scenario for run in read.runs), *(one.scenario for one in read.broken)]) != asked:
        raise RecordingProblem(f"{SUMMARY} does not name every scenario of this command")
    return proof


def _summarise(
    judged: Sequence[JudgedRun],
    reports: Path,
    signer: Signer | None,
    context: CommandContext,
    broken: Sequence[BrokenRun] = (),
) -> Proof:
    folder = _summary_folder(reports)
    pasts = [past_of(one.folder.resolve().parent, one, context) for one in judged]
    now = context.clock.wall()
    known = [findings_of(one.folder.resolve().parent, one, now, context) for one in judged]
    paths = (*summarise(judged, folder, broken, pasts, known), *write_repeats(folder, judged))
    proof = proof_of(folder, seal_folder(folder, signer, context), paths)
    say_paths("summary", paths, context)
    return proof


def _summary_folder(reports: Path) -> Path:
    name = f"{stamp_of(time.time())}-summary-{secrets.token_hex(3)}"
    return make_folder(reports / name)
