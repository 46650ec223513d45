"""An expression that nests without end is refused; the parser itself would end the process."""

from __future__ import annotations

import pytest

from chaos.promql import syntax
from chaos.promql.durations import divide_durations
from chaos.promql.syntax import NotPromql, parse


@pytest.mark.parametrize(
    "expr",
    [
        "(" * 2_000 + "up" + ")" * 2_000,
        "-" * 2_000 + "up",
        "1" + "+1" * 2_000,
        "up" + " or up" * 2_000,
        "1" + "!=1" * 2_000,
        "sum(" * 2_000 + "up" + ")" * 2_000,
    ],
)
def test_an_expression_that_nests_without_end_is_refused(expr: str) -> None:
    with pytest.raises(NotPromql, match="over 250 operators"):
        parse(expr)


def test_an_expression_of_endless_length_is_refused() -> None:
    """The time to find its strings grows with the square of its length."""
    with pytest.raises(NotPromql, match="over 20000 characters"):
        parse('"\\' * 500_000)
    with pytest.raises(ValueError, match="more than 20000 characters"):
        divide_durations('"\\' * 500_000, 20.0)


def test_an_operator_within_a_text_does_not_count() -> None:
    assert parse('up{job="' + "-" * 1000 + '"}') is not None


@pytest.mark.parametrize(
    "expr",
    [
        "up[1e999]",
        "rate(up[99999999999999999999])",
        "up offset 1e30",
        "up[1e30:1m]",
        "up[5m:9999999999999999999]",
    ],
)
def test_a_length_that_the_parser_would_panic_over_is_refused_before(
    expr: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotPromql, match="a range or an offset of more than"):
        parse(expr)
    assert capfd.readouterr().err == ""


def test_large_numbers_elsewhere_are_read() -> None:
    for expr in ('up{job="[99999999999999]"} > 1e20', "up[5m] offset 1y", "up > 17e17"):
        assert parse(expr) is not None


def test_a_panic_of_the_parser_is_no_defect_of_gameday(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def panics(expr: str) -> None:
        raise panic("cannot convert")

    monkeypatch.setattr(syntax, "parse_promql", panics)
    with pytest.raises(NotPromql, match="cannot convert"):
        parse("up")
