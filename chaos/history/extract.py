"""Makes the history's row of a run from its recording and its verdict. Pure."""

from __future__ import annotations

from pathlib import PurePath

from chaos.errors import ExitCode
from chaos.history.rows import CheckRow, MeasureRow, ProcedureRow, RunRow
from chaos.model.verdict import OUTCOME_EXIT, Verdict
from chaos.timeline.events import (
    FaultReverted,
    LeftOver,
    RunEnded,
    RunInterrupted,
)
from chaos.timeline.procedures import procedure_runs
from chaos.timeline.recording import Recording


def run_row(recording: Recording, verdict: Verdict, folder: str) -> RunRow:
    """The history's row of one run. ``folder``: name of the run folder in the reports folder.

    The row depends only on the run folder, so a rebuilt history equals the original.
    """
    plan = recording.plan
    return RunRow(
        run_id=recording.run_id,
        scenario=verdict.scenario,
        suite=PurePath(plan.source.file).parent.name,
        stack=plan.stack.stack,
        pace=plan.pace,
        variables=", ".join(plan.changes),
        began=recording.began,
        took=max(0.0, recording.ended - recording.began),
        outcome=verdict.outcome,
        reason=verdict.reason,
        score=verdict.score.total,
        certifiable=verdict.score.certifiable,
        git_commit=plan.source.git_commit,
        exit_code=int(_exit_code(recording, verdict)),
        folder=folder,
        dimensions=verdict.score.dimensions,
        checks=tuple(
            CheckRow(check=r.check, key=r.key, subject=r.subject, title=r.title, outcome=r.outcome)
            for r in verdict.checks
        ),
        measures=tuple(
            MeasureRow(
                check=result.check,
                key=result.key,
                subject=result.subject,
                title=result.title,
                measure=measure.key,
                part=measure.part,
                label=measure.label,
                value=measure.value,
                unit=measure.unit,
                limit=measure.limit,
                note=measure.note,
                outcome=result.outcome,
            )
            for result in verdict.checks
            for measure in result.measures
        ),
        procedures=_procedures(recording),
    )


def _exit_code(recording: Recording, verdict: Verdict) -> ExitCode:
    """The exit code of the run. Left dirty comes first, then interrupted, harness error, and the verdict."""
    answered = {planned.index for planned in recording.plan.steps if planned.step.answer is not None}
    undone = all(event.ok for event in recording.of(FaultReverted) if event.index not in answered)
    if not undone or any(event.names() for event in recording.of(LeftOver)):
        return ExitCode.LEFT_DIRTY
    if next(recording.of(RunInterrupted), None) is not None:
        return ExitCode.INTERRUPTED
    if any(event.error for event in recording.of(RunEnded)):
        return ExitCode.HARNESS
    return OUTCOME_EXIT[verdict.outcome]


def _procedures(recording: Recording) -> tuple[ProcedureRow, ...]:
    """A procedure without a recorded end lasts until the end of the recording, and is not ok."""
    rows = []
    for run in procedure_runs(recording):
        planned = recording.plan.procedures.get(run.procedure)
        ended = recording.ended if run.end is None else run.end
        rows.append(
            ProcedureRow(
                name=run.procedure,
                purpose=run.purpose,
                ok=run.ok is True,
                measured=max(0.0, ended - run.start),
                planned=None if planned is None else planned.planned,
                ended=ended,
            )
        )
    return tuple(rows)
