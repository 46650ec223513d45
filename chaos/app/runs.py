"""``run``: several scenarios, their reports, and the exit code."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chaos.app import json_output
from chaos.app.command_context import CommandContext
from chaos.app.controls import refuse_without_faults
from chaos.app.drills.incidents import keep_drills
from chaos.app.plans import plans_of
from chaos.app.reruns import refuse_repeated
from chaos.app.run_all import RunOptions, run_all
from chaos.app.signals import run_until_signal
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.past import row_of
from chaos.app.stored_runs.proof import Proof
from chaos.app.stored_runs.regression_gate import regressions
from chaos.app.stored_runs.seals import signer_of
from chaos.app.stored_runs.summary import summary_of
from chaos.errors import EnvironmentProblem, ExitCode, GamedayError, worst_exit
from chaos.incidents import FILE_NAME as INCIDENTS
from chaos.incidents import open_incidents
from chaos.model.verdict import Outcome


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
    if arguments.rerun_inconclusive:
        refuse_repeated(arguments.repeat)
    options = RunOptions(
        arguments.jobs, signer, arguments.control, arguments.warm, arguments.rerun_inconclusive
    )
    running = run_all(plans, reports, options, context)
    outcomes = run_until_signal(running, context)
    code = worst_exit(outcome.code for outcome in outcomes)
    proofs: list[Proof] = []
    several = len(plans) > 1 or any(one.judged and one.judged.recording.plan.rerun_of for one in outcomes)
    if several and any(outcome.judged or outcome.broken for outcome in outcomes):
        try:
            proofs.append(summary_of(outcomes, reports, signer, context))
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
