"""Did the operator's procedures do what they promise, in the time that was planned?"""

from __future__ import annotations

from chaos.checks._common import falling, marked, since_start, span, unknown
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure, Outcome
from chaos.timeline.procedures import ProcedureRun, procedure_runs
from chaos.timeline.recording import Recording

_FIX_FAILED = "Run the step's command by hand, fix the procedure or what it stands on, and rehearse it again."
_FIX_SLOW = "See which step took the time; plan for what it really takes, or make it faster."
_FIX_PREPARE = "Nothing was broken, for it could not be prepared: fix that, and run the scenario again."


WHOLE = "whole procedure"  # name of its measure beside those of the steps


class _ProcedureCheck:
    """Each procedure of the plan must have ended with its last step done. Judged by the steps' own checks.

    A procedure that prepares a run proves nothing of the system: where it failed nobody can tell. Full marks
    within the planned minutes, falling to none at twice the plan; none at all for one that stopped half-way.
    """

    name = "procedure"
    summary = "every step of the operator's procedure is done, in the time that was planned"
    params: type[CheckParams] | None = None
    dimensions = (Dimension.RECOVERY,)
    reads = ("journal",)

    def applies(self, plan: Plan) -> bool:
        """Only a plan with procedures is asked about them."""
        return bool(plan.procedures)

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        runs = procedure_runs(recording)
        results = []
        for name, procedure in recording.plan.procedures.items():
            title, expected = procedure_title(name), f"every step done within {span(procedure.planned)}"
            found = [run for run in runs if run.procedure == name]
            if not found:
                dimension = None if name in recording.plan.scenario.prepare else Dimension.RECOVERY
                results.append(unknown(self.name, title, expected, "it was never begun", dimension))
            results += [self._judged(recording, procedure, run, title, expected) for run in found]
        return tuple(results)

    def _judged(
        self, recording: Recording, procedure: Procedure, run: ProcedureRun, title: str, expected: str
    ) -> CheckResult:
        prepares = run.purpose == "prepare"
        dimension = None if prepares else Dimension.RECOVERY
        measures, evidence = _measures(procedure, run), _evidence(recording, run)
        if run.ok is None or run.took is None:
            last = run.steps[-1].step if run.steps else "its beginning"
            why = f"the recording does not say how it ended; the last that was seen is {last}"
            return unknown(self.name, title, expected, why, dimension, evidence, measures)
        undone = [step.step for step in procedure.steps if not _done(run, step.step)]
        if not run.ok or undone:
            where = next((s for s in run.steps if s.ok is False), None)
            actual = f"stopped at step {where.step}: {where.detail}" if where else run.detail
            actual = actual or f"ended without {', '.join(undone)}"
            if prepares:
                return unknown(self.name, title, expected, actual, None, evidence, measures, fix=_FIX_PREPARE)
            if where is not None and not where.told:
                why = f"step {where.step} could not tell: {where.detail}"
                return unknown(self.name, title, expected, why, dimension, evidence, measures)
            marks = marked(Dimension.RECOVERY, 0.0, f"{title}: {actual}", _FIX_FAILED)
            outcome = Outcome.FAIL
        else:
            actual = f"{len(procedure.steps)} of {len(procedure.steps)} steps done in {span(run.took)}"
            fraction = falling(run.took, procedure.planned)
            why = f"{title}: took {span(run.took)}, planned {span(procedure.planned)}"
            marks = () if prepares else marked(Dimension.RECOVERY, fraction, why, _FIX_SLOW)
            outcome = Outcome.PASS if fraction == 1.0 or prepares else Outcome.FAIL
        return CheckResult(
            check=self.name,
            title=title,
            outcome=outcome,
            expected=expected,
            actual=actual,
            evidence=evidence,
            measures=measures,
            marks=marks,
        )


def procedure_title(name: str) -> str:
    """Title of the result of one procedure."""
    return f"procedure {name} works"


def _done(run: ProcedureRun, step: str) -> bool:
    return any(seen.step == step and seen.ok for seen in run.steps)


def _measures(procedure: Procedure, run: ProcedureRun) -> tuple[Measure, ...]:
    """Measured beside planned seconds: of the whole, then of each step. None: it was not done."""
    took = {step.step: step.took for step in run.steps if step.ok}
    whole = round(run.took, 3) if run.took is not None and run.ok else None
    steps = [
        Measure(
            name=step.step,
            value=None if (seconds := took.get(step.step)) is None else round(seconds, 3),
            limit=step.planned,
            note=procedure.procedure,
        )
        for step in procedure.steps
    ]
    return (
        Measure(name=WHOLE, value=whole, limit=procedure.planned, note=procedure.procedure),
        *steps,
    )


def _evidence(recording: Recording, run: ProcedureRun) -> tuple[Evidence, ...]:
    lines = []
    for step in run.steps:
        word = {True: "done", False: f"failed: {step.detail}", None: "not seen to end"}[step.ok]
        lines.append(since_start(recording, step.start, f"{run.procedure}, {step.step}: {word}"))
    return tuple(lines)


CHECK = _ProcedureCheck()
