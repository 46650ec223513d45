"""A figure beside its limit never looks like a limit that it missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.figures import duration, percent, percent_of_limit
from chaos.model.verdict import Unit
from chaos.report import human


@pytest.mark.parametrize(
    ("seconds", "limit", "said"),
    [
        (24.04, None, "24.0 s"),
        (24.04, 25.0, "24.0 s"),
        (24.0, 24.0, "24.0 s"),
        (24.04, 24.0, "24.04 s"),
        (0.2504, 0.25, "250.4 ms"),
        (120.3, 120.0, "120.3 s"),
        (24.0 + 1e-12, 24.0, "24.0 s"),
    ],
)
def test_a_length_beside_its_limit(seconds: float, limit: float | None, said: str) -> None:
    assert duration(seconds, limit) == human.duration(seconds, limit) == said
    assert human.quantity(seconds, Unit.SECONDS, limit) == said


@pytest.mark.parametrize(
    ("share", "limit", "said", "report"),
    [
        (98 / 99, None, "99.0%", "99 %"),
        (98 / 99, 0.99, "98.99%", "98.99 %"),
        (0.99, 0.99, "99.0%", "99 %"),
        (0.9999, 1.0, ">99.9%", "99.9 %"),
        (0.99, 0.995, "99.0%", "99 %"),
        (0.9997, 0.9999, "99.97%", "99.97 %"),
    ],
)
def test_a_share_beside_its_limit(share: float, limit: float | None, said: str, report: str) -> None:
    assert (percent(share, limit), human.quantity(share, Unit.SHARE, limit)) == (said, report)


@given(st.floats(0.001, 90000.0), st.floats(0.001, 90000.0))
def test_two_lengths_that_differ_by_a_millisecond_are_told_apart(one: float, other: float) -> None:
    if abs(one - other) >= 0.001:
        assert duration(one, other) != duration(other)


def test_a_limit_has_all_its_digits() -> None:
    assert [percent_of_limit(one) for one in (0.995, 0.999, 1.0, 0.5, 0.29)] == [
        "99.5%",
        "99.9%",
        "100%",
        "50%",
        "29%",
    ]


def test_other_figures_have_their_unit() -> None:
    assert human.quantity(3.0, Unit.NUMBER, 3.0) == "3"
    assert human.quantity(3.001, "MB", 3.0) == "3.001 MB"
    assert human.quantity(None, Unit.SHARE, 0.9) == "no data"
