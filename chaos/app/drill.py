"""``drill``: several scenarios, or the runs of earlier ones, and one scored report over all of them."""

from __future__ import annotations

import hashlib
import secrets
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.adapters.pdf import print_pdf
from chaos.app.debrief import RunOutcome
from chaos.app.drill_scope import DEFAULT, scope_again, scope_of
from chaos.app.judging import Judged, judge_folder
from chaos.app.past import PAST, earlier_drills, freshness, keep_drill, write_drill_past
from chaos.app.planning import plans_of
from chaos.app.running import NOT_STARTED, gated, run_all, say_paths
from chaos.app.sealing import seal_folder, signer_of
from chaos.app.signals import run_until_signal
from chaos.app.world import World
from chaos.drill import (
    Drill,
    DrillPart,
    DrillView,
    Earlier,
    StoredDrill,
    StoredRun,
    read_drill,
    score_of,
    write_drill,
)
from chaos.drill import Judged as JudgedPart
from chaos.drill.model import DrillScore
from chaos.errors import (
    BadInput,
    EnvironmentProblem,
    ExitCode,
    GamedayError,
    Problem,
    ToolProblem,
    worst_exit,
)
from chaos.evidence import MANIFEST, Signer, State, verify
from chaos.model.past import PastDrill, PastTier
from chaos.model.plan import Plan
from chaos.model.stack import Stack
from chaos.verdict import objectives_of, rpo_tested, rto_tested, tier_of

STORED = "drill.json"


@dataclass(frozen=True)
class _Made:
    """A drill before its report. ``keep``: it goes into the history, and is compared with what is there."""

    drill: Drill
    keep: bool


def run_drill(arguments: Namespace, world: World) -> ExitCode:
    """Run the scenarios as ``run`` does and end in the drill's report, or draw it again from stored runs.

    The exit code is that of the runs; of a redrawn report 0, or 2 if a run folder is not what was sealed.
    """
    if arguments.again and arguments.selectors:
        raise BadInput("name scenarios to run, or --again with run folders, not both")
    signer = signer_of(arguments, world)
    reports: Path = world.cwd / arguments.reports
    if arguments.again:
        made = _again(arguments.again, reports, world)
        changed = [part for part in made.drill.parts if part.judged and part.judged.seal == State.CHANGED]
        for part in changed:
            world.complain(f"{part.scenario}: its run folder was changed since it was sealed")
        code = ExitCode.INCONCLUSIVE if changed else ExitCode.PASS
    else:
        made, code = _fresh(arguments, reports, signer, world)
    try:
        _report(made, reports, signer, world)
    except GamedayError as error:
        world.complain(f"gameday: drill: {error}")
        return worst_exit([code, error.exit_code])
    return code


def _fresh(
    arguments: Namespace, reports: Path, signer: Signer | None, world: World
) -> tuple[_Made, ExitCode]:
    selectors = [_selector(name, world) for name in arguments.selectors] or [str(DEFAULT)]
    plans = plans_of(selectors, arguments.pace, arguments.env, world)
    at = world.clock.wall()
    done = run_until_signal(run_all(plans, reports, arguments.jobs, world, signer), world)
    parts = _parts(plans, done)
    drill = Drill(
        id=_new_id(at),
        at=at,
        paces=(arguments.pace,),
        stacks=_once([plan.stack for plan in plans]),
        parts=parts,
        scope=scope_of(arguments.selectors, plans, world),
    )
    code = worst_exit(one.code for one in done)
    if arguments.fail_on_regression:
        code = gated(code, done, reports, world)
    # One that somebody ended is no quarter either.
    keep = drill.scope.complete and all(one.code is not ExitCode.INTERRUPTED for one in done)
    return _Made(drill, keep=keep), code


def _selector(name: str, world: World) -> str:
    """A scenario of the drill by its name alone; anything else as ``run`` takes it."""
    file = DEFAULT / f"{name}.yaml"
    return str(file) if (world.cwd / file).is_file() else name


def _parts(plans: Sequence[Plan], done: Sequence[RunOutcome]) -> tuple[DrillPart, ...]:
    """One part a plan, in their order: what did not start, or left nothing to judge, says so."""
    return tuple(
        _part(plan, one.judged, one.broken.detail if one.broken is not None else NOT_STARTED)
        for plan, one in zip(plans, done, strict=True)
    )


def _part(plan: Plan, judged: Judged | None, why: str = "") -> DrillPart:
    part = DrillPart(
        scenario=plan.scenario.scenario,
        title=plan.scenario.title,
        tier=tier_of(plan),
        objectives=objectives_of(plan),
        rto_of=rto_tested(plan),
        rpo_of=rpo_tested(plan),
    )
    return replace(part, why=why) if judged is None else replace(part, judged=_evidence(judged))


