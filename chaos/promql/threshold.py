"""Finds the threshold in the expression of an alert, and replaces it with another number."""

from __future__ import annotations

import re

from promql_parser import BinaryExpr, Expr, NumberLiteral, transform

from chaos.promql.syntax import COMPARISONS, parse, walk


def thresholds_of(expr: str) -> tuple[float, ...]:
    """The numbers that the expression compares with, each once: ``2`` for ``x / 1024 > 2``.

    Raises ``NotPromql``.
    """
    found = [side.val for node in walk(parse(expr)) for side in _compared(node)]
    return tuple(dict.fromkeys(found))


def with_threshold(expr: str, threshold: float, instead: float) -> str:
    """The expression with ``instead`` wherever it compares with ``threshold``; the same text if it does not.

    Raises ``NotPromql``.
    """
    if threshold not in thresholds_of(expr):
        return expr

    def change(node: Expr) -> Expr | None:
        numbers = [side.prettify() for side in _compared(node) if side.val == threshold]
        if not numbers:
            return None
        number = re.escape(numbers[0].strip())
        return parse(re.sub(rf"\A\s*{number}(?=\s)|(?<=\s){number}\s*\Z", repr(instead), node.prettify()))

    return transform(parse(expr), post_visit=change).prettify()


def _compared(node: Expr) -> list[NumberLiteral]:
    if not isinstance(node, BinaryExpr) or str(node.op) not in COMPARISONS:
        return []
    return [side for side in (node.lhs, node.rhs) if isinstance(side, NumberLiteral)]
