"""What the scenarios test, the results of their last runs, and what no scenario tests.

``planned`` reads the scenarios, ``past`` the last runs, ``reached`` the recordings. ``text`` writes the
result for a terminal.
"""

from chaos.coverage.model import Cell, Coverage, CoverageRow, Matrix, StateReached
from chaos.coverage.past import with_past
from chaos.coverage.planned import planned_coverage
from chaos.coverage.reached import reached_in, states_of
from chaos.coverage.text import render_coverage

__all__ = [
    "Cell",
    "Coverage",
    "CoverageRow",
    "Matrix",
    "StateReached",
    "planned_coverage",
    "reached_in",
    "render_coverage",
    "states_of",
    "with_past",
]
