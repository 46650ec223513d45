"""Dividing the durations of an expression, and nothing else in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.promql.durations import divide, divide_durations, milliseconds, seconds, text_of


@pytest.mark.parametrize(
    ("production", "paced"),
    [
        ("rate(x[5m])", "rate(x[15s])"),
        ("max_over_time(rate(x[5m])[1h:1m])", "max_over_time(rate(x[15s])[180s:3s])"),
        ("avg_over_time(x[10m:])", "avg_over_time(x[30s:])"),
        ("x offset 5m", "x offset 15s"),
        ("x OFFSET -1h30m", "x OFFSET -270s"),
        ("x offset- 5m", "x offset- 15s"),
        ("rate(x[1m] offset 10s)", "rate(x[3s] offset 500ms)"),
        ("x[5m] @ 1609746000", "x[15s] @ 1609746000"),
        # ranges and offsets as numbers of seconds
        ("rate(x[300])", "rate(x[15s])"),
        ("rate(x[1.5])", "rate(x[75ms])"),
        ("rate(x[0x10:4])", "rate(x[800ms:200ms])"),
        ("rate(x[1e3])", "rate(x[50s])"),
        ("x offset 60 > 60", "x offset 3s > 60"),
        # left alone: strings, matchers, names, comments, plain numbers
        ("x{path=\"[5m]\", q='offset 5m'}", "x{path=\"[5m]\", q='offset 5m'}"),
        ('x{a="\\"[5m]"}', 'x{a="\\"[5m]"}'),
        ("label_replace(x, `a`, `[5m]`, `b`, `c`)", "label_replace(x, `a`, `[5m]`, `b`, `c`)"),
        ("my_offset > 5", "my_offset > 5"),
        ("job:offset 5", "job:offset 5"),
        ('x{offset="5m"} > 300', 'x{offset="5m"} > 300'),
        ("x # [5m]\n > 1", "x # [5m]\n > 1"),
        ("time() - last_seen > 300", "time() - last_seen > 300"),
    ],
)
def test_at_pace_20(production: str, paced: str) -> None:
    assert divide_durations(production, 20) == paced


@pytest.mark.parametrize("expr", ["rate(x[5m]) offset 1h", "x[7d:1h]", "x[1y]", "x[300]"])
def test_pace_1_changes_nothing(expr: str) -> None:
    assert divide_durations(expr, 1) == expr


@given(st.integers(1, 10**7), st.integers(1, 1000))
def test_what_was_divided_multiplies_back(whole: int, pace: int) -> None:
    paced = milliseconds(divide(f"{whole * pace}s", pace))
    assert paced * pace == whole * pace * 1000


@given(st.integers(1, 10**9))
def test_text_reads_back(whole: int) -> None:
    assert milliseconds(text_of(whole)) == whole


def test_a_window_never_vanishes_and_nothing_stays_nothing() -> None:
    assert divide("1ms", 20) == "1ms"
    assert divide("0s", 20) == "0s"
    assert divide("0", 20) == "0"


@pytest.mark.parametrize(
    ("text", "whole"),
    [("0", 0.0), ("0s", 0.0), ("90s", 90.0), ("1y", 31_536_000.0), ("1w2d3h4m5s6ms", 788_645.006)],
)
def test_a_duration_in_seconds(text: str, whole: float) -> None:
    assert seconds(text) == whole


@pytest.mark.parametrize("text", ["5", "5 m", "m", "", "5m!", "1.5m", "30m1h", "1m1m", "00", "-5m"])
def test_what_prometheus_would_not_read_in_a_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Prometheus duration"):
        divide(text, 20)
