"""The threshold of an alert, and another one in its place."""

from __future__ import annotations

import pytest

from chaos.promql.threshold import thresholds_of, with_threshold

MEMORY = "last_over_time(process_resident_memory_bytes[1m]) / 1024 / 1024 / 1024 > 2"


def test_only_numbers_that_are_compared_with_are_thresholds() -> None:
    assert thresholds_of(MEMORY) == (2.0,)
    assert thresholds_of("2 < x and y * 3 <= 4") == (2.0, 4.0)
    assert thresholds_of("up == on () group_left () limit") == ()


@pytest.mark.parametrize(
    ("expr", "changed"),
    [
        (MEMORY, MEMORY.replace("> 2", "> 0.1875")),
        ("2 < x", "0.1875 < x"),
        ("x * 2 > bool 2", "x * 2 > bool 0.1875"),
        ("x > 2 and y > 3", "x > 0.1875 and y > 3"),
        ("x > 20", "x > 20"),
    ],
)
def test_another_threshold_takes_its_place_and_nothing_else_changes(expr: str, changed: str) -> None:
    assert with_threshold(expr, 2, 0.1875) == changed


def test_a_long_expression_is_changed_too() -> None:
    sides = " + ".join(f'sum(rate(http_requests_total{{status="{code}"}}[5m]))' for code in range(500, 506))
    assert thresholds_of(with_threshold(f"{sides} > 2", 2, 0.5)) == (0.5,)
    assert thresholds_of(with_threshold(f"2 < {sides}", 2, 0.5)) == (0.5,)
