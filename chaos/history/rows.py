"""The rows of the history, as frozen values."""

from __future__ import annotations

from chaos.model.base import Frozen, Instant
from chaos.model.identity import MeasureKey, ResultKey, Subject
from chaos.model.plan import WARM
from chaos.model.verdict import AnyUnit, DimensionScore, Outcome


class CheckRow(Frozen):
    """One result. ``key`` and ``subject`` identify it; ``title`` is for people."""

    check: str
    key: ResultKey
    subject: Subject
    title: str
    outcome: Outcome


class MeasureRow(Frozen):
    """One measured figure of a result. ``measure`` and ``part`` identify it; title and label are for people.

    ``value`` and ``limit`` are in ``unit``; ``limit`` None: it has none. ``outcome``: of its result; None in
    rows of version 1, which did not keep it.
    """

    check: str
    key: ResultKey  # of the result
    subject: Subject
    title: str
    measure: MeasureKey
    part: str
    label: str
    value: float | None
    unit: AnyUnit
    limit: float | None
    note: str
    outcome: Outcome | None

    @property
    def proven(self) -> float | None:
        """The value; None if its result is inconclusive, which keeps its measures but proves nothing."""
        return None if self.outcome is Outcome.INCONCLUSIVE else self.value


class ProcedureRow(Frozen):
    """One procedure of a run. ``measured`` and ``planned`` are real seconds.

    ``ended``: seconds since the epoch. If its end was not recorded, ``ended`` is the end of the recording and
    ``ok`` is False.
    """

    name: str
    purpose: str  # prepare, rehearse, answer
    ok: bool
    measured: float
    planned: float | None
    ended: Instant


class RunRow(Frozen):
    """One judged run. ``run_id`` (six hex digits) is not unique over time; with ``began`` it is the key."""

    run_id: str
    scenario: str
    suite: str  # name of the scenario file's folder
    stack: str
    pace: float
    # What differed from the scenario, as ``Plan.changes``: "service.NAME=value, ..."; "" for nothing.
    variables: str
    began: Instant  # seconds since the epoch
    took: float  # seconds
    outcome: Outcome
    reason: str
    score: float | None  # 0 to 100
    certifiable: bool
    git_commit: str | None
    exit_code: int  # computed from the recording and its verdict
    folder: str  # its name in the reports folder
    dimensions: tuple[DimensionScore, ...] = ()
    checks: tuple[CheckRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    procedures: tuple[ProcedureRow, ...] = ()

    @property
    def as_written(self) -> bool:
        """Did it test the stack as its files say, with the faults of its scenario? It may have been warm:
        with ``--warm`` every run but the first one is. Other runs prove nothing about the stack.
        """
        return self.variables in ("", WARM)
