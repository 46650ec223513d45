"""The report of a drill: written, printed, sealed, and kept in the history."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.adapters.pdf import print_pdf
from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.announce import say_paths
from chaos.app.stored_runs.past import PAST, earlier_drills, freshness, keep_drill, write_drill_past
from chaos.app.stored_runs.proof import Proof, proof_of
from chaos.app.stored_runs.seals import seal_completed, seal_folder
from chaos.drill import Drill, DrillView, EarlierDrills, JudgedPart, score_of, write_drill
from chaos.drill.model import DrillScore
from chaos.errors import EnvironmentProblem, ToolProblem
from chaos.evidence import Signer, Verification
from chaos.files import files_in, remove_file
from chaos.model.past import PastDrill, PastTier
from chaos.report import human
from chaos.timing import stamp_of


@dataclass(frozen=True)
class UnreportedDrill:
    """A drill before its report. ``keep``: keep it in the history, and compare it with earlier drills.

    ``folder``: where the report goes. ``resumed``: the state of that folder's seal before the drill was
    resumed; None: the drill was not resumed.
    """

    drill: Drill
    keep: bool
    folder: Path
    resumed: Verification | None = None


def write_report(made: UnreportedDrill, signer: Signer | None, context: CommandContext) -> Proof:
    """Write, print, keep and seal the report. Raises ``EnvironmentProblem`` when it cannot be written."""
    folder, reports = made.folder, made.folder.parent
    drill = replace(made.drill, earlier=_earlier(made, reports, context))
    view, paths = write_drill(drill, folder)
    past = _past(drill, score_of(drill), folder)
    if made.keep:
        paths = (*paths, write_drill_past(folder, past))
    pdf = folder / "report.pdf"
    try:
        paths = (*paths, print_pdf(paths[0], pdf, context.env))
    except (EnvironmentProblem, ToolProblem) as error:
        context.complain(f"gameday: drill: no report.pdf: {error}")
        remove_file(pdf)  # a PDF from before a resumption is out of date
    if made.resumed is None:
        manifest = seal_folder(folder, signer, context)
    else:
        manifest = seal_completed(made.resumed, signer, context)
    if made.keep:
        keep_drill(reports, past, context)
    context.say(_result(view))
    say_paths("drill", [path for path in paths if path.name != PAST], context)
    if view.score.missing:
        context.say(f"drill: gameday drill --resume {context.shown(folder)} runs only what is missing")
    return proof_of(folder, manifest, paths)


def new_id(at: float) -> str:
    return f"{stamp_of(at)}-drill-{secrets.token_hex(3)}"


def _result(view: DrillView) -> str:
    """The one line that people read. It names everything that limits the grade."""
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


def _earlier(made: UnreportedDrill, reports: Path, context: CommandContext) -> EarlierDrills:
    drill = made.drill
    known = [name for part in drill.parts if part.judged for name in _procedures(part.judged)]
    return EarlierDrills(
        drills=earlier_drills(reports, context, before=drill.at) if made.keep else (),
        fresh=freshness(reports, tuple(dict.fromkeys(known)), context),
        comparable=made.keep,
    )


def _procedures(judged: JudgedPart) -> list[str]:
    """Names of the procedures in the run's stack, and of those that the run named."""
    plan = judged.recording.plan
    folder = Path(plan.stack_root) / plan.stack.procedures if plan.stack.procedures else None
    files = files_in(folder, "*.yaml") if folder is not None else []
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
