"""Every step of every procedure: planned minutes beside measured seconds, on one logarithmic axis.

Plans are in minutes and machines take seconds: on a linear axis the measured bars would be invisible.
Lengths on a logarithmic axis are not proportional, so the figures are beside every bar.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chaos.drill.parts import Drill, DrillPart, JudgedPart
from chaos.model.identity import PROCEDURE_STEP, PROCEDURE_TOOK, SubjectKind
from chaos.model.procedure import Procedure, ProcedureStep
from chaos.model.verdict import CheckResult, Measure, Outcome
from chaos.report import human
from chaos.timeline.events import Purpose
from chaos.timeline.procedures import PURPOSE_IN_WORDS

LEAST = 0.1  # seconds at the left end of the axis; shorter times end there
_TICKS = (
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (600.0, "10 min"),
    (3600.0, "1 h"),
    (36000.0, "10 h"),
)


@dataclass(frozen=True)
class Tick:
    at: float  # percent of the axis
    text: str


@dataclass(frozen=True)
class ProcedureStepView:
    """``planned``, ``measured``: seconds; None: not planned, or not done. Bar ends in percent of the axis."""

    step: str
    title: str
    planned: float | None
    measured: float | None
    planned_text: str
    measured_text: str
    planned_end: float | None
    measured_end: float | None
    late: bool


@dataclass(frozen=True)
class ProcedureView:
    procedure: str
    title: str
    scenario: str
    purpose: str  # answers the fault, prepares the run, is rehearsed
    outcome: Outcome
    note: str  # what the check found if it did not pass
    planned_text: str
    measured_text: str  # of the whole; "" if a step was not done
    steps: tuple[ProcedureStepView, ...]


@dataclass(frozen=True)
class Steps:
    ticks: tuple[Tick, ...]
    procedures: tuple[ProcedureView, ...]


def steps_of(drill: Drill) -> Steps:
    """Procedures in the order of the scenarios. Those that only prepare a run come last, and only once:
    every scenario of a drill may take the same backups first.
    """
    found = [
        (part, result)
        for part in drill.parts
        if part.judged is not None
        for result in part.judged.verdict.checks
        if result.subject.kind is SubjectKind.PROCEDURE
    ]
    longest = max((v for _, r in found for m in r.measures for v in (m.value, m.limit) if v), default=60.0)
    ticks = [tick for tick in _TICKS if tick[0] < longest]
    axis = _Axis(max(longest * 1.15, 60.0))
    views = [_procedure(part, result, axis) for part, result in found]
    prepare = [view for view in views if view.purpose == PURPOSE_IN_WORDS["prepare"]]
    others = [view for view in views if view.purpose != PURPOSE_IN_WORDS["prepare"]]
    return Steps(
        tuple(Tick(axis.end(seconds), text) for seconds, text in ticks), (*others, *_slowest(prepare))
    )


def _slowest(views: Sequence[ProcedureView]) -> tuple[ProcedureView, ...]:
    """The slowest successful run of each procedure, and every failed run."""
    shown = []
    for name in dict.fromkeys(view.procedure for view in views):
        same = [view for view in views if view.procedure == name]
        worked = [view for view in same if view.outcome is Outcome.PASS]
        shown += [view for view in same if view.outcome is not Outcome.PASS]
        if worked:
            slowest = max(worked, key=lambda view: sum(step.measured or 0.0 for step in view.steps))
            where = slowest.scenario
            if len(worked) > 1:
                where = f"{human.count(len(worked), 'scenario')}, the slowest of them {where}"
            shown.append(replace(slowest, scenario=where))
    return tuple(shown)


@dataclass(frozen=True)
class _Axis:
    most: float

    def end(self, seconds: float) -> float:
        """The end of a bar for this many seconds, in percent."""
        if seconds <= LEAST:
            return 0.5
        return round(100 * math.log(seconds / LEAST) / math.log(self.most / LEAST), 2)


def purpose_of(judged: JudgedPart, procedure: str) -> Purpose:
    scenario = judged.recording.plan.scenario
    answers = any(step.answer == procedure for step in scenario.timeline)
    if answers or procedure not in (*scenario.prepare, *scenario.rehearse):
        return "answer"
    return "prepare" if procedure in scenario.prepare else "rehearse"


def _procedure(part: DrillPart, result: CheckResult, axis: _Axis) -> ProcedureView:
    assert part.judged is not None
    name = result.subject.name
    known = part.judged.recording.plan.procedures.get(name)
    steps = tuple(_step(measure, known, axis) for measure in _step_measures(result, known))
    values = [step.measured for step in steps if step.measured is not None]
    whole = next((m.value for m in result.measures if m.key == PROCEDURE_TOOK), None)
    if whole is None and steps and len(values) == len(steps):
        whole = sum(values)
    planned = [step.planned for step in steps if step.planned is not None]
    return ProcedureView(
        procedure=name,
        title=known.title if known is not None else name,
        scenario=part.scenario,
        purpose=PURPOSE_IN_WORDS[purpose_of(part.judged, name)],
        outcome=result.outcome,
        note="" if result.outcome is Outcome.PASS else result.actual,
        planned_text=human.duration(sum(planned)) if planned else human.NO_DATA,
        measured_text="" if whole is None else human.duration(whole, sum(planned) if planned else None),
        steps=steps,
    )


def _step_measures(result: CheckResult, known: Procedure | None) -> tuple[Measure, ...]:
    """The measures of the steps; a planned step without a measure is listed as not done."""
    if known is None:
        return tuple(measure for measure in result.measures if measure.key == PROCEDURE_STEP)
    by_step = {measure.part: measure for measure in result.measures if measure.key == PROCEDURE_STEP}
    return tuple(by_step.get(step.step) or _not_done(step) for step in known.steps)


def _not_done(step: ProcedureStep) -> Measure:
    return Measure(key=PROCEDURE_STEP, part=step.step, label=step.step, value=None, limit=step.planned)


def _step(measure: Measure, known: Procedure | None, axis: _Axis) -> ProcedureStepView:
    step = next((step for step in known.steps if step.step == measure.part), None) if known else None
    planned = measure.limit if measure.limit is not None else step.planned if step else None
    value = measure.value
    return ProcedureStepView(
        step=measure.part,
        title=step.title if step is not None else "",
        planned=planned,
        measured=value,
        planned_text="not planned" if planned is None else human.duration(planned),
        measured_text="not done" if value is None else human.duration(value, planned),
        planned_end=None if planned is None else axis.end(planned),
        measured_end=None if value is None else axis.end(value),
        late=value is not None and planned is not None and value > planned,
    )
