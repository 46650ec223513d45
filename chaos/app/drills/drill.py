"""``drill``: several scenarios, or the runs of earlier ones, and one scored report over all of them."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.drills.parts import (
    outcome_of_part,
    part_of_folder,
    part_of_outcome,
    part_of_plan,
    part_of_stored,
)
from chaos.app.drills.progress import DrillProgress, FolderLock
from chaos.app.drills.report import UnreportedDrill, new_id, write_report
from chaos.app.drills.resume import resume
from chaos.app.drills.scope import DEFAULT, scope_again, scope_of
from chaos.app.plans import plans_of
from chaos.app.run_all import RunOptions, run_all
from chaos.app.runs import gated, proven
from chaos.app.signals import run_until_signal
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.past import PAST
from chaos.app.stored_runs.proof import Proof
from chaos.app.stored_runs.seals import refuse_altered, signer_of
from chaos.drill import Drill, DrillPart, StoredDrill, read_drill
from chaos.errors import (
    BadInput,
    DamagedRecording,
    ExitCode,
    GamedayError,
    Problem,
    RecordingProblem,
    worst_exit,
)
from chaos.evidence import DRILL_FILE, SealState, Signer
from chaos.files import exists, is_file, is_folder, read_file
from chaos.model.base import is_folder_name
from chaos.model.stack import Stack


def run_drill(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Run the scenarios as ``run`` does and write the drill's report; or run only the scenarios that a drill
    lacks; or draw a report again from stored runs.

    The exit code is that of the runs. For a redrawn report it is 0, or 2 if a run folder was changed since it
    was sealed.
    """
    if sum(map(bool, (arguments.selectors, arguments.again, arguments.resume))) > 1:
        raise BadInput("give only one of: scenarios to run, --again with folders, or --resume with a folder")
    signer = signer_of(arguments, context)
    reports: Path = context.cwd / arguments.reports
    if arguments.again:
        if _altered(arguments.again, arguments.unsealed, context):
            return ExitCode.INCONCLUSIVE
        return _drawn_again(arguments.again, reports, signer, context)
    with FolderLock() as lock:
        if arguments.resume:
            made, outcomes = _resumed(arguments, signer, lock, context)
        else:
            made, outcomes = _fresh(arguments, signer, lock, context)
        return _ended(arguments, made, outcomes, signer, context)


def _ended(
    arguments: Namespace,
    made: UnreportedDrill,
    outcomes: Sequence[RunOutcome],
    signer: Signer | None,
    context: CommandContext,
) -> ExitCode:
    """Call after all runs: applies the gate, writes the report, and returns the exit code."""
    code = worst_exit(outcome.code for outcome in outcomes)
    if arguments.fail_on_regression:
        code = gated(code, outcomes, made.folder.parent, context)
    asked = [outcome.scenario for outcome in outcomes]
    try:
        proof = write_report(made, signer, context)
        _check_report(proof, asked)
    except GamedayError as error:
        context.complain(f"gameday: drill: {error}")
        return worst_exit([code, error.exit_code])
    return proven(code, asked, outcomes, [proof], context)


def _check_report(proof: Proof, asked: Sequence[str]) -> None:
    """Raises ``RecordingProblem`` unless drill.json, read again, names every scenario in ``asked``."""
    stored = proof.read(DRILL_FILE, StoredDrill)
    if sorted(run.scenario for run in stored.runs) != sorted(asked):
        raise RecordingProblem(f"{DRILL_FILE} does not name every scenario of the drill")


def _fresh(
    arguments: Namespace, signer: Signer | None, lock: FolderLock, context: CommandContext
) -> tuple[UnreportedDrill, Sequence[RunOutcome]]:
    selectors = [_selector(name, context) for name in arguments.selectors] or [str(DEFAULT)]
    plans = plans_of(selectors, arguments.pace, arguments.env, context)
    at = context.clock.wall()
    drill = Drill(
        id=new_id(at),
        at=at,
        paces=(arguments.pace,),
        stacks=_once([plan.stack for plan in plans]),
        parts=tuple(map(part_of_plan, plans)),
        scope=scope_of(arguments.selectors, plans, context),
    )
    reports: Path = context.cwd / arguments.reports
    progress = DrillProgress(drill, reports / drill.id, dict(enumerate(plans)), lock, context)
    options = RunOptions(arguments.jobs, signer, rerun=arguments.rerun_inconclusive)
    running = run_all(plans, reports, options, context, progress)
    outcomes = run_until_signal(running, context)
    drill = replace(drill, parts=tuple(map(part_of_outcome, plans, outcomes)))
    return UnreportedDrill(drill, _countable(drill), reports / drill.id), outcomes


