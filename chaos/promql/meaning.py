"""How the pace changes the meaning of an expression, and the translation if an exact one exists.

The pace divides windows and intervals. It does not change real work: a request takes as long as before, and a
rate is per second at any pace. So rates, ratios, quantiles, gauges and averages keep their meaning, and so
does whatever adds up samples, because scrapes come closer together as the window shrinks. A count in a window
(``increase(x[5m]) > 10``) and an age (``time() - x > 300``) do not; both are translated. An alert with
anything else can be judged at pace 1 only, and a note says why.
https://prometheus.io/docs/prometheus/latest/querying/functions/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promql_parser import (
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    NumberLiteral,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
    transform,
)

from chaos.model.rules import PaceEffect, PaceNote
from chaos.promql.syntax import COMPARISONS, bare, called, children, fixed, parse, shown

_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^"})
_INSTANT = frozenset({"time", "timestamp"})
_SAME_INSTANT = frozenset(
    {"vector", "scalar", "min_over_time", "max_over_time", "last_over_time", "avg_over_time"}
)
_OVER_ALL = frozenset({"sum", "min", "max", "avg"})  # none of them turns 0 into another number
_SAMPLES = frozenset({"count_over_time", "sum_over_time"})
_EVENTS = frozenset({"changes", "resets"})
_MOVES = frozenset({"delta", "idelta"})
# Comparisons that ask whether a whole number of events is 0, and whether a gauge moved one way.
_NONE_OR_ANY = frozenset({(">", 0.0), ("!=", 0.0), ("==", 0.0), ("<=", 0.0), (">=", 1.0), ("<", 1.0)})
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


@dataclass(frozen=True)
class _Compared:
    """The nearest comparison above a node: its operator seen from the node, and its other side."""

    operator: str
    other: Expr
    direct: bool  # only parentheses and sum, min, max, avg are between the node and the comparison

    def asks_none_or_any(self) -> bool:
        other = bare(self.other)
        return self.direct and isinstance(other, NumberLiteral) and (self.operator, other.val) in _NONE_OR_ANY

    def asks_sign(self) -> bool:
        other = bare(self.other)
        return self.direct and isinstance(other, NumberLiteral) and other.val == 0


def notes_of(tree: Expr) -> tuple[PaceNote, ...]:
    """A note for each part of an expression that the pace affects, each once, in written order."""
    return tuple(dict.fromkeys(_notes(tree, None)))


def translated(tree: Expr, pace: float) -> Expr:
    """The expression with counts and ages multiplied for this pace. Durations, and parts without an exact
    translation, stay as they are. Raises ``NotPromql`` if the result cannot be parsed.
    """

    def change(node: Expr) -> Expr | None:
        if called(node) == "increase":
            return parse(f"({node.prettify()} * {pace:g})")
        if isinstance(node, BinaryExpr):
            return _translated_time(node, pace)
        return None

    return transform(tree, post_visit=change)


def _translated_time(node: BinaryExpr, pace: float) -> Expr | None:
    left, right = node.lhs.prettify(), node.rhs.prettify()
    if _measures_age(node):
        return parse(f"(({node.prettify()}) * {pace:g})")
    if _shifts_instant(node):
        first, second = (
            (left, f"({right}) / {pace:g}") if _constant(node.rhs) else (f"({left}) / {pace:g}", right)
        )
        return parse(f"({first} {node.op} {second})")
    return None


def _notes(node: Expr, compared: _Compared | None) -> Iterator[PaceNote]:
    if isinstance(node, BinaryExpr):
        yield from _binary(node, compared)
    elif isinstance(node, Call):
        yield from _call(node, compared)
    else:
        if isinstance(node, VectorSelector | SubqueryExpr) and fixed(node.at):
            yield _lost(node, "it reads a fixed instant")
        passes = isinstance(node, ParenExpr) or (
            isinstance(node, AggregateExpr) and str(node.op) in _OVER_ALL
        )
        yield from _inside(node, compared if passes else _indirect(compared))


def _inside(node: Expr, compared: _Compared | None) -> Iterator[PaceNote]:
    for child in children(node):
        yield from _notes(child, compared)


def _binary(node: BinaryExpr, compared: _Compared | None) -> Iterator[PaceNote]:
    operator = str(node.op)
    if _measures_age(node):
        if compared is not None and not _constant(compared.other):
            yield _lost(
                node,
                "the pace may or may not divide the metric that this age is compared with",
            )
        elif _adds_constant(node.rhs):
            yield _lost(node, "seconds are added to an instant; write it as an age: time() - x > seconds")
        else:
            yield PaceNote(
                part=shown(node),
                effect=PaceEffect.TRANSLATED,
                text="an age in seconds; the compressed copy multiplies it by the pace",
            )
        yield from _ages_of(node)
        return
    if _shifts_instant(node):
        yield PaceNote(
            part=shown(node),
            effect=PaceEffect.TRANSLATED,
            text="seconds added to an instant; the compressed copy divides them by the pace",
        )
        yield from _ages_of(node)
        return
    if operator in COMPARISONS:
        yield from _comparison(node, operator)
        return
    if operator == "-" and _instant(node.rhs):
        yield _lost(node, "it measures how far ahead an instant is, which the pace does not change")
        yield from _inside_instant(node.rhs)
        yield from _notes(node.lhs, None)
        return
    yield from _inside(node, _indirect(compared))


def _comparison(node: BinaryExpr, operator: str) -> Iterator[PaceNote]:
    for side, other, seen in (
        (node.lhs, node.rhs, operator),
        (node.rhs, node.lhs, _TURNED.get(operator, operator)),
    ):
        if _instant(side) and not _constant(other) and not _adds_constant(other):
            yield from _inside_instant(side)  # one instant against another: the pace moves neither
        else:
            yield from _notes(side, _Compared(seen, other, direct=True))


def _call(node: Call, compared: _Compared | None) -> Iterator[PaceNote]:
    name, part = node.func.name, shown(node)
    if name == "increase":
        yield PaceNote(
            part=part,
            effect=PaceEffect.TRANSLATED,
            text="a count in a window; the compressed copy multiplies it by the pace",
        )
    elif name in _SAMPLES:
        yield PaceNote(
            part=part,
            effect=PaceEffect.SAME,
            text="it adds up samples, and scrapes come closer together as the window shrinks",
        )
    elif name == "deriv":
        yield PaceNote(part=part, effect=PaceEffect.SAME, text="a slope is per second at any pace")
    elif name in _EVENTS:
        if compared is not None and compared.asks_none_or_any():
            yield PaceNote(part=part, effect=PaceEffect.SAME, text="it asks only whether there was any")
        else:
            yield _lost(node, "it counts single events in a window that the pace shortens")
    elif name in _MOVES:
        if compared is not None and compared.asks_sign():
            yield PaceNote(part=part, effect=PaceEffect.SAME, text="it asks only which way a gauge moved")
        else:
            yield _lost(node, "how far a gauge moves in a window depends on the length of the window")
    elif name == "predict_linear":
        yield _lost(node, "it looks ahead in real seconds from a window that the pace shortens")
    elif name in _INSTANT:
        yield _lost(node, "it reads the clock for something other than the age of an event")
    yield from _inside(node, None)


def _ages_of(node: BinaryExpr) -> Iterator[PaceNote]:
    for side in (node.lhs, node.rhs):
        if _instant(side):
            yield from _inside_instant(side)
        else:
            yield from _notes(side, None)


def _inside_instant(node: Expr) -> Iterator[PaceNote]:
    """Notes for the rest of an instant, such as ``timestamp(x @ 100)``. The caller has handled its clock."""
    node = bare(node)
    if called(node) in _INSTANT:
        yield from _inside(node, None)
        return
    if isinstance(node, BinaryExpr):
        yield from _binary(node, None)
        return
    for child in children(node):
        yield from _inside_instant(child)


def _instant(node: Expr) -> bool:
    """Is it an instant of Prometheus's clock: ``time()``, ``timestamp(x)``, or one of these shifted?"""
    node = bare(node)
    if called(node) in _INSTANT:
        return True
    if called(node) in _SAME_INSTANT:
        return all(_instant(child) for child in children(node))
    if isinstance(node, SubqueryExpr):
        return _instant(node.expr)
    if isinstance(node, AggregateExpr):
        return str(node.op) in ("min", "max", "avg") and _instant(node.expr)
    return isinstance(node, BinaryExpr) and _shifts_instant(node)


