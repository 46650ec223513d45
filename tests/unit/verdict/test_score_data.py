"""Data lost beyond the RPO caps the number, and so does one that is unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.model.verdict import Cap, CheckResult, Dimension, Mark, Outcome
from chaos.verdict import score
from tests.results import a_result

FRACTIONS = st.one_of(st.none(), st.floats(0, 1, allow_nan=False))
MARKS = st.lists(st.tuples(st.sampled_from(list(Dimension)), FRACTIONS), min_size=1, max_size=12)
Marks = list[tuple[Dimension, float | None]]


def toy(*marks: tuple[Dimension, float | None]) -> CheckResult:
    return a_result(marks=tuple(Mark(dimension=d, fraction=f) for d, f in marks))


def data(
    rpo: float | None, limit: float = 900.0, later: int = 0, fraction: float | None = 0.0
) -> CheckResult:
    """What the check ``data`` says of one ledger; ``rpo`` None: it is unknown. One that is lost beyond the
    RPO, or acknowledged later, caps the score.
    """
    within = rpo is not None and rpo <= limit and not later
    outcome = Outcome.INCONCLUSIVE if rpo is None else Outcome.PASS if within else Outcome.FAIL
    reason = "not proven" if rpo is None else "beyond the RPO"
    return a_result(
        "data",
        outcome,
        marks=(Mark(dimension=Dimension.DATA, fraction=1.0 if within else fraction),),
        cap=None if within else Cap(reason=reason, rank=0),
    )


def total(*results: CheckResult) -> float:
    made = score(results).total
    return -1.0 if made is None else made


FULL = toy(*((dimension, 1.0) for dimension in Dimension))


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (data(900.1), "beyond the RPO"),
        (data(3.0, later=1), "beyond the RPO"),
        (data(None, fraction=None), "not proven"),
    ],
    ids=["too old", "acknowledged after the failure", "unknown"],
)
def test_what_caps(loss: CheckResult, reason: str) -> None:
    made = score([FULL, loss])
    assert (made.cap, made.cap_reason) == (39.0, reason)
    assert made.total is not None
    assert made.total <= 39.0


def test_a_loss_within_the_rpo_does_not_cap() -> None:
    assert score([FULL, data(900.0)]).cap is None


@given(MARKS)
def test_data_loss_caps_whatever_else_was_proven(marks: Marks) -> None:
    assert total(toy(*marks), data(1000.0)) <= 39.0
    assert total(toy(*marks), data(None, fraction=None)) <= 39.0


@given(MARKS, st.floats(0, 3000))
def test_losing_the_record_of_a_loss_never_raises_the_number(marks: Marks, rpo: float) -> None:
    known = data(rpo, fraction=max(0.0, min(1.0, 2 - rpo / 900)))
    assert total(toy(*marks), data(None, fraction=None)) <= total(toy(*marks), known)


@given(MARKS, st.sampled_from(list(Dimension)))
def test_one_more_full_mark_never_lowers_the_number(marks: Marks, dimension: Dimension) -> None:
    """In a dimension that was asked, or in one that was not: within the rounding to a tenth."""
    assert total(toy(*marks, (dimension, 1.0))) >= total(toy(*marks)) - 0.1


@given(MARKS, st.sampled_from(list(Dimension)), st.floats(0, 1))
def test_one_more_mark_no_worse_than_its_dimension_never_lowers_the_number(
    marks: Marks, dimension: Dimension, fraction: float
) -> None:
    known = [f for d, f in marks if d is dimension and f is not None]
    asked = [f for d, f in marks if d is dimension]
    if not asked or fraction < (sum(known) / len(known) if known else 0.0):
        fraction = 1.0
    assert total(toy(*marks, (dimension, fraction))) >= total(toy(*marks)) - 0.1


def test_one_more_mark_that_is_worse_does_lower_it() -> None:
    assert total(toy((Dimension.DATA, 1.0), (Dimension.DATA, 0.2))) < total(toy((Dimension.DATA, 1.0)))