def _resumed(
    arguments: Namespace, signer: Signer | None, lock: FolderLock, context: CommandContext
) -> tuple[UnreportedDrill, Sequence[RunOutcome]]:
    folder = context.cwd / arguments.resume
    lock.take(folder, context.shown(folder))
    found = resume(folder, arguments.env, signer, context)
    old_stacks = [part.judged.recording.plan.stack for part in found.parts if part.judged is not None]
    drill = Drill(
        id=found.stored.drill,
        at=found.stored.at,
        paces=found.stored.paces,
        stacks=_once([*old_stacks, *(plan.stack for plan in found.plans)]),
        parts=found.parts,
        scope=scope_again(found.parts, found.stored, False, context),
    )
    outcomes: Sequence[RunOutcome] = ()
    if found.plans:  # else only the report is missing, and no engine is needed
        plans = dict(zip(found.missing, found.plans, strict=True))
        progress = DrillProgress(drill, found.folder, plans, lock, context)
        options = RunOptions(arguments.jobs, signer, rerun=arguments.rerun_inconclusive)
        running = run_all(found.plans, found.folder.parent, options, context, progress)
        outcomes = run_until_signal(running, context)
    ran = dict(zip(found.missing, map(part_of_outcome, found.plans, outcomes), strict=True))
    drill = replace(drill, parts=tuple(ran.get(index, part) for index, part in enumerate(found.parts)))
    ended = dict(zip(found.missing, outcomes, strict=True))
    everything = [ended.get(index) or outcome_of_part(part) for index, part in enumerate(found.parts)]
    return UnreportedDrill(drill, _countable(drill), found.folder, found.seal), everything


def _countable(drill: Drill) -> bool:
    """Does it count in the trend? Only the whole drill does, without extra scenarios or missing runs."""
    return drill.scope.complete and not any(part.missing for part in drill.parts)


def _selector(name: str, context: CommandContext) -> str:
    """A scenario of the drill by its name alone; anything else as ``run`` takes it."""
    file = DEFAULT / f"{name}.yaml"
    return str(file) if is_file(context.cwd / file) else name


def _drawn_again(
    folders: Sequence[Path], reports: Path, signer: Signer | None, context: CommandContext
) -> ExitCode:
    made = _again(folders, reports, context)
    changed = [part for part in made.drill.parts if part.judged and part.judged.seal is SealState.CHANGED]
    for part in changed:
        context.complain(f"{part.scenario}: its run folder was changed since it was sealed")
    try:
        write_report(made, signer, context).check()
    except GamedayError as error:
        context.complain(f"gameday: drill: {error}")
        return error.exit_code
    return ExitCode.INCONCLUSIVE if changed else ExitCode.PASS


def _altered(folders: Sequence[Path], unsealed: bool, context: CommandContext) -> bool:
    """Was any of the folders, or of the run folders of a drill among them, changed since it was sealed?"""
    named = [context.cwd / folder for folder in folders]
    for folder in tuple(named):
        if is_file(folder / DRILL_FILE):
            stored = _stored(folder)
            named += [folder.resolve().parent / run.folder for run in stored.runs if run.folder]
    altered = [
        folder for folder in named if is_folder(folder) and refuse_altered(folder, context, unsealed=unsealed)
    ]
    return bool(altered)


def _stored(folder: Path) -> StoredDrill:
    """Raises ``DamagedRecording`` if drill.json cannot be read."""
    try:
        return read_drill(read_file(folder / DRILL_FILE))
    except OSError as error:
        raise DamagedRecording(f"{folder / DRILL_FILE} cannot be read: {error.strerror}") from error


def _again(folders: Sequence[Path], reports: Path, context: CommandContext) -> UnreportedDrill:
    """The scenarios of stored drills, including those without a verdict, or the runs in plain run folders."""
    parts: list[DrillPart] = []
    drills: list[StoredDrill] = []
    for named in folders:
        folder = context.cwd / named
        if not is_file(folder / DRILL_FILE):
            if not is_folder_name(folder.resolve().name):
                message = "the report of a drill cannot hold this name of a run folder"
                raise BadInput([Problem.about(str(named), message, "rename it to visible characters")])
            parts.append(part_of_folder(folder))
            continue
        stored = _stored(folder)
        drills.append(stored)
        parts += [part_of_stored(run, folder.resolve().parent) for run in stored.runs]
    recordings = [part.judged.recording for part in parts if part.judged is not None]
    if not recordings:
        message = "these folders hold no run that can be judged"
        raise BadInput(
            [Problem.about(str(folders[0]), message, "name run folders, or the folder of a drill")]
        )
    same = drills[0] if len(drills) == len(folders) == 1 else None
    at = same.at if same else min(recording.began for recording in recordings)
    kept = same is not None and is_file(context.cwd / folders[0] / PAST)
    drill = Drill(
        id=same.drill if same else new_id(at),
        at=at,
        paces=tuple(sorted({recording.plan.pace for recording in recordings})),
        stacks=_once([recording.plan.stack for recording in recordings]),
        parts=tuple(parts),
        scope=scope_again(parts, same, kept, context),
    )
    folder = reports / drill.id
    return UnreportedDrill(drill, kept, folder if not exists(folder) else reports / new_id(time.time()))


def _once(stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    return tuple({stack.stack: stack for stack in stacks}.values())
