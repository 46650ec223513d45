"""How many answers a fault leaves to judge, reckoned before the run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.model.windows import FEWEST_ANSWERS, JudgedWindow, answers_in, remedy_for, rounded_up


def test_what_is_left_of_a_fault_that_hangs() -> None:
    """15 s, of which the witness takes 2 s, the system may take 6 s, and the last look is 3 s old."""
    window = JudgedWindow(hold=15.0, measured_in=2.0, settles_in=6.0)
    assert window.left == 4.0
    assert answers_in([window], rate=5.0) == 20
    assert answers_in([window], rate=2.0) == 8


def test_a_fault_that_refuses_is_seen_at_once_and_last_two_seconds_before_its_undo() -> None:
    assert JudgedWindow(hold=15.0, measured_in=0.0, settles_in=3.0).left == 10.0


def test_nothing_is_left_of_a_fault_that_is_shorter_than_it_takes() -> None:
    window = JudgedWindow(hold=5.0, measured_in=2.0, settles_in=6.0)
    assert (window.left, answers_in([window], rate=200.0)) == (0.0, 0)
    assert remedy_for([window], rate=5.0).rate is None  # no rate helps


def test_answers_of_several_faults_count_together() -> None:
    window = JudgedWindow(hold=7.0, measured_in=0.0, settles_in=3.0)
    assert answers_in([window, window], rate=3.0) == 12


@given(st.floats(0.0, 60.0), st.floats(0.0, 20.0), st.floats(0.0, 20.0), st.floats(0.1, 200.0))
def test_each_remedy_is_true(hold: float, measured_in: float, settles_in: float, rate: float) -> None:
    window = JudgedWindow(hold=hold, measured_in=measured_in, settles_in=settles_in)
    remedy = remedy_for([window], rate)
    longer = JudgedWindow(hold=rounded_up(remedy.hold), measured_in=measured_in, settles_in=settles_in)
    assert answers_in([longer], rate) >= FEWEST_ANSWERS
    if remedy.rate is not None:
        assert answers_in([window], remedy.rate) >= FEWEST_ANSWERS


@pytest.mark.parametrize(
    ("length", "written"), [(0.5, 5.0), (30.0, 30.0), (30.1, 35.0), (61.0, 90.0), (601.0, 660.0)]
)
def test_a_remedy_is_a_length_that_somebody_would_write(length: float, written: float) -> None:
    assert rounded_up(length) == written
