"""A counter that fell belongs to a server that was restarted, and counts from zero again."""

from __future__ import annotations

import pytest

from chaos.timeline.counters import grown


@pytest.mark.parametrize(
    ("readings", "growth"), [([], 0), ([7], 0), ([3, 10], 7), ([5, 5, 5], 0), ([100, 150, 40, 60], 110)]
)
def test_growth(readings: list[int], growth: int) -> None:
    assert grown(readings) == growth
