"""Adds to each cell of the coverage the outcome and the age of the last run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chaos.coverage.model import Cell, Coverage, CoverageRow, Matrix, OutcomeSource
from chaos.history.rows import RunRow
from chaos.model.verdict import Outcome

_WORST = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)


def with_past(coverage: Coverage, runs: Iterable[RunRow], now: float) -> Coverage:
    """``coverage`` with the last outcomes. ``runs``: of any stack. ``now``: seconds since the epoch.

    Only runs of this stack without ``--env`` count; the stack may have been warm.
    """
    mine = [run for run in runs if run.stack == coverage.stack and run.as_written]
    last: dict[str, RunRow] = {}
    for run in sorted(mine, key=lambda one: one.began):
        last[run.scenario] = run
    return coverage.model_copy(
        update={
            "rules": _dated(coverage.rules, last, now),
            "faults": _dated(coverage.faults, last, now),
            "degraded": _dated(coverage.degraded, last, now),
            "runs": len(mine),
        }
    )


def _dated(matrix: Matrix, last: Mapping[str, RunRow], now: float) -> Matrix:
    return matrix.model_copy(update={"rows": tuple(_row(row, last, now) for row in matrix.rows)})


def _row(row: CoverageRow, last: Mapping[str, RunRow], now: float) -> CoverageRow:
    return row.model_copy(update={"cells": tuple(_cell(cell, last, now) for cell in row.cells)})


def _cell(cell: Cell, last: Mapping[str, RunRow], now: float) -> Cell:
    run = last.get(cell.scenario)
    outcome = None if run is None else outcome_of(run, cell.source)
    if run is None or outcome is None:
        return cell
    return cell.model_copy(update={"outcome": outcome, "age": max(0.0, now - run.began)})


def outcome_of(run: RunRow, source: OutcomeSource) -> Outcome | None:
    """The worst outcome among the results of a run that match ``source``; None if there are none. What an
    aborted run found does not count: its ABORTED does.
    """
    found = {
        row.outcome
        for row in run.checks
        if row.key == source.key and source.subject in (None, row.subject.name)
    }
    worst = next((outcome for outcome in _WORST if outcome in found), None)
    return Outcome.ABORTED if worst is not None and run.outcome is Outcome.ABORTED else worst
