"""Reads the list of findings for reports. It never affects the outcome of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chaos.app.stored_runs.past import ErrorOutput, row_of
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.errors import EnvironmentProblem
from chaos.files import exists
from chaos.findings import FILE_NAME, FailedResult, ScenarioRun, open_findings
from chaos.history import RunRow
from chaos.model.verdict import Outcome
from chaos.report import KnownFindings


def findings_of(reports: Path, judged: JudgedRun, now: float, context: ErrorOutput) -> KnownFindings | None:
    """The findings of the run's scenario and stack, after counting the run itself.

    None if there is no list of findings (``gameday findings`` creates it). Also None if the list cannot be
    read, which this function reports. ``now``: seconds since the epoch.
    """
    path = reports / FILE_NAME
    row = row_of(judged)
    try:
        if not exists(path):
            return None
        with open_findings(path) as findings:
            if row.as_written:  # of another stack: it finds nothing and closes nothing
                findings.count([scenario_run(row)])
            found = findings.all()
    except EnvironmentProblem as error:
        context.complain(f"gameday: {error}")
        return None
    return KnownFindings(
        findings=tuple(one for one in found if one.scenario == row.scenario and one.stack in ("", row.stack)),
        today=datetime.fromtimestamp(now, UTC).date(),
    )


def scenario_run(row: RunRow) -> ScenarioRun:
    """A row of the history as findings need it."""
    return ScenarioRun(
        run_id=row.run_id,
        scenario=row.scenario,
        stack=row.stack,
        began=row.began,
        outcome=row.outcome,
        failed=tuple(
            FailedResult(
                key=f"{check.check}.{check.key}/{check.subject.kind}:{check.subject.name}", title=check.title
            )
            for check in row.checks
            if check.outcome is Outcome.FAIL
        ),
    )
