"""The summary page over several runs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.known_findings import findings_of
from chaos.app.repeats import write_repeats
from chaos.app.stored_runs.announce import say_paths
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.past import past_of
from chaos.app.stored_runs.proof import Proof, proof_of
from chaos.app.stored_runs.seals import seal_folder
from chaos.app.stored_runs.verdicts import JudgedRun, summarise
from chaos.errors import RecordingProblem
from chaos.evidence import Signer
from chaos.files import make_folder
from chaos.report import BrokenRun, Summary
from chaos.timing import stamp_of

SUMMARY = "summary.json"


def summary_of(
    outcomes: Sequence[RunOutcome], reports: Path, signer: Signer | None, context: CommandContext
) -> Proof:
    """Write the summary of all runs and read it again. ``RecordingProblem`` if a scenario is missing."""
    judged = [outcome.judged for outcome in outcomes if outcome.judged is not None]
    broken = [outcome.broken for outcome in outcomes if outcome.broken is not None]
    proof = summarise_runs(judged, reports, signer, context, broken)
    read = proof.read(SUMMARY, Summary)
    asked = sorted(outcome.scenario for outcome in outcomes)
    if sorted([*(run.scenario for run in read.runs), *(one.scenario for one in read.broken)]) != asked:
        raise RecordingProblem(f"{SUMMARY} does not name every scenario of this command")
    return proof


def summarise_runs(
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
