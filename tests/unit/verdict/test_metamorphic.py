"""No change to the files of a run turns another verdict into PASS, or PASS into FAIL."""

from __future__ import annotations

from random import Random

import pytest

from tests.metamorphic.files import Files
from tests.metamorphic.operators import BY_NAME, OPERATORS, Operator
from tests.metamorphic.trial import Trial, original, trial, trials
from tests.metamorphic.violated import VIOLATED_BEFORE_3

# One run of each kind of outcome, and of each kind of evidence; the command tries them all.
CURRENT = ("v3-pms-down", "v3-counter-redis-down")
RUNS = (
    *CURRENT,
    "database-loss",
    "pms-down-no-breaker",
    "interrupted-mid-fault",
    "killed-mid-fault",
    "guardrail",
)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_change_to_a_recording_earns_no_pass_and_makes_no_fail(name: str) -> None:
    found = list(trials([BY_NAME[name]], CURRENT if name in VIOLATED_BEFORE_3 else RUNS, seeds=1))
    assert found, "no run has anything that this operator changes"
    assert [str(one) for one in found if not one.holds] == []


def test_every_operator_that_is_left_out_exists() -> None:
    assert VIOLATED_BEFORE_3 - BY_NAME.keys() == set()
    assert len(BY_NAME) == len(OPERATORS)


@pytest.mark.parametrize(
    ("before", "after", "holds"),
    [
        ("FAIL", "PASS", False),
        ("INCONCLUSIVE", "PASS", False),
        ("ABORTED", "PASS", False),
        ("PASS", "FAIL", False),
        ("PASS", "INCONCLUSIVE", True),
        ("PASS", "refused", True),
        ("FAIL", "INCONCLUSIVE", True),
        ("PASS", "PASS", True),
    ],
)
def test_what_counts_as_a_violation(before: str, after: str, holds: bool) -> None:
    assert Trial("an operator", "a run", 0, before, after, ()).holds is holds


def test_a_violation_is_found() -> None:
    """A change that gives an interrupted run the files of a good one."""

    def replaced(random: Random, files: Files) -> Files:
        return original("pms-down")[0]

    found = trial(Operator("journal: replaced", replaced), "interrupted-mid-fault", 0)
    assert found is not None
    assert (found.before, found.after, found.holds) == ("ABORTED", "PASS", False)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_operator_changes_a_recording_and_a_seed_always_the_same_way(operator: Operator) -> None:
    files, _ = original("database-loss")
    changed = [operator.change(Random(seed), files) for seed in range(5)]
    assert any(one is not None and one != files for one in changed)
    assert changed == [operator.change(Random(seed), files) for seed in range(5)]
