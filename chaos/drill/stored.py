"""``drill.json``: the figures of the drill, and what gameday needs to draw it again."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from chaos.drill.objectives import TargetState
from chaos.drill.parts import Drill, DrillPart, Scope
from chaos.drill.view import DrillView
from chaos.errors import DamagedRecording
from chaos.evidence import DRILL_FILE
from chaos.model.base import FolderName, Frozen
from chaos.model.verdict import Outcome

SCHEMA_VERSION = 1


class StoredBar(Frozen):
    """A tier or a dimension. ``percent`` None: not assessed, or unknown: ``text`` says which."""

    name: str
    percent: float | None
    text: str
    note: str


class StoredTarget(Frozen):
    """Seconds. ``measured`` None with ``missed``: it never ended."""

    limit: float
    measured: float | None
    state: TargetState
    note: str


class StoredObjective(Frozen):
    objective: str
    tier: int | None
    rto: StoredTarget
    rpo: StoredTarget
    scenarios: tuple[str, ...]


class StoredStep(Frozen):
    """Seconds; ``measured`` None: not done."""

    step: str
    planned: float | None
    measured: float | None


class StoredProcedure(Frozen):
    procedure: str
    scenario: str
    purpose: str
    outcome: Outcome
    steps: tuple[StoredStep, ...]


class StoredRun(Frozen):
    """One scenario. ``folder``: name of the run folder beside the drill's; "": no run folder.

    ``file``, ``file_sha256``: the scenario file; "" in a drill.json from before it was kept.
    """

    scenario: str
    title: str
    tier: int | None
    objectives: tuple[str, ...]
    outcome: Outcome | None
    reason: str
    score: float | None
    certifiable: bool
    worth: float
    outage_seconds: float | None
    outage: str
    money: float | None
    rpo: str
    run_id: str
    folder: FolderName
    manifest_sha256: str
    rto_of: tuple[str, ...] = ()
    rpo_of: tuple[str, ...] = ()
    file: str = ""
    file_sha256: str = ""


class StoredScope(Frozen):
    """How much of the whole drill it covers, as in ``Scope``."""

    whole: int | None
    within: int
    beyond: int
    changes: tuple[str, ...]
    drawn: bool


class StoredLost(Frozen):
    points: str
    reason: str
    where: str
    fix: str


class StoredDrill(Frozen):
    """All of drill.json. ``outage_seconds`` and ``money`` are lower bounds unless ``complete``."""

    schema_version: int = SCHEMA_VERSION
    drill: FolderName
    at: float
    paces: tuple[float, ...] = ()  # missing in files of earlier versions
    title: str = ""  # this and ``scope`` are not in files of earlier versions
    scope: StoredScope | None = None
    origin: str = ""
    outcome: Outcome
    headline: str
    total: float | None
    grade: str
    certifiable: bool
    cap: float | None
    cap_reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()  # scenarios that did not finish, and why
    dimensions: tuple[StoredBar, ...]
    tiers: tuple[StoredBar, ...]
    runs: tuple[StoredRun, ...]
    objectives: tuple[StoredObjective, ...]
    procedures: tuple[StoredProcedure, ...]
    outage_seconds: float
    money: float | None
    complete: bool
    formula: str
    lost: tuple[StoredLost, ...]


def drill_json(drill: Drill, view: DrillView) -> str:
    """Figures and texts of the view, without secrets."""
    fixes = {item.number: item.fix for item in view.actions.items}
    return (
        StoredDrill(
            drill=view.id,
            at=view.at,
            paces=drill.paces,
            title=view.title,
            origin=view.origin,
            scope=_scope(drill.scope, view),
            outcome=view.outcome,
            headline=view.headline,
            total=view.score.value,
            grade=view.score.grade,
            certifiable=view.score.certifiable,
            cap=view.score.cap,
            cap_reasons=view.score.caps,
            missing=view.score.missing,
            dimensions=tuple(_stored(StoredBar, bar) for bar in view.score.dimensions),
            tiers=tuple(_stored(StoredBar, bar) for bar in view.score.tiers),
            runs=_runs(drill, view),
            objectives=tuple(
                StoredObjective(
                    objective=row.name,
                    tier=row.tier,
                    rto=_stored(StoredTarget, row.rto),
                    rpo=_stored(StoredTarget, row.rpo),
                    scenarios=row.scenarios,
                )
                for row in view.objectives
            ),
            procedures=_procedures(view),
            outage_seconds=round(view.losses.seconds, 3),
            money=None if view.losses.money is None else round(view.losses.money, 2),
            complete=view.losses.complete,
            formula=view.losses.formula,
            lost=tuple(
                StoredLost(points=o.points, reason=o.reason, where=o.where, fix=fixes.get(o.action, ""))
                for o in view.actions.lost
            ),
        ).model_dump_json(indent=2)
        + "\n"
    )


def read_drill(text: bytes) -> StoredDrill:
    """Raises ``DamagedRecording`` if it is not a drill.json of this version."""
    try:
        return StoredDrill.model_validate_json(text)
    except ValidationError as error:
        one = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, one["loc"])) or "content"
        raise DamagedRecording(f"{DRILL_FILE} cannot be read: {place}: {one['msg']}") from error


def _scope(scope: Scope, view: DrillView) -> StoredScope:
    return StoredScope(
        whole=scope.whole,
        within=scope.within,
        beyond=scope.beyond,
        changes=view.changes,
        drawn=scope.drawn,
    )


M = TypeVar("M", bound=Frozen)


def _stored(kind: type[M], view: object) -> M:
    """The fields of ``kind``, taken from the attributes of the same names, at any depth."""
    return kind.model_validate(view, from_attributes=True)


def _runs(drill: Drill, view: DrillView) -> tuple[StoredRun, ...]:
    return tuple(_run(part, index, view) for index, part in enumerate(drill.parts))


def _run(part: DrillPart, index: int, view: DrillView) -> StoredRun:
    run, loss = view.runs[index], view.losses.runs[index]
    return StoredRun(
        scenario=run.scenario,
        title=run.title,
        tier=part.tier,
        objectives=part.objectives,
        outcome=run.outcome,
        reason=run.reason,
        score=run.score_value,
        certifiable=run.certifiable,
        worth=run.worth_points,
        outage_seconds=None if loss.seconds is None else round(loss.seconds, 3),
        outage=loss.outage,
        money=None if loss.money is None else round(loss.money, 2),
        rpo=loss.rpo,
        run_id=run.run_id,
        folder=run.folder,
        manifest_sha256=run.manifest_sha256,
        rto_of=part.rto_of,
        rpo_of=part.rpo_of,
        file=part.file,
        file_sha256=part.file_sha256,
    )


def _procedures(view: DrillView) -> tuple[StoredProcedure, ...]:
    return tuple(_stored(StoredProcedure, one) for one in view.steps.procedures)
