"""``judge`` and ``report``: judge stored runs again, and draw their reports again."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.command_context import CommandContext
from chaos.app.known_findings import findings_of
from chaos.app.stored_runs.announce import say_paths, verdict_sentence
from chaos.app.stored_runs.past import keep_run, past_of
from chaos.app.stored_runs.seals import (
    after_redrawing,
    before_redrawing,
    refuse_altered,
    sealed_as_drawn,
    signer_of,
)
from chaos.app.stored_runs.summary import summarise_runs
from chaos.app.stored_runs.verdicts import judge_folder, report_folder, store_verdict
from chaos.errors import ExitCode, worst_exit
from chaos.files import exists
from chaos.history import FILE_NAME
from chaos.model.verdict import OUTCOME_EXIT


def run_judge(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Judge stored runs again; the verdict is the same, byte for byte."""
    codes = []
    for folder in arguments.run:
        if refuse_altered(folder, context, unsealed=arguments.unsealed):
            codes.append(ExitCode.INCONCLUSIVE)
            continue
        judged = judge_folder(folder)
        context.say(f"{context.shown(folder)}: {verdict_sentence(judged)}")
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
        summarise_runs(judged, context.cwd / arguments.reports, signer, context).check()
    return worst_exit(codes)
