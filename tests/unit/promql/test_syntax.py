"""An expression that nests without end is refused; the parser itself would end the process."""

from __future__ import annotations

import pytest

from chaos.promql.syntax import NotPromql, parse


@pytest.mark.parametrize(
    "expr",
    [
        "(" * 20_000 + "up" + ")" * 20_000,
        "-" * 20_000 + "up",
        "1" + "+1" * 20_000,
        "up" + " or up" * 20_000,
        "1" + "!=1" * 20_000,
        "sum(" * 20_000 + "up" + ")" * 20_000,
    ],
)
def test_an_expression_that_nests_without_end_is_refused(expr: str) -> None:
    with pytest.raises(NotPromql, match="over 250 operators"):
        parse(expr)


def test_an_operator_within_a_text_does_not_count() -> None:
    assert parse('up{job="' + "-" * 1000 + '"}') is not None
