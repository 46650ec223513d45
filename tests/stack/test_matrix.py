"""An application that hangs is judged right in each cell; the other faults run with ``make matrix``."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.model.verdict import Outcome
from tests.stack.matrix.trial import Standing, judged_cells

pytestmark = pytest.mark.containers
MOST_UNKNOWN = 0.1  # share of the cells that a saturated machine may leave unknown, in two runs


def test_an_application_that_hangs_is_judged_right_in_every_cell(tmp_path: Path) -> None:
    found = judged_cells("hang", tmp_path)
    assert {one.right for one in found} == {Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE}
    wrong = [one for one in found if one.standing is Standing.WRONG]
    assert [f"{one.cell.subject}: {one.given}, right is {one.right}: {one.actual}" for one in wrong] == []
    unknown = [one.cell.subject for one in found if one.standing is Standing.UNKNOWN]
    assert len(unknown) <= MOST_UNKNOWN * len(found), unknown
