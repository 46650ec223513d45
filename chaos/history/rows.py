"""The rows of the history as typed, frozen values."""

from __future__ import annotations

from chaos.model.base import Frozen, Instant
from chaos.model.identity import MeasureKey, ResultKey, Subject
from chaos.model.verdict import DimensionScore, Outcome


class CheckRow(Frozen):
    """One result. ``key`` and ``subject`` are what it is; the title is for people."""

    check: str
    key: ResultKey
    subject: Subject
    title: str
    outcome: Outcome


class MeasureRow(Frozen):
    """One measured figure of a result. ``measure`` and ``part`` are what it is; title and label are for
    people. ``limit`` is what was asked of it; ``outcome`` is that of its check, None in rows
    from before it was kept.
    """

    check: str
    key: ResultKey  # of the result
    subject: Subject
    title: str
    measure: MeasureKey
    part: str
    label: str
    value: float | None
    unit: str
    limit: float | None
    note: str
    outcome: Outcome | None


class ProcedureRow(Frozen):
    """One procedure as it was run. ``measured`` and ``planned`` are real seconds; ``ended`` is its wall
    clock, that of the recording's end for one that never ended (``ok`` is then False).
    """

    name: str
    purpose: str  # prepare, rehearse, answer
    ok: bool
    measured: float
    planned: float | None
    ended: Instant


class RunRow(Frozen):
    """One judged run. ``run_id`` and ``began`` together are its key: six digits alone come twice one day."""

    run_id: str
    scenario: str
    suite: str  # the folder that the scenario's file lay in
    stack: str
    pace: float
    variables: str  # what --env changed: "service.NAME=value, ..."; "" is the unchanged stack
    began: Instant
    took: float  # seconds
    outcome: Outcome
    reason: str
    score: float | None
    certifiable: bool
    git_commit: str | None
    exit_code: int  # what the recording and its verdict mean as an exit code
    folder: str  # its name under the reports folder
    dimensions: tuple[DimensionScore, ...] = ()
    checks: tuple[CheckRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    procedures: tuple[ProcedureRow, ...] = ()
