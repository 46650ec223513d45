"""Parses PromQL, and answers the questions about a tree that several modules ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promql_parser import (
    AggregateExpr,
    AtModifier,
    AtModifierType,
    BinaryExpr,
    Call,
    Expr,
    Function,
    MatrixSelector,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    ValueType,
    VectorSelector,
    register_extra_functions,
)
from promql_parser import parse as parse_promql

from chaos.promql.durations import LONGEST_EXPRESSION

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})

# Prometheus 3.0 renamed it to double_exponential_smoothing; rule files of 2.x still use it.
register_extra_functions(
    [Function("holt_winters", [ValueType.Matrix, ValueType.Scalar, ValueType.Scalar], ValueType.Vector)]
)


# The parser and the walks of its tree are recursive: some thousand levels end the process.
_MAX_OPERATORS = 250  # real rules have fewer than 30
_TOKENS = re.compile(
    r"""
    "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*`
    | (?P<deeper> [-+*/%^(<>] | == | != | \b(?:and|or|unless|atan2)\b )
    """,
    re.VERBOSE | re.IGNORECASE,
)


_PANIC = "PanicException"  # a panic of the parser's Rust code; the class cannot be imported
# The lengths in ranges and offsets: the parser panics over large ones and prints a backtrace.
# A text that is not closed reaches to the end: searching it again from each quote would take quadratic time.
_TEXTS = re.compile(r""""(?:\\[\s\S]|[^"\\])*(?:"|\\?\Z)|'(?:\\[\s\S]|[^'\\])*(?:'|\\?\Z)|`[^`]*(?:`|\Z)""")
_LENGTHS = re.compile(r"\[([^\]]*)|\boffset\s+([^\s)]*)", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?", re.IGNORECASE)
_LONGEST = 1e13  # of any unit: 300 years are 1e10 seconds and 1e13 milliseconds


class NotPromql(ValueError):
    """The parser cannot read this expression. It may be wrong, or newer than the parser."""


def parse(expr: str) -> Expr:
    """The tree of an expression. Raises NotPromql."""
    if len(expr) > LONGEST_EXPRESSION:
        raise NotPromql(f"over {LONGEST_EXPRESSION} characters: gameday does not read it")
    if sum(match.lastgroup is not None for match in _TOKENS.finditer(expr)) > _MAX_OPERATORS:
        raise NotPromql(f"over {_MAX_OPERATORS} operators and parentheses: gameday does not read it")
    if any(length > _LONGEST for length in _lengths(expr)):
        raise NotPromql(f"a range or an offset of more than {_LONGEST:g}: gameday does not read it")
    try:
        tree = parse_promql(expr)
    except (ValueError, OverflowError) as error:
        raise NotPromql(f"the PromQL parser does not read it: {error}") from error
    except BaseException as error:  # a panic of the parser is no Exception
        if type(error).__name__ != _PANIC:
            raise
        raise NotPromql(f"the PromQL parser does not read it: {error}") from error
    for node in walk(tree):
        if isinstance(node, VectorSelector) and node.matchers.or_matchers:
            raise NotPromql("Prometheus does not know `or` between the matchers of a selector")
    return tree


def _lengths(expr: str) -> Iterator[float]:
    """The numbers of ranges and offsets, whatever their unit."""
    for found in _LENGTHS.finditer(_TEXTS.sub('""', expr)):
        yield from (float(number) for number in _NUMBER.findall(found[1] or found[2] or ""))


def children(node: Expr) -> tuple[Expr, ...]:
    """The direct parts of a node, in written order."""
    if isinstance(node, BinaryExpr):
        return (node.lhs, node.rhs)
    if isinstance(node, Call):
        return tuple(argument for argument in node.args if isinstance(argument, Expr))
    if isinstance(node, AggregateExpr):
        parameter = (node.param,) if isinstance(node.param, Expr) else ()
        return (*parameter, node.expr)
    if isinstance(node, UnaryExpr | ParenExpr | SubqueryExpr):
        return (node.expr,)
    if isinstance(node, MatrixSelector):
        return (node.vector_selector,)
    return ()


def walk(node: Expr) -> Iterator[Expr]:
    """A node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def bare(node: Expr) -> Expr:
    """A node without the parentheses around it."""
    while isinstance(node, ParenExpr):
        node = node.expr
    return node


def fixed(at: AtModifier | None) -> bool:
    """Does ``@`` name a fixed instant? ``@ start()`` and ``@ end()`` mean the instant of the evaluation."""
    return at is not None and at.type == AtModifierType.At


def called(node: Expr) -> str:
    """The name of the function that a node calls; empty for every other node."""
    return node.func.name if isinstance(node, Call) else ""


def shown(node: Expr) -> str:
    """A node as one line of PromQL."""
    return " ".join(node.prettify().split())
