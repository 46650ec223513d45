"""The matrices of the coverage as typed values: what ``gameday coverage --json`` prints."""

from __future__ import annotations

from enum import StrEnum

from chaos.model.base import Frozen
from chaos.model.identity import ResultKey
from chaos.model.verdict import Outcome


class Tested(StrEnum):
    """How a scenario tests the thing of a row."""

    FIRES = "fires"
    SILENT = "silent"
    BROKEN = "broken"  # the scenario injects this fault into this service
    DEGRADED = "degraded"  # it promises this degraded answer


class Source(Frozen):
    """The result of a run that says how a cell ended: see ``chaos.kinds.Covered``."""

    key: ResultKey
    subject: str | None = None


class Cell(Frozen):
    """One scenario that tests the thing of a row.

    ``outcome`` and ``age`` (seconds) are those of its last run; None: it was never run, or that result is not
    in the history.
    """

    scenario: str
    tested: Tested
    source: Source
    outcome: Outcome | None = None
    age: float | None = None


class Row(Frozen):
    """One rule, one service under one fault, or one degraded state, with the scenarios that test it.

    ``lacking``: what no scenario tests of it. ``note``: what must be known of it, such as a stand-in for the
    threshold of a rule.
    """

    name: str
    part: str = ""  # the kind of fault
    cells: tuple[Cell, ...] = ()
    lacking: tuple[Tested, ...] = ()
    note: str = ""


class Matrix(Frozen):
    """``columns``: scenarios, or kinds of fault, in the order in which they are shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def empty(self) -> tuple[Row, ...]:
        """The rows with something that is not tested."""
        return tuple(row for row in self.rows if row.lacking)


class Reached(Frozen):
    """One state that the stack may be in. ``run``: the latest run that reached it; None: none did."""

    state: str
    run: str | None = None
    age: float | None = None


class Coverage(Frozen):
    """Of one stack. ``runs``: how many runs of it the history holds."""

    schema_version: int = 1
    stack: str
    rules: Matrix
    faults: Matrix
    degraded: Matrix
    states: tuple[Reached, ...] = ()
    runs: int = 0

    @property
    def complete(self) -> bool:
        """Must each rule fire in one scenario and stay silent in another?"""
        return not self.rules.empty
