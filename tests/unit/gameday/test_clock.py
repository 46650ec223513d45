"""A hold delays everything by exactly its own length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.gameday.clock import DayClock, DayHold, holds_of
from tests.gamedays import BEGAN, ScriptedDay


@pytest.mark.parametrize("pace", [1.0, 20.0])
def test_a_hold_delays_what_is_due_by_its_length(pace: float) -> None:
    clock, held = DayClock(pace), DayClock(pace, (DayHold(50, 80),))
    due, later = clock.due(0, 100 * pace), held.due(0, 100 * pace)
    assert due is not None
    assert later == due + 30
    assert held.due(0, 40 * pace) == clock.due(0, 40 * pace)
    assert held.policy(0, 100) == 70 * pace


def test_while_it_is_held_nothing_more_becomes_due() -> None:
    clock = DayClock(1.0, (DayHold(50, None),))
    assert clock.due(0, 49) == 49
    assert clock.due(0, 51) is None
    assert clock.policy(0, 500) == 50


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=6),
    st.floats(0, 500),
    st.floats(0.1, 500),
    st.sampled_from([1.0, 20.0]),
)
def test_what_is_due_is_due_after_exactly_that_much_policy_time(
    gaps: list[tuple[float, float]], start: float, policy: float, pace: float
) -> None:
    here, holds = 0.0, []
    for gap, length in gaps:
        holds.append(DayHold(here + gap, here + gap + length))
        here += gap + length
    clock = DayClock(pace, tuple(holds))
    due = clock.due(start, policy)
    assert due is not None
    assert clock.policy(start, due) == pytest.approx(policy, abs=1e-6)


def test_holds_come_from_the_journal_by_the_instants_of_entry() -> None:
    day = ScriptedDay()
    day.hold(10, 15)
    day.hold(40)
    stretches = [(hold.start - BEGAN, hold.end and hold.end - BEGAN) for hold in holds_of(day.events)]
    assert stretches == [(10, 15), (40, None)]
    assert day.state().clock.held
