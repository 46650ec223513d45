from __future__ import annotations

import pytest

from chaos.timeline.events import Measurement
from tests.unit.faults.examples import read


@pytest.mark.parametrize(
    ("before", "now", "took_effect"),
    [(0.01, 0.25, False), (0.01, 0.27, True), (None, 0.9, False), (0.01, None, False)],
)
def test_takes_effect_from_half_the_delay_on(
    before: float | None, now: float | None, took_effect: bool
) -> None:
    fault = read(fault="postgres.slow_queries", service="db", table="t", delay="500ms")
    then, here = (Measurement(subject="x", values={"seconds": seconds}) for seconds in (before, now))
    assert fault.took_effect(then, here) is took_effect
