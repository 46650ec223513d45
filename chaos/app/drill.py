"""``drill``: several scenarios, or the runs of earlier ones, and one scored report over all of them."""

from __future__ import annotations

import secrets
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.adapters.pdf import print_pdf
from chaos.app.command_context import CommandContext
from chaos.app.debrief import RunOutcome
from chaos.app.drill_parts import outcome_of_part, part_of_folder, part_of_outcome, part_of_stored
from chaos.app.drill_resume import Resumed, resume
from chaos.app.drill_scope import DEFAULT, scope_again, scope_of
from chaos.app.past import PAST, earlier_drills, freshness, keep_drill, write_drill_past
from chaos.app.plans import plans_of
from chaos.app.proof import Proof, proof_of
from chaos.app.runs import gated, proven, run_all, say_paths
from chaos.app.seals import after_redrawing, seal_folder, signer_of
from chaos.app.signals import run_until_signal
from chaos.drill import Drill, DrillPart, DrillView, Earlier, StoredDrill, read_drill, score_of, write_drill
from chaos.drill import Judged as JudgedPart
from chaos.drill.model import DrillScore
from chaos.errors import (
    BadInput,
    EnvironmentProblem,
    ExitCode,
    GamedayError,
    Problem,
    RecordingProblem,
    ToolProblem,
    worst_exit,
)
from chaos.evidence import Signer, State, verify
from chaos.files import is_file, is_folder
from chaos.model.past import PastDrill, PastTier
from chaos.model.stack import Stack
from chaos.report import human

STORED = "drill.json"


@dataclass(frozen=True)
class _Made:
    """A drill before its report. ``keep``: it goes into the history, and is compared with what is there.

    ``resumed``: the folder whose report is completed; None: the report gets a folder of its own.
    """

    drill: Drill
    keep: bool
    resumed: Resumed | None = None


