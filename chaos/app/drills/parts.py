"""The parts of a drill: of a plan that was just run, of a run folder, of an earlier drill's drill.json."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from chaos.app.run_all import NOT_STARTED
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.proof import Proof
from chaos.app.stored_runs.verdicts import JudgedRun, judge_folder
from chaos.drill import DrillPart, JudgedPart, StoredRun
from chaos.errors import ExitCode, GamedayError, worst_exit
from chaos.evidence import MANIFEST, SealState, verify
from chaos.files import is_file, read_file
from chaos.model.plan import Plan
from chaos.model.verdict import OUTCOME_EXIT
from chaos.verdict import objectives_of, rpo_tested, rto_tested, tier_of

NOT_ENDED = "did not finish: the drill was interrupted before that, or is still running"


def part_of_outcome(plan: Plan, outcome: RunOutcome) -> DrillPart:
    """A run that did not start, or that left nothing to judge, says so in ``why``."""
    why = outcome.broken.detail if outcome.broken is not None else NOT_STARTED
    return _part(plan, outcome.judged, why)


def part_of_plan(plan: Plan) -> DrillPart:
    """The part of a run that has not ended yet."""
    return _part(plan, None, NOT_ENDED)


def part_of_folder(folder: Path) -> DrillPart:
    """The run folder judged again. Raises what ``judge_folder`` raises."""
    judged = judge_folder(folder)
    return _part(judged.recording.plan, judged)


def part_of_stored(run: StoredRun, beside: Path) -> DrillPart:
    """A run of an earlier drill, with its run folder in ``beside``; ``why`` says if it cannot be read."""
    part = DrillPart(
        run.scenario,
        run.title,
        run.tier,
        run.objectives,
        why=run.reason,
        rto_of=run.rto_of,
        rpo_of=run.rpo_of,
        file=run.file,
        file_sha256=run.file_sha256,
    )
    if not run.folder:
        return part
    try:
        return part_of_folder(beside / run.folder)
    except GamedayError as error:
        return replace(part, why=f"its run folder {run.folder} can no longer be read: {error}")


def outcome_of_part(part: DrillPart) -> RunOutcome:
    """What a part of an earlier drill counts for now: its verdict, if its evidence is as it was sealed."""
    judged = part.judged
    if judged is None:
        return RunOutcome.nothing(part.scenario, ExitCode.HARNESS, part.why)
    code = OUTCOME_EXIT[judged.verdict.outcome]
    if judged.seal is not SealState.INTACT:
        code = worst_exit([code, ExitCode.INCONCLUSIVE])
    proof = Proof(judged.folder, judged.manifest_sha256, ())
    return RunOutcome(
        part.scenario, code, JudgedRun(judged.folder, judged.recording, judged.verdict), proof=proof
    )


def _part(plan: Plan, judged: JudgedRun | None, why: str = "") -> DrillPart:
    part = DrillPart(
        scenario=plan.scenario.scenario,
        title=plan.scenario.title,
        tier=tier_of(plan),
        objectives=objectives_of(plan),
        rto_of=rto_tested(plan),
        rpo_of=rpo_tested(plan),
        file=plan.source.file,
        file_sha256=plan.source.sha256,
    )
    return replace(part, why=why) if judged is None else replace(part, judged=_evidence(judged))


def _evidence(judged: JudgedRun) -> JudgedPart:
    manifest = judged.folder / MANIFEST
    try:
        digest = hashlib.sha256(read_file(manifest)).hexdigest()
    except OSError:
        digest = ""
    return JudgedPart(
        recording=judged.recording,
        verdict=judged.verdict,
        folder=judged.folder,
        manifest_sha256=digest,
        seal=verify(judged.folder).state,
        drawn=is_file(judged.folder / "report.html"),
    )