def _shifts_instant(node: BinaryExpr) -> bool:
    """``time() - 300``: an instant plus or minus a number of seconds."""
    operator = str(node.op)
    if operator not in ("+", "-"):
        return False
    forward = _instant(node.lhs) and _constant(node.rhs)
    return forward or (operator == "+" and _constant(node.lhs) and _instant(node.rhs))


def _measures_age(node: BinaryExpr) -> bool:
    """``time() - x``: how long ago something happened."""
    return str(node.op) == "-" and _instant(node.lhs) and not _constant(node.rhs)


def _adds_constant(node: Expr) -> bool:
    node = bare(node)
    if isinstance(node, BinaryExpr) and str(node.op) in ("+", "-"):
        return _constant(node.lhs) or _constant(node.rhs)
    return any(_adds_constant(child) for child in children(node))


def _constant(node: Expr) -> bool:
    """A constant number: ``300``, ``4 * 3600``, ``-5m``."""
    node = bare(node)
    if isinstance(node, BinaryExpr):
        return str(node.op) in _ARITHMETIC and _constant(node.lhs) and _constant(node.rhs)
    if isinstance(node, UnaryExpr):
        return _constant(node.expr)
    if called(node) in ("vector", "scalar"):
        return all(_constant(child) for child in children(node))
    return isinstance(node, NumberLiteral)


def _indirect(compared: _Compared | None) -> _Compared | None:
    return None if compared is None else _Compared(compared.operator, compared.other, direct=False)


def _lost(node: Expr, text: str) -> PaceNote:
    return PaceNote(part=shown(node), effect=PaceEffect.LOST, text=text)