def _evidence(judged: Judged) -> JudgedPart:
    manifest = judged.folder / MANIFEST
    try:
        digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    except OSError:
        digest = ""
    return JudgedPart(
        recording=judged.recording,
        verdict=judged.verdict,
        folder=judged.folder,
        manifest_sha256=digest,
        seal=str(verify(judged.folder).state),
        drawn=(judged.folder / "report.html").is_file(),
    )


def _again(folders: Sequence[Path], reports: Path, world: World) -> _Made:
    """Of drill folders all that those drills were asked, also what could not be told; of run folders them."""
    parts: list[DrillPart] = []
    drills: list[StoredDrill] = []
    for named in folders:
        folder = world.cwd / named
        if not (folder / STORED).is_file():
            parts.append(_judged_part(folder))
            continue
        stored = read_drill((folder / STORED).read_bytes())
        drills.append(stored)
        parts += [_stored_part(run, folder.resolve().parent) for run in stored.runs]
    recordings = [part.judged.recording for part in parts if part.judged is not None]
    if not recordings:
        message = "there is no run among them that can be judged"
        raise BadInput(
            [Problem.about(str(folders[0]), message, "name run folders, or the folder of a drill")]
        )
    same = drills[0] if len(drills) == len(folders) == 1 else None
    at = same.at if same else min(recording.began for recording in recordings)
    kept = same is not None and (world.cwd / folders[0] / PAST).is_file()
    drill = Drill(
        id=same.drill if same else _new_id(at),
        at=at,
        paces=tuple(sorted({recording.plan.pace for recording in recordings})),
        stacks=_once([recording.plan.stack for recording in recordings]),
        parts=tuple(parts),
        scope=scope_again(parts, same, kept, world),
    )
    return _Made(drill, keep=kept)


def _judged_part(folder: Path) -> DrillPart:
    judged = judge_folder(folder)
    return _part(judged.recording.plan, judged)


def _stored_part(run: StoredRun, beside: Path) -> DrillPart:
    part = DrillPart(
        run.scenario,
        run.title,
        run.tier,
        run.objectives,
        why=run.reason,
        rto_of=run.rto_of,
        rpo_of=run.rpo_of,
    )
    if not run.folder:
        return part
    try:
        return _judged_part(beside / run.folder)
    except GamedayError as error:
        return replace(part, why=f"its run folder {run.folder} cannot be read any more: {error}")


def _once(stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    return tuple({stack.stack: stack for stack in stacks}.values())


def _new_id(at: float) -> str:
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(at))}-drill-{secrets.token_hex(3)}"


def _report(made: _Made, reports: Path, signer: Signer | None, world: World) -> None:
    """Write, print, keep and seal the report. Raises ``EnvironmentProblem`` when it cannot be written."""
    drill = replace(made.drill, earlier=_earlier(made, reports, world))
    score = score_of(drill)
    folder = _folder(reports, drill.id)
    view, paths = write_drill(drill, folder)
    past = _past(drill, score, folder)
    if made.keep:
        write_drill_past(folder, past)
    try:
        paths = (*paths, print_pdf(paths[0], folder / "report.pdf", world.env))
    except (EnvironmentProblem, ToolProblem) as error:
        world.complain(f"gameday: drill: no report.pdf: {error}")
    seal_folder(folder, signer, world)
    if made.keep:
        keep_drill(reports, past, world)
    world.say(_result(view))
    say_paths("drill", paths, world)


def _result(view: DrillView) -> str:
    """The one line that people read: nothing that limits the grade is left out of it."""
    what = "" if view.complete else f"{view.title}; "
    limits = "" if view.score.certifiable else ", not certifiable"
    limits += ", evidence changed since it was sealed" if view.tampered else ""
    changes = f" Changed by --env: {', '.join(view.changes)}." if view.changes else ""
    return (
        f"drill: {what}grade {view.score.grade}, score {view.score.total}{limits}: {view.headline}{changes}"
    )


def _folder(reports: Path, drill_id: str) -> Path:
    """A folder of its own; of a drill that is drawn again, beside the first one."""
    folder = reports / drill_id
    return folder if not folder.exists() else reports / _new_id(time.time())


def _earlier(made: _Made, reports: Path, world: World) -> Earlier:
    drill = made.drill
    known = [name for part in drill.parts if part.judged for name in _procedures(part.judged)]
    return Earlier(
        drills=earlier_drills(reports, world, before=drill.at) if made.keep else (),
        fresh=freshness(reports, tuple(dict.fromkeys(known)), world),
        comparable=made.keep,
    )


def _procedures(judged: JudgedPart) -> list[str]:
    """Names of the procedures that the run's stack brings, and of those that the run named."""
    plan = judged.recording.plan
    folder = Path(plan.stack_root) / plan.stack.procedures if plan.stack.procedures else None
    files = sorted(folder.glob("*.yaml")) if folder is not None and folder.is_dir() else []
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
