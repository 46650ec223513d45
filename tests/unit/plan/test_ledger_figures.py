"""The time that stores get to agree is policy down to a bound, and work below it."""

from __future__ import annotations

import pytest

from chaos.model.scenario import Rate, Writers
from chaos.plan.figures import figures_of
from tests.recording_builder import STACK, RecordingBuilder
from tests.unit.checks.writers import FACTS


@pytest.mark.parametrize(("pace", "real"), [(1, 30.0), (3, 10.0), (20, 5.0)])
def test_settling_shrinks_with_the_pace_but_not_to_nothing(pace: float, real: float) -> None:
    writers = (Writers(ledger="orders", rate=Rate(per_second=1)),)
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"ledgers": writers})
    stack = STACK.model_copy(update={"ledgers": {"orders": FACTS}})
    found = {figure.name: figure for figure in figures_of(scenario, stack, None, (), pace)}
    figure = found["ledger orders: settle"]
    assert (figure.production, figure.real) == (30.0, real)


def test_a_ledger_that_no_one_writes_to_has_no_figure() -> None:
    stack = STACK.model_copy(update={"ledgers": {"orders": FACTS}})
    names = [figure.name for figure in figures_of(RecordingBuilder().plan.scenario, stack, None, (), 20)]
    assert not any("orders" in name for name in names)
