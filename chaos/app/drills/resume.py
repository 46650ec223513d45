"""``drill --resume``: what a drill lacks, run now, so that the same report can be completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.drills.parts import part_of_stored
from chaos.app.plans import plans_of
from chaos.app.stored_runs.seals import before_redrawing
from chaos.drill import DrillPart, StoredDrill, read_drill
from chaos.errors import BadInput, Problem
from chaos.evidence import DRILL_FILE, SealState, Signer, Verification
from chaos.files import read_file
from chaos.model.plan import Plan


@dataclass(frozen=True)
class Resumed:
    """A drill to complete. ``missing``: indexes of the ``parts`` that still have to run, by their ``plans``.

    ``seal``: intact, or missing if the drill was interrupted before its report was written.
    """

    folder: Path
    stored: StoredDrill
    parts: tuple[DrillPart, ...]
    missing: tuple[int, ...]
    plans: tuple[Plan, ...]
    seal: Verification


def resume(folder: Path, env: Sequence[str], signer: Signer | None, context: CommandContext) -> Resumed:
    """Which scenarios the drill in ``folder`` lacks. Starts nothing and writes nothing.

    An interrupted drill may lack no scenario, only its report.
    Raises ``BadInput`` if there is no drill, if nothing is missing, if the report was changed since it was
    sealed, or if the scenarios that would run now are not those of the drill.
    """
    folder = folder.resolve()
    name = context.shown(folder)
    try:
        stored = read_drill(read_file(folder / DRILL_FILE))
    except OSError as error:
        message = f"no drill: {DRILL_FILE}: {error.strerror}"
        raise _refused(name, message, "name the folder of a drill") from error
    seal = before_redrawing(folder, signer)
    if not seal.intact and seal.state is not SealState.UNSEALED:
        why = "; ".join(f"{finding.kind}: {finding.detail}" for finding in seal.findings) or str(seal.state)
        raise _refused(name, f"its folder was changed since it was sealed: {why}", "run a new drill")
    parts = tuple(part_of_stored(run, folder.parent) for run in stored.runs)
    missing = tuple(index for index, part in enumerate(parts) if part.missing)
    if not missing and seal.intact:
        raise _refused(name, "no scenario is missing", "gameday drill --again draws its report again")
    plans = tuple(_plan(stored, index, env, name, context) for index in missing)
    changes = tuple(dict.fromkeys(change for plan in plans for change in plan.changes))
    asked = stored.scope.changes if stored.scope is not None else ()
    if missing and set(changes) != set(asked):
        said = ", ".join(asked) or "none"
        raise _refused(name, f"it ran with other variables: {said}", "give the same --env")
    return Resumed(folder, stored, parts, missing, plans, seal)


def _plan(stored: StoredDrill, index: int, env: Sequence[str], name: str, context: CommandContext) -> Plan:
    run = stored.runs[index]
    if not run.file or len(stored.paces) != 1:
        message = f"it does not record how {run.scenario} was run"
        fix = "run a new drill: this one was drawn from run folders, or an older gameday wrote it"
        raise _refused(name, message, fix)
    (plan,) = plans_of([run.file], stored.paces[0], env, context)
    if plan.source.sha256 != run.file_sha256:
        raise _refused(name, f"{run.file} was changed since the drill", "run a new drill")
    return plan


def _refused(name: str, message: str, remedy: str) -> BadInput:
    return BadInput([Problem.about(name, f"cannot resume the drill: {message}", remedy)])
