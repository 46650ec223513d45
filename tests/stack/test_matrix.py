"""An application that hangs is judged right in each cell; the other faults run with ``make matrix``."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.model.verdict import Outcome
from tests.stack.matrix.trial import run_matrix

pytestmark = pytest.mark.containers


def test_an_application_that_hangs_is_judged_right_in_every_cell(tmp_path: Path) -> None:
    found = run_matrix("hang", tmp_path)
    assert {one.right for one in found} == {Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE}
    wrong = [one for one in found if one.wrong]
    assert [f"{one.cell.subject}: {one.given}, right is {one.right}" for one in wrong] == []