def run_drill(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Run the scenarios as ``run`` does and end in the drill's report; or run only what a drill lacks; or
    draw a report again from stored runs.

    The exit code is that of the runs; of a redrawn report 0, or 2 if a run folder is not what was sealed.
    """
    if sum(map(bool, (arguments.selectors, arguments.again, arguments.resume))) > 1:
        raise BadInput("name scenarios to run, --again with folders, or --resume with one: only one of them")
    signer = signer_of(arguments, context)
    reports: Path = context.cwd / arguments.reports
    if arguments.again:
        return _drawn_again(arguments.again, reports, signer, context)
    made, outcomes = (
        _resumed(arguments, signer, context)
        if arguments.resume
        else _fresh(arguments, reports, signer, context)
    )
    if made.resumed is not None:
        reports = made.resumed.folder.parent
    code = worst_exit(outcome.code for outcome in outcomes)
    if arguments.fail_on_regression:
        code = gated(code, outcomes, reports, context)
    asked = [outcome.scenario for outcome in outcomes]
    try:
        proof = _report(made, reports, signer, context)
        _check_report(proof, asked)
    except GamedayError as error:
        context.complain(f"gameday: drill: {error}")
        return worst_exit([code, error.exit_code])
    return proven(code, asked, outcomes, [proof], context)


def _check_report(proof: Proof, asked: Sequence[str]) -> None:
    """Raises ``RecordingProblem`` unless drill.json, read again, names every scenario that was asked for."""
    stored = proof.read(STORED, StoredDrill)
    if sorted(run.scenario for run in stored.runs) != sorted(asked):
        raise RecordingProblem(f"{STORED} does not name every scenario that was asked for")


def _fresh(
    arguments: Namespace, reports: Path, signer: Signer | None, context: CommandContext
) -> tuple[_Made, Sequence[RunOutcome]]:
    selectors = [_selector(name, context) for name in arguments.selectors] or [str(DEFAULT)]
    plans = plans_of(selectors, arguments.pace, arguments.env, context)
    at = context.clock.wall()
    outcomes = run_until_signal(run_all(plans, reports, arguments.jobs, context, signer), context)
    drill = Drill(
        id=_new_id(at),
        at=at,
        paces=(arguments.pace,),
        stacks=_once([plan.stack for plan in plans]),
        parts=tuple(map(part_of_outcome, plans, outcomes)),
        scope=scope_of(arguments.selectors, plans, context),
    )
    return _Made(drill, _countable(drill)), outcomes


def _resumed(
    arguments: Namespace, signer: Signer | None, context: CommandContext
) -> tuple[_Made, Sequence[RunOutcome]]:
    found = resume(context.cwd / arguments.resume, arguments.env, signer, context)
    outcomes = run_until_signal(
        run_all(found.plans, found.folder.parent, arguments.jobs, context, signer), context
    )
    ran = dict(zip(found.missing, map(part_of_outcome, found.plans, outcomes), strict=True))
    parts = tuple(ran.get(index, part) for index, part in enumerate(found.parts))
    old_stacks = [part.judged.recording.plan.stack for part in parts if part.judged is not None]
    drill = Drill(
        id=found.stored.drill,
        at=found.stored.at,
        paces=found.stored.paces,
        stacks=_once([*old_stacks, *(plan.stack for plan in found.plans)]),
        parts=parts,
        scope=scope_again(parts, found.stored, False, context),
    )
    ended = dict(zip(found.missing, outcomes, strict=True))
    everything = [ended.get(index) or outcome_of_part(part) for index, part in enumerate(found.parts)]
    return _Made(drill, _countable(drill), found), everything


def _countable(drill: Drill) -> bool:
    """Is it a quarter of the trend? Not if it is less or more than the whole drill, or lacks a run."""
    return drill.scope.complete and not any(part.missing for part in drill.parts)


def _selector(name: str, context: CommandContext) -> str:
    """A scenario of the drill by its name alone; anything else as ``run`` takes it."""
    file = DEFAULT / f"{name}.yaml"
    return str(file) if is_file(context.cwd / file) else name


def _drawn_again(
    folders: Sequence[Path], reports: Path, signer: Signer | None, context: CommandContext
) -> ExitCode:
    made = _again(folders, reports, context)
    changed = [part for part in made.drill.parts if part.judged and part.judged.seal == State.CHANGED]
    for part in changed:
        context.complain(f"{part.scenario}: its run folder was changed since it was sealed")
    try:
        _report(made, reports, signer, context).check()
    except GamedayError as error:
        context.complain(f"gameday: drill: {error}")
        return error.exit_code
    return ExitCode.INCONCLUSIVE if changed else ExitCode.PASS


def _again(folders: Sequence[Path], reports: Path, context: CommandContext) -> _Made:
    """The scenarios of stored drills, also those without a verdict, or the runs in plain run folders."""
    parts: list[DrillPart] = []
    drills: list[StoredDrill] = []
    for named in folders:
        folder = context.cwd / named
        if not is_file(folder / STORED):
            parts.append(part_of_folder(folder))
            continue
        stored = read_drill((folder / STORED).read_bytes())
        drills.append(stored)
        parts += [part_of_stored(run, folder.resolve().parent) for run in stored.runs]
    recordings = [part.judged.recording for part in parts if part.judged is not None]
    if not recordings:
        message = "there is no run among them that can be judged"
        raise BadInput(
            [Problem.about(str(folders[0]), message, "name run folders, or the folder of a drill")]
        )
    same = drills[0] if len(drills) == len(folders) == 1 else None
    at = same.at if same else min(recording.began for recording in recordings)
    kept = same is not None and is_file(context.cwd / folders[0] / PAST)
    drill = Drill(
        id=same.drill if same else _new_id(at),
        at=at,
        paces=tuple(sorted({recording.plan.pace for recording in recordings})),
        stacks=_once([recording.plan.stack for recording in recordings]),
        parts=tuple(parts),
        scope=scope_again(parts, same, kept, context),
    )
    return _Made(drill, keep=kept)


def _once(stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    return tuple({stack.stack: stack for stack in stacks}.values())


def _new_id(at: float) -> str:
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(at))}-drill-{secrets.token_hex(3)}"


def _report(made: _Made, reports: Path, signer: Signer | None, context: CommandContext) -> Proof:
    """Write, print, keep and seal the report. Raises ``EnvironmentProblem`` when it cannot be written."""
    drill = replace(made.drill, earlier=_earlier(made, reports, context))
    folder = made.resumed.folder if made.resumed is not None else _folder(reports, drill.id)
    view, paths = write_drill(drill, folder)
    past = _past(drill, score_of(drill), folder)
    if made.keep:
        paths = (*paths, write_drill_past(folder, past))
    try:
        paths = (*paths, print_pdf(paths[0], folder / "report.pdf", context.env))
    except (EnvironmentProblem, ToolProblem) as error:
        context.complain(f"gameday: drill: no report.pdf: {error}")
    proof = _sealed(folder, made.resumed, paths, signer, context)
    if made.keep:
        keep_drill(reports, past, context)
    context.say(_result(view))
    say_paths("drill", [path for path in paths if path.name != PAST], context)
    if view.score.missing:
        context.say(f"drill: gameday drill --resume {context.shown(folder)} runs only what is missing")
    return proof


def _sealed(
    folder: Path,
    resumed: Resumed | None,
    paths: Sequence[Path],
    signer: Signer | None,
    context: CommandContext,
) -> Proof:
    if resumed is None:
        return proof_of(folder, seal_folder(folder, signer, context), paths)
    after_redrawing(resumed.seal, paths, signer, context)
    manifest = verify(folder).manifest
    if manifest is None:
        raise RecordingProblem(f"{folder.name} is not sealed")
    return proof_of(folder, manifest, paths)


def _result(view: DrillView) -> str:
    """The one line that people read: nothing that limits the grade is left out of it."""
    what = "" if view.complete else f"{view.title}; "
    limits = "" if view.score.certifiable else ", not certifiable"
    if view.score.missing:
        missing = " ".join(view.score.missing)
        return f"drill: {what}no grade, {human.count(len(view.score.missing), 'scenario')} missing: {missing}"
    limits += ", evidence changed since it was sealed" if view.tampered else ""
    changes = f" Changed by --env: {', '.join(view.changes)}." if view.changes else ""
    return (
        f"drill: {what}grade {view.score.grade}, score {view.score.total}{limits}: {view.headline}{changes}"
    )


def _folder(reports: Path, drill_id: str) -> Path:
    """A folder of its own; of a drill that is drawn again, beside the first one."""
    folder = reports / drill_id
    return folder if not folder.exists() else reports / _new_id(time.time())


def _earlier(made: _Made, reports: Path, context: CommandContext) -> Earlier:
    drill = made.drill
    known = [name for part in drill.parts if part.judged for name in _procedures(part.judged)]
    return Earlier(
        drills=earlier_drills(reports, context, before=drill.at) if made.keep else (),
        fresh=freshness(reports, tuple(dict.fromkeys(known)), context),
        comparable=made.keep,
    )


def _procedures(judged: JudgedPart) -> list[str]:
    """Names of the procedures that the run's stack brings, and of those that the run named."""
    plan = judged.recording.plan
    folder = Path(plan.stack_root) / plan.stack.procedures if plan.stack.procedures else None
    files = sorted(folder.glob("*.yaml")) if folder is not None and is_folder(folder) else []
    return [*plan.procedures, *(file.stem for file in files)]


def _past(drill: Drill, score: DrillScore, folder: Path) -> PastDrill:
    return PastDrill(
        drill=drill.id,
        began=drill.at,
        score=score.total,
        grade=str(score.grade or ""),
        certifiable=score.certifiable,
        tiers=tuple(PastTier(tier=t.tier, score=t.total) for t in score.tiers if t.tier is not None),
        folder=folder.name,
    )
