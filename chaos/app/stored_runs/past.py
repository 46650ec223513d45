"""The history as reports need it: judged runs go in, plain values come out.

A history that is missing, damaged or read-only never raises here. The problem is printed with
``context.complain``, and the answer holds what could be read, possibly nothing. The history never decides how
a run or a drill ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.errors import EnvironmentProblem
from chaos.files import exists, write_file
from chaos.history import (
    FILE_NAME,
    History,
    HistoryDamaged,
    RunRow,
    baseline,
    comparable,
    freshness_of,
    gate,
    open_history,
    recovery_of,
    run_row,
)
from chaos.history.trend import middle
from chaos.model.past import Freshness, PastDrill, PastRun, PastRuns

PAST = "past.json"  # file in a drill's folder from which the history can be rebuilt
SHOWN = 30  # runs of a chart

T = TypeVar("T")


class ErrorOutput(Protocol):
    """Receives the report that a history is missing, damaged or cannot be written."""

    def complain(self, line: str) -> None: ...


def row_of(judged: JudgedRun) -> RunRow:
    """What the history keeps of a judged run."""
    return run_row(judged.recording, judged.verdict, judged.folder.name)


def keep_run(reports: Path, judged: JudgedRun, context: ErrorOutput) -> bool:
    """Keep one judged run; the same run replaces its older row. Reports a failure and returns False."""
    row = row_of(judged)
    return _written(reports, context, lambda history: history.keep([row]))


def past_of(reports: Path, judged: JudgedRun, context: ErrorOutput) -> PastRuns | None:
    """The run with earlier runs of its scenario, stack and pace; None if there is no history."""
    row = row_of(judged)
    return _read(reports, context, lambda history: past_beside(row, history.runs(row.scenario)), None)


def past_beside(row: RunRow, runs: Sequence[RunRow]) -> PastRuns:
    """``row`` with the comparable ``runs``, as reports draw it. Pure."""
    alike = comparable(row, runs)
    counted = baseline(row, runs)
    said = gate(row, runs)
    return PastRuns(
        this=point_of(row),
        earlier=tuple(point_of(run) for run in alike[-SHOWN:]),
        median_score=middle([run.score for run in counted], least=3),
        median_recovery=middle([recovery_of(run) for run in counted], least=3),
        judgement=said.judgement,
        statement=said.statement,
    )


def earlier_drills(
    reports: Path, context: ErrorOutput, *, before: float | None = None, last: int = 12
) -> tuple[PastDrill, ...]:
    """The ``last`` newest drills of the history under ``reports`` that began before ``before`` (epoch
    seconds; None: all), oldest first. Empty if there is no history.
    """
    none: tuple[PastDrill, ...] = ()
    drills = _read(reports, context, lambda history: history.drills(), none)
    return tuple(drill for drill in drills if before is None or drill.began < before)[-last:]


def keep_drill(reports: Path, drill: PastDrill, context: ErrorOutput) -> bool:
    """Keep one drill; the same ``drill.drill`` replaces its older row. Reports a failure and returns False.

    A rebuild reads it from the drill's folder, where ``write_drill_past`` writes it.
    """
    return _written(reports, context, lambda history: history.keep_drills([drill]))


def write_drill_past(folder: Path, drill: PastDrill) -> Path:
    """Write ``past.json`` into a drill's folder; call it before the folder is sealed.

    Raises ``EnvironmentProblem`` when it cannot be written.
    """
    return write_file(folder / PAST, drill.model_dump_json(indent=2) + "\n")


def freshness(reports: Path, known: Sequence[str], context: CommandContext) -> tuple[Freshness, ...]:
    """When each procedure was last proven, by name: those in ``known`` (names from the stack's folder) and
    those in the history. A rehearsed procedure is due weekly, any other quarterly.
    """
    none: tuple[RunRow, ...] = ()
    runs = _read(reports, context, lambda history: history.runs(), none)
    return freshness_of(runs, known, context.clock.wall())


def point_of(row: RunRow) -> PastRun:
    """One run as a trend shows it."""
    return PastRun(
        run_id=row.run_id,
        scenario=row.scenario,
        began=row.began,
        outcome=row.outcome,
        score=row.score,
        certifiable=row.certifiable,
        recovery=recovery_of(row),
    )


def _read(reports: Path, context: ErrorOutput, ask: Callable[[History], T], otherwise: T) -> T:
    """What ``ask`` returns; ``otherwise`` if there is no history. Reports a history that cannot be read."""
    path = reports / FILE_NAME
    try:
        if not exists(path):
            return otherwise
        with open_history(path) as history:
            return ask(history)
    except EnvironmentProblem as error:
        context.complain(f"gameday: {error}")
        return otherwise


def _written(reports: Path, context: ErrorOutput, write: Callable[[History], None]) -> bool:
    """Write; try once more after a damaged file was set aside: a new history is better than none."""
    path = reports / FILE_NAME
    for _ in range(2):
        try:
            with open_history(path) as history:
                write(history)
            return True
        except HistoryDamaged as error:
            context.complain(f"gameday: {error}")
        except EnvironmentProblem as error:
            context.complain(f"gameday: could not write to the history: {error}")
            return False
    return False
