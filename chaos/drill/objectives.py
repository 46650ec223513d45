"""RTO and RPO, measured against the target of every objective. An unmeasured target never counts as kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaos.drill.parts import Drill, DrillPart
from chaos.kinds import services_hit
from chaos.model.identity import PROCEDURE_TOOK, RPO, RTO, MeasureKey, Subject, SubjectKind
from chaos.model.stack import BackupFacts, Stack
from chaos.model.verdict import CheckResult, Outcome
from chaos.report import human


class TargetState(StrEnum):
    """Was a target kept?"""

    KEPT = "kept"
    MISSED = "missed"
    NOT_MEASURED = "not measured"


_BEYOND = {RTO: "never", RPO: "writes from after the failure"}
_SUBJECT = {RTO: SubjectKind.CLIENTS, RPO: SubjectKind.LEDGER}  # the subject of the results that measure it


@dataclass(frozen=True)
class TargetView:
    """One target with the worst measured value. Seconds; ``measured`` None: not measured."""

    limit: float
    measured: float | None
    state: TargetState
    target: str
    value: str
    note: str  # the scenario in which it was measured, or why it was not
    share: float | None  # measured / limit, for a bar


@dataclass(frozen=True)
class ObjectiveRow:
    name: str
    explained: str  # for an objective that is not a service: what its procedure does; else ""
    tier: int | None
    rto: TargetView
    rpo: TargetView
    scenarios: tuple[str, ...]  # that tested it


def objective_rows(drill: Drill) -> tuple[ObjectiveRow, ...]:
    """Every objective of every stack, including those that no scenario tested; critical tiers first."""
    many = len(drill.stacks) > 1
    rows = [
        _row(f"{stack.stack}: {name}" if many else name, name, stack, drill)
        for stack in drill.stacks
        for name in stack.objectives
    ]
    return tuple(sorted(rows, key=lambda row: (row.tier is None, row.tier or 0)))


def _row(shown: str, name: str, stack: Stack, drill: Drill) -> ObjectiveRow:
    objective, service = stack.objectives[name], stack.services.get(name)
    here = [part for part in drill.parts if _on(part, stack)]
    rto = [part for part in here if name in (*part.objectives, *part.rto_of)]
    rpo = [part for part in here if name in (*part.objectives, *part.rpo_of)]
    tier = objective.tier if objective.tier is not None else service.tier if service is not None else None
    return ObjectiveRow(
        name=shown,
        explained="" if service is not None else _explained(name, here),
        tier=tier,
        rto=_target(RTO, objective.rto, rto),
        rpo=_target(RPO, objective.rpo, rpo, _policy(name, stack, rpo)),
        scenarios=tuple(part.scenario for part in here if part in rto or part in rpo),
    )


def _explained(name: str, parts: Sequence[DrillPart]) -> str:
    """Title of the procedure of the objective: a reader may not know what "everything" means."""
    plans = [part.judged.recording.plan for part in parts if part.judged is not None]
    titles = [one.title for plan in plans for one in plan.procedures.values() if one.objective == name]
    return next(iter(titles), "")


def _policy(name: str, stack: Stack, parts: Sequence[DrillPart]) -> str:
    """The loss that backup policy allows, if an answer restores a backup that the run itself just took: the
    RPO measured there is the best case. For a service: its own backups; otherwise all backups that its
    answers restore; "" if there are none.
    """
    found: dict[str, BackupFacts] = {}
    for plan in (part.judged.recording.plan for part in parts if part.judged is not None):
        answered = (one.step for one in plan.steps if one.step.answer is not None)
        hit = set(services_hit(answered, plan.stack))
        mine = {name} if name in stack.services else hit
        if plan.scenario.prepare:
            found |= {n: backup for n, backup in plan.stack.backups.items() if backup.service in hit & mine}
    if len(found) == 1:
        return f"backup taken by policy {_every(*found.values())}"
    each = ", ".join(f"{backup} {_every(facts)}" for backup, facts in found.items())
    return f"backups taken by policy: {each}" if each else ""


def _every(backup: BackupFacts) -> str:
    rest = ", its log archived as it is written" if backup.log else ": up to that much may be lost"
    return f"every {human.duration(backup.every)}{rest}"


def _on(part: DrillPart, stack: Stack) -> bool:
    return part.judged is None or part.judged.recording.plan.stack.stack == stack.stack


def measured(part: DrillPart, key: MeasureKey) -> tuple[bool, float | None]:
    """(was it tested, its worst value) in one run; None if any tested value is missing.

    Clients that certainly did not recover count as infinity. So do lost writes that no RPO allows.
    """
    if part.judged is None:
        return True, None
    results = [result for result in part.judged.verdict.checks if result.subject.kind is _SUBJECT[key]]
    subjects: dict[Subject, list[float | None]] = {}
    for result in results:
        subjects.setdefault(result.subject, []).extend(_values(result, key))
    values = [value for found in subjects.values() for value in found or [None]]
    known = [value for value in values if value is not None]
    complete = bool(known) and len(known) == len(values)
    return bool(results), max(known) if complete else None


def _values(result: CheckResult, key: MeasureKey) -> list[float | None]:
    found = [measure.value for measure in result.measures if measure.key == key]
    if result.outcome is Outcome.INCONCLUSIVE:  # its measures may still be there, but they prove nothing
        return [None for _ in found]
    failed = result.outcome is Outcome.FAIL
    return [math.inf if value is None and failed else value for value in found]


def _target(key: MeasureKey, limit: float, parts: Sequence[DrillPart], policy: str = "") -> TargetView:
    values = [(part.scenario, *measured(part, key)) for part in parts]
    asked = [(scenario, value) for scenario, was_asked, value in values if was_asked]
    known = [(value, scenario) for scenario, value in asked if value is not None]
    blind = [scenario for scenario, value in asked if value is None]
    worst, where = max(known, default=(None, ""))
    note = _note(where + (_beside(where, parts) if key == RTO else ""), blind, bool(parts))
    state: TargetState = TargetState.NOT_MEASURED
    if worst is not None and worst > limit:
        state = TargetState.MISSED
    elif worst is not None and not blind:
        state = TargetState.KEPT
    return TargetView(
        limit=limit,
        measured=None if worst == math.inf else worst,
        state=state,
        target=human.duration(limit),
        value="–" if worst is None else worst_text(key, worst, limit),
        note=f"{note}; {policy}" if policy and worst is not None else note,
        share=_share(worst, limit),
    )


def _share(worst: float | None, limit: float) -> float | None:
    """The share of the target, at most 10: a bar shows no more."""
    if worst is None:
        return None
    return min(worst / limit, 10.0) if limit else 10.0 * (worst > 0)


def worst_text(key: MeasureKey, seconds: float | None, limit: float | None = None) -> str:
    """``12.3 s``, ``not measured``, or what infinity means."""
    if seconds is None:
        return TargetState.NOT_MEASURED
    return _BEYOND[key] if seconds == math.inf else human.duration(seconds, limit)


def _beside(where: str, parts: Sequence[DrillPart]) -> str:
    """How long the procedures there took: clients may recover long before, or may never notice."""
    known = [
        measure.value
        for judged in (part.judged for part in parts if part.scenario == where)
        if judged is not None
        for result in judged.verdict.checks
        for measure in result.measures
        if measure.key == PROCEDURE_TOOK and measure.value is not None
        if result.subject.name not in judged.recording.plan.scenario.prepare
    ]
    return f", its procedure took {human.duration(max(known))}" if known else ""


def _note(where: str, blind: Sequence[str], tested: bool) -> str:
    said = [f"in {where}"] if where else []
    if blind:
        said.append(f"not measured in {', '.join(blind)}")
    if not said:
        said.append("no scenario measured it" if tested else "no scenario tested it")
    return "; ".join(said)


def tally(targets: Sequence[TargetView]) -> str:
    """``3 kept, 1 missed, 2 not measured``."""
    words = tuple(TargetState)
    counts = [(sum(target.state == word for target in targets), word) for word in words]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "none"
