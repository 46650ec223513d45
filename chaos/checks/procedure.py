"""Did the operator's procedures do what they promise, within the planned time?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from chaos.checks.kit import falling, since_start, span
from chaos.kinds import Check, NoParams, Part
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import (
    PROCEDURE_STEP,
    PROCEDURE_TOOK,
    EvidenceKind,
    ResultKey,
    Subject,
    SubjectKind,
)
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.verdict import CheckResult, Dimension, Distance, Evidence, Measure
from chaos.timeline.procedures import ProcedureRun, procedure_runs
from chaos.timeline.recording import Recording

COMPLETED = ResultKey("procedure.completed")
_FIX_FAILED = "Run the step's command by hand, fix the procedure or what it relies on, and rehearse it again."
_FIX_SLOW = "See which step took the time; plan for what it really takes, or make it faster."
_FIX_PREPARE = "Nothing was broken, because the run could not be prepared: fix that, and run it again."


class _ProcedureCheck(Check[NoParams]):
    """Each procedure of the plan must have ended with its last step done, by the steps' own checks.

    A procedure that prepares a run proves nothing about the system: if it failed, the result is INCONCLUSIVE.
    It gets full marks within the planned minutes, falling to none at twice the plan, and none if it stopped
    before its end.
    """

    name = "procedure"
    summary = "every step of the operator's procedure is done, in the time that was planned"
    dimensions = (Dimension.RECOVERY,)
    reads = (Part.JOURNAL,)
    order = 10
    distance = Distance.ANSWER

    def judged_unasked(self, plan: Plan) -> bool:
        """Only a plan with procedures has these results."""
        return bool(plan.procedures)

    def asks(self, plan: Plan, params: NoParams) -> Iterator[Asked]:
        for name, procedure in plan.procedures.items():
            yield self.asked(
                COMPLETED,
                f"procedure {name} works",
                f"every step done within {span(procedure.planned)}",
                subject=Subject(kind=SubjectKind.PROCEDURE, name=name),
                dimension=None if name in plan.scenario.prepare else Dimension.RECOVERY,
            )

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        runs = procedure_runs(recording)
        for one in asked:
            found = [run for run in runs if run.procedure == one.subject.name]
            if not found:
                yield one.unknown("it was never begun")
            for run in found:
                dimension = None if run.purpose == "prepare" else Dimension.RECOVERY
                question = replace(one, dimension=dimension)
                yield question.settled(partial(self._answer, recording, run, question))

    def _answer(self, recording: Recording, run: ProcedureRun, asked: Asked) -> CheckResult:
        procedure = recording.plan.procedures[run.procedure]
        prepares = run.purpose == "prepare"
        measures, evidence = _measures(procedure, run), _evidence(recording, run)
        if run.ok is None or run.took is None:
            last = run.steps[-1].step if run.steps else "its beginning"
            why = f"the recording does not say how it ended; the last that was seen is {last}"
            raise CannotTell(why, evidence=evidence, measures=measures)
        undone = [step.step for step in procedure.steps if not _done(run, step.step)]
        if run.ok and undone and not any(step.ok is False for step in run.steps):
            why = f"it ended well, and the recording does not hold the end of {', '.join(undone)}"
            raise CannotTell(why, evidence=evidence, measures=measures)
        if not run.ok or undone:
            where = next((s for s in run.steps if s.ok is False), None)
            actual = f"stopped at step {where.step}: {where.detail}" if where else run.detail
            actual = actual or f"ended without {', '.join(undone)}"
            if prepares:
                raise CannotTell(actual, evidence=evidence, measures=measures, fix=_FIX_PREPARE)
            if where is not None and not where.known:
                why = f"step {where.step} has an unknown result: {where.detail}"
                raise CannotTell(why, evidence=evidence, measures=measures)
            return asked.failed(actual, fix=_FIX_FAILED, evidence=evidence, measures=measures)
        number, took = len(procedure.steps), span(run.took, procedure.planned)
        actual = f"{number} of {number} steps done in {took}"
        fraction = falling(run.took, procedure.planned)
        if fraction == 1.0 or prepares:
            return asked.passed(actual, evidence=evidence, measures=measures)
        reason = f"{asked.title}: took {took}, planned {span(procedure.planned)}"
        return asked.failed(
            actual, reason=reason, fix=_FIX_SLOW, fraction=fraction, evidence=evidence, measures=measures
        )


def _done(run: ProcedureRun, step: str) -> bool:
    return any(seen.step == step and seen.ok for seen in run.steps)


def _measures(procedure: Procedure, run: ProcedureRun) -> tuple[Measure, ...]:
    """Measured and planned seconds: of the whole, then of each step. None: it was not done."""
    took = {step.step: step.took for step in run.steps if step.ok}
    whole = round(run.took, 3) if run.took is not None and run.ok else None
    steps = [
        Measure(
            key=PROCEDURE_STEP,
            part=step.step,
            label=step.step,
            value=None if (seconds := took.get(step.step)) is None else round(seconds, 3),
            limit=step.planned,
            note=procedure.procedure,
        )
        for step in procedure.steps
    ]
    return (
        Measure(
            key=PROCEDURE_TOOK,
            label="whole procedure",
            value=whole,
            limit=procedure.planned,
            note=procedure.procedure,
        ),
        *steps,
    )


def _evidence(recording: Recording, run: ProcedureRun) -> tuple[Evidence, ...]:
    lines = []
    for step in run.steps:
        word = {True: "done", False: f"failed: {step.detail}", None: "not seen to end"}[step.ok]
        text = f"{run.procedure}, {step.step}: {word}"
        lines.append(since_start(recording, step.start, text, EvidenceKind.STEP, run.procedure, step.step))
    return tuple(lines)


CHECK = _ProcedureCheck()
