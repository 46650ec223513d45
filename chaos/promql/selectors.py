"""Finds out which series an expression reads."""

from __future__ import annotations

from collections.abc import Iterator

from promql_parser import BinaryExpr, Expr, MatchOp, VectorSelector
from promql_parser import Matcher as ParsedMatcher

from chaos.model.rules import Matcher, MatchKind, Selector
from chaos.promql.syntax import called, children

_KINDS = {
    str(MatchOp.Equal): MatchKind.EQUAL,
    str(MatchOp.NotEqual): MatchKind.NOT_EQUAL,
    str(MatchOp.Re): MatchKind.REGEX,
    str(MatchOp.NotRe): MatchKind.NOT_REGEX,
}
_NAME = "__name__"
_ABSENCE = frozenset({"absent", "absent_over_time"})


def selectors_in(tree: Expr) -> tuple[Selector, ...]:
    """Every selector of an expression, each once, in written order."""
    return tuple(dict.fromkeys(_found(tree, False)))


def selector_of(node: VectorSelector, may_be_empty: bool = False) -> Selector:
    """One selector as a ``Selector``. The family of ``{__name__="x"}`` is ``x``."""
    matchers = [_matcher(one) for one in node.matchers.matchers]
    family = node.name or next(
        (one.value for one in matchers if one.label == _NAME and one.kind is MatchKind.EQUAL), ""
    )
    kept = (one for one in matchers if one.label != _NAME or one.kind is not MatchKind.EQUAL)
    return Selector(family=family, matchers=tuple(kept), may_be_empty=may_be_empty)


def _matcher(parsed: ParsedMatcher) -> Matcher:
    return Matcher(label=parsed.name, kind=_KINDS[str(parsed.op)], value=parsed.value)


def _found(node: Expr, may_be_empty: bool) -> Iterator[Selector]:
    if isinstance(node, VectorSelector):
        yield selector_of(node, may_be_empty)
        return
    operator = str(node.op) if isinstance(node, BinaryExpr) else ""
    empty = may_be_empty or called(node) in _ABSENCE or operator == "or"
    for place, child in enumerate(children(node)):
        yield from _found(child, empty or (operator == "unless" and place == 1))
