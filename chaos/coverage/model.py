"""The coverage as typed values. ``gameday coverage --json`` prints them."""

from __future__ import annotations

from enum import StrEnum

from chaos.model.base import Frozen
from chaos.model.identity import ResultKey
from chaos.model.verdict import Outcome


class Tested(StrEnum):
    """How a scenario tests the rule, service or state of a row."""

    FIRES = "fires"
    SILENT = "silent"
    BROKEN = "broken"  # the scenario injects this fault into this service
    DEGRADED = "degraded"  # the scenario promises this degraded answer


class OutcomeSource(Frozen):
    """Which result of a run is the outcome of a cell: see ``chaos.kinds.Covered``."""

    key: ResultKey
    subject: str | None = None


class Cell(Frozen):
    """One scenario that tests the rule, service or state of a row.

    ``outcome`` and ``age`` (seconds): of its last run; None if it has not run, or the history does not have
    that result.
    """

    scenario: str
    tested: Tested
    source: OutcomeSource
    outcome: Outcome | None = None
    age: float | None = None


class CoverageRow(Frozen):
    """One rule, one service under one fault, or one degraded state, with the scenarios that test it.

    ``lacking``: what no scenario tests about it. ``note``: a remark, such as a stand-in for the threshold of
    a rule.
    """

    name: str
    part: str = ""  # the kind of fault
    cells: tuple[Cell, ...] = ()
    lacking: tuple[Tested, ...] = ()
    note: str = ""


class Matrix(Frozen):
    """One table of the coverage. ``columns``: scenarios or kinds of fault, in the order shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[CoverageRow, ...]

    @property
    def empty(self) -> tuple[CoverageRow, ...]:
        """The rows with something that no scenario tests."""
        return tuple(row for row in self.rows if row.lacking)


class StateReached(Frozen):
    """One state of the stack. ``run``: the latest run that reached it, or None. ``age``: of that run, in
    seconds.
    """

    state: str
    run: str | None = None
    age: float | None = None


class Coverage(Frozen):
    """The coverage of one stack. ``runs``: how many of its runs are in the history."""

    schema_version: int = 1
    stack: str
    rules: Matrix
    faults: Matrix
    degraded: Matrix
    states: tuple[StateReached, ...] = ()
    runs: int = 0

    @property
    def complete(self) -> bool:
        """Does each rule have a scenario in which it must fire and one in which it must stay silent?"""
        return not self.rules.empty
