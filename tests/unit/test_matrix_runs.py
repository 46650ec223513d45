"""What the matrix makes of runs: only what a saturated machine left unknown runs again, and it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from chaos.model.verdict import Outcome
from tests.stack.matrix.cells import cells_of
from tests.stack.matrix.table import document
from tests.stack.matrix.trial import NothingInjected, Standing, TrialVerdict, judged_cells

FIRST, SECOND = list(cells_of("hang"))[:2]
SATURATED = "only 3 answers; this machine was saturated: gameday's own event loop came 0.90 s late"
OTHER_TROUBLE = (
    "200, but this machine stood still for a while: without 3 answers of that time it is kept",
    "p95 3 s, but every core of this machine was busy for a while: without 3 answers it is kept",
)


def judged(cell_of: int, given: Outcome, right: Outcome = Outcome.PASS, actual: str = "seen") -> TrialVerdict:
    return TrialVerdict(cell=(FIRST, SECOND)[cell_of], right=right, given=given, actual=actual)


RIGHT = judged(0, Outcome.PASS)
WRONG = judged(1, Outcome.FAIL)
UNKNOWN = judged(1, Outcome.INCONCLUSIVE, actual=SATURATED)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (RIGHT, Standing.RIGHT),
        (WRONG, Standing.WRONG),
        (UNKNOWN, Standing.UNKNOWN),
        *((judged(1, Outcome.INCONCLUSIVE, actual=why), Standing.UNKNOWN) for why in OTHER_TROUBLE),
        (judged(1, Outcome.INCONCLUSIVE), Standing.WRONG),
        (judged(1, Outcome.PASS, Outcome.FAIL, SATURATED), Standing.WRONG),
    ],
)
def test_only_an_inconclusive_cell_of_a_saturated_machine_is_unknown(
    one: TrialVerdict, standing: Standing
) -> None:
    assert one.standing is standing


def ran(tmp_path: Path, *runs: Sequence[TrialVerdict]) -> tuple[tuple[TrialVerdict, ...], int]:
    """The cells, and how many runs they took."""
    left = list(runs)
    found = judged_cells("hang", tmp_path, lambda fault, folder: left.pop(0))
    return found, len(runs) - len(left)


def test_a_cell_that_was_judged_wrong_does_not_run_again(tmp_path: Path) -> None:
    assert ran(tmp_path, [RIGHT, WRONG], [RIGHT, RIGHT]) == ((RIGHT, WRONG), 1)


def test_an_unknown_cell_runs_once_more_and_says_so(tmp_path: Path) -> None:
    second = judged(1, Outcome.PASS)
    found, runs = ran(tmp_path, [RIGHT, UNKNOWN], [judged(0, Outcome.FAIL), second], [])
    assert runs == 2
    assert found == (RIGHT, second.model_copy(update={"again": True}))


def test_a_run_in_which_nothing_was_injected_runs_once_more_and_no_third_time(tmp_path: Path) -> None:
    runs: list[Sequence[TrialVerdict] | None] = [None, [RIGHT, WRONG], None, None]

    def run(fault: str, folder: Path) -> Sequence[TrialVerdict]:
        found = runs.pop(0)
        if found is None:
            raise NothingInjected("the steady state was not reached")
        return found

    found = judged_cells("hang", tmp_path, run)
    assert found == tuple(one.model_copy(update={"again": True}) for one in (RIGHT, WRONG))
    with pytest.raises(NothingInjected):
        judged_cells("hang", tmp_path, run)
    assert runs == []


def test_the_page_shows_each_cell_as_what_it_is() -> None:
    page = document([RIGHT, UNKNOWN.model_copy(update={"again": True})])
    assert "| `/quick` | short | P | unknown* (right: P) |" in page
    assert "| `/quick` | short | P | FAIL, not PASS |" in document([RIGHT, WRONG])
    assert "2 cells: 1 were judged right, 0 wrong, and 1 not at all" in page
    assert page.count("Not run.") == 2, "refuse and slow"
