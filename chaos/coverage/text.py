"""Writes the coverage for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chaos.columns import columns
from chaos.coverage.model import Cell, Coverage, CoverageRow, Matrix, StateReached, Tested

_DAY = 86_400.0


def render_coverage(coverage: Coverage) -> str:
    """One line per row: the scenarios that test it, each with outcome and age of its last run."""
    lines = [f"{coverage.stack}: {coverage.runs} runs in the history", ""]
    lines += _section("rules: the scenarios in which each must fire, and must stay silent", coverage.rules)
    lines += _section("services: the faults that scenarios inject into each", coverage.faults)
    lines += _section("degraded states: the scenarios that promise each", coverage.degraded)
    lines += _states(coverage.states)
    return "\n".join(lines)


def _section(title: str, matrix: Matrix) -> list[str]:
    rows = [list(_cells(row)) for row in matrix.rows]
    lines = [title, *columns(rows, indent="  ")] if rows else [title, "  none"]
    lines += [f"  {row.name}: {row.note}" for row in matrix.rows if row.note]
    lacking = [f"{row.name} ({' and '.join(row.lacking)})" for row in matrix.empty]
    lines.append(f"  not tested: {', '.join(lacking) or 'nothing'}")
    return [*lines, ""]


def _cells(row: CoverageRow) -> Iterator[str]:
    """The cells of one line. The long list is last, so that it does not widen a column before others."""
    yield row.name + (f" {row.part}" if row.part else "")
    if _is_rule(row):
        yield _counted([cell for cell in row.cells if cell.tested is Tested.SILENT])
        yield "fires in " + (_listed([cell for cell in row.cells if cell.tested is Tested.FIRES]) or "none")
    else:
        yield _listed(row.cells)


def _is_rule(row: CoverageRow) -> bool:
    tested = {cell.tested for cell in row.cells} | set(row.lacking)
    return bool(tested & {Tested.FIRES, Tested.SILENT})


def _listed(cells: Sequence[Cell]) -> str:
    return ", ".join(f"{cell.scenario} ({_last(cell)})" for cell in cells)


def _counted(cells: Sequence[Cell]) -> str:
    """How many scenarios keep a rule silent, and the names of those whose last run did not show it."""
    if not cells:
        return "silent in none"
    ran = [cell for cell in cells if cell.outcome is not None]
    text = f"silent in {len(cells)}, {len(ran)} of them run"
    wrong = [cell for cell in ran if cell.outcome != "PASS"]
    return text + (f"; not shown in {_listed(wrong)}" if wrong else "")


def _last(cell: Cell) -> str:
    if cell.outcome is None or cell.age is None:
        return "never run"
    return f"{cell.outcome} {age_of(cell.age)}"


def age_of(seconds: float) -> str:
    """``3 d ago``, ``5 h ago``, ``12 min ago`` or ``just now``: the largest unit, rounded down."""
    for unit, name in ((_DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name} ago"
    return "just now"


def _states(states: Sequence[StateReached]) -> list[str]:
    rows = [
        (one.state, f"{one.run}, {age_of(one.age or 0.0)}" if one.run is not None else "never reached")
        for one in states
    ]
    never = [one.state for one in states if one.run is None]
    lines = ["states that a run reached", *(columns(rows, indent="  ") if rows else ["  none is named"])]
    return [*lines, f"  never reached: {', '.join(never) or 'none'}"]
