"""``drill --resume``: what a drill lacks, run now, so that the same report can be completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.drill_parts import part_of_stored
from chaos.app.plans import plans_of
from chaos.app.seals import before_redrawing
from chaos.drill import DrillPart, StoredDrill, read_drill
from chaos.errors import BadInput, Problem
from chaos.evidence import SealState, Signer, Verification
from chaos.files import read_file
from chaos.model.plan import Plan

STORED = "drill.json"


@dataclass(frozen=True)
class Resumed:
    """A drill that is to be completed. ``missing``: which of ``parts`` are to be run, by ``plans``.

    ``seal``: intact, or none of a drill that was cut off before its report was there.
    """

    folder: Path
    stored: StoredDrill
    parts: tuple[DrillPart, ...]
    missing: tuple[int, ...]
    plans: tuple[Plan, ...]
    seal: Verification


def resume(folder: Path, env: Sequence[str], signer: Signer | None, context: CommandContext) -> Resumed:
    """Which scenarios the drill in ``folder`` lacks. Starts nothing and writes nothing.

    Of a drill that was cut off nothing need be missing: it may lack its report alone.
    Raises ``BadInput`` where there is no drill, nothing is missing, the report was changed since it was
    sealed, or what would be run now is not what was asked for then.
    """
    folder = folder.resolve()
    name = context.shown(folder)
    try:
        stored = read_drill(read_file(folder / STORED))
    except OSError as error:
        raise _refused(name, f"no drill: {STORED}: {error.strerror}", "name the folder of a drill") from error
    seal = before_redrawing(folder, signer)
    if not seal.intact and seal.state is not SealState.UNSEALED:
        why = "; ".join(f"{finding.kind}: {finding.detail}" for finding in seal.findings) or str(seal.state)
        raise _refused(name, f"not what was sealed: {why}", "run a new drill")
    parts = tuple(part_of_stored(run, folder.parent) for run in stored.runs)
    missing = tuple(index for index, part in enumerate(parts) if part.missing)
    if not missing and seal.intact:
        raise _refused(name, "no scenario is missing", "gameday drill --again draws its report again")
    plans = tuple(_plan(stored, index, env, name, context) for index in missing)
    changes = tuple(dict.fromkeys(change for plan in plans for change in plan.changes))
    asked = stored.scope.changes if stored.scope is not None else ()
    if missing and set(changes) != set(asked):
        said = ", ".join(asked) or "none"
        raise _refused(name, f"it was run with other variables: {said}", "give the same --env")
    return Resumed(folder, stored, parts, missing, plans, seal)


def _plan(stored: StoredDrill, index: int, env: Sequence[str], name: str, context: CommandContext) -> Plan:
    run = stored.runs[index]
    if not run.file or len(stored.paces) != 1:
        message = f"it does not say how {run.scenario} was run"
        raise _refused(name, message, "run a new drill: this one was drawn from run folders, or is older")
    (plan,) = plans_of([run.file], stored.paces[0], env, context)
    if plan.source.sha256 != run.file_sha256:
        raise _refused(name, f"{run.file} was changed since the drill", "run a new drill")
    return plan


def _refused(name: str, message: str, remedy: str) -> BadInput:
    return BadInput([Problem.about(name, f"the drill cannot be resumed: {message}", remedy)])
