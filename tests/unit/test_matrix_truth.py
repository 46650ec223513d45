"""The rule by which the matrix says what is right, apart from the judge."""

from __future__ import annotations

import pytest

from chaos.model.verdict import Outcome
from tests.stack.matrix.cells import FAULTS, PROMISES, Cell, cells_of
from tests.stack.matrix.truth import Seen, right_outcome

BY_NAME = {promise.name: promise for promise in PROMISES}


def outcome(
    promise: str, length: float, after: float | None, status: int = 503, stale: bool = False
) -> Outcome:
    """Every half second a request from 0 on, each answered ``after`` so many seconds, or never."""
    cell = Cell("hang", "long", "/quick", BY_NAME[promise])
    asked = [n / 2 for n in range(int(length * 2))]
    seen = [Seen("/quick", at, None if after is None else at + after, status, stale) for at in asked]
    return right_outcome(cell, seen, 0.0, length)


@pytest.mark.parametrize(
    ("promise", "length", "after", "right"),
    [
        ("503", 24, 1.0, Outcome.PASS),
        ("200", 24, 1.0, Outcome.FAIL),
        ("503", 9, 10.0, Outcome.INCONCLUSIVE),
        ("503", 24, 10.0, Outcome.PASS),
        ("503-in-2s", 9, 10.0, Outcome.FAIL),
        ("503-in-2s", 24, 1.0, Outcome.PASS),
        ("any-in-12s", 9, None, Outcome.INCONCLUSIVE),
        ("any-in-12s", 24, None, Outcome.FAIL),
        ("200", 24, None, Outcome.FAIL),
        ("200", 9, None, Outcome.INCONCLUSIVE),
        ("stale-body", 24, 1.0, Outcome.FAIL),
    ],
)
def test_what_is_right(promise: str, length: float, after: float | None, right: Outcome) -> None:
    assert outcome(promise, length, after) is right


def test_the_matrix_has_every_kind_of_cell() -> None:
    cells = [cell for fault in FAULTS for cell in cells_of(fault)]
    assert len(cells) == len({(cell.fault, cell.subject) for cell in cells}) == 168
