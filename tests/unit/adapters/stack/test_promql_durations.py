"""Dividing the durations of an expression, and nothing else in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.adapters.stack.promql_durations import divide, milliseconds, pace_expression, text_of


@pytest.mark.parametrize(
    ("production", "paced"),
    [
        ("rate(x[5m])", "rate(x[15s])"),
        ("max_over_time(rate(x[5m])[1h:1m])", "max_over_time(rate(x[15s])[180s:3s])"),
        ("avg_over_time(x[10m:])", "avg_over_time(x[30s:])"),
        ("x offset 5m", "x offset 15s"),
        ("x OFFSET -1h30m", "x OFFSET -270s"),
        ("rate(x[1m] offset 10s)", "rate(x[3s] offset 500ms)"),
        ("x[5m] @ 1609746000", "x[15s] @ 1609746000"),
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
    assert pace_expression(production, 20) == paced


@pytest.mark.parametrize("expr", ["rate(x[5m]) offset 1h", "x[7d:1h]", "x[1y]"])
def test_pace_1_changes_nothing(expr: str) -> None:
    assert pace_expression(expr, 1) == expr


@given(st.integers(1, 10**7), st.integers(1, 1000))
def test_what_was_divided_multiplies_back(seconds: int, pace: int) -> None:
    paced = milliseconds(divide(f"{seconds * pace}s", pace))
    assert paced * pace == seconds * pace * 1000


@given(st.lists(st.integers(1, 500), min_size=1, max_size=4), st.sampled_from([2, 5, 10, 20, 50]))
def test_an_expression_divided_and_multiplied_back_is_itself(minutes: list[int], pace: int) -> None:
    expr = " + ".join(f'rate(x{{l="[{m}m]"}}[{m * 60_000}ms] offset {m * 1000}s)' for m in minutes)
    back = re.sub(
        r"(?<=\[)\d+m?s(?=\])|(?<=offset )\d+m?s",
        lambda found: f"{milliseconds(found.group()) * pace}ms",
        pace_expression(expr, pace),
    )
    assert back == re.sub(r"offset (\d+)s", r"offset \g<1>000ms", expr)


@given(st.integers(1, 10**9))
def test_text_reads_back(whole: int) -> None:
    assert milliseconds(text_of(whole)) == whole


def test_a_window_never_vanishes() -> None:
    assert divide("1ms", 20) == "1ms"
    assert divide("0s", 20) == "0s"


@pytest.mark.parametrize("text", ["5", "5 m", "m", "", "5m!", "1.5m"])
def test_what_prometheus_would_not_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Prometheus duration"):
        divide(text, 20)
