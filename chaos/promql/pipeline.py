"""How long a change of a metric needs to become an alert.

A fault changes samples. The value of an expression shows that for certain once every range that it reads
contains new samples only: after its own ranges, the ranges of the recording rules that it reads, and the time
until each of them was scraped and evaluated.
https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from promql_parser import (
    BinaryExpr,
    Expr,
    MatrixSelector,
    SubqueryExpr,
    VectorSelector,
)

from chaos.model.rules import Selector
from chaos.patterns import PatternError
from chaos.promql.selectors import selector_of, selectors_in
from chaos.promql.syntax import children, fixed

_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_SET_OPERATORS = frozenset({"and", "or", "unless"})


@dataclass(frozen=True)
class SourceRule:
    """One recording or alerting rule, with the settings of its group. Lengths in production seconds.

    ``tree`` is None if the parser cannot read the expression. ``hold``: the ``for`` of an alert.
    """

    name: str
    is_alert: bool
    tree: Expr | None
    group: str
    place: int  # within its group; the rules of a group are evaluated in this order
    interval: float
    query_offset: float
    hold: float = 0.0

    def is_read_by(self, selector: Selector) -> bool:
        """Can ``selector`` match a series that this rule writes? True if its pattern cannot be read."""
        if not self.is_alert:
            return _may_match(selector, "__name__", self.name) and selector.family in ("", self.name)
        return selector.family in _ALERTS and _may_match(selector, "alertname", self.name)


@dataclass(frozen=True)
class SamplePath:
    """One path from a sample to the value of an expression. Production seconds, each 0 or more.

    ``shift``: the sum of the offsets. ``window``: the sum of the ranges. ``upstream``: the time that
    recording rules on the path take. ``scrape``: the scrape interval of the sample.
    """

    shift: float = 0.0
    window: float = 0.0
    upstream: float = 0.0
    scrape: float = 0.0

    @property
    def total(self) -> float:
        return self.shift + self.window + self.upstream + self.scrape


@dataclass(frozen=True)
class Pipeline:
    """All rules of a stack. ``jobs``: job -> its scrape interval. Lengths in production seconds."""

    rules: Sequence[SourceRule]
    scrape_interval: float
    jobs: Mapping[str, float] = field(default_factory=dict)

    def readings(self, rule: SourceRule) -> tuple[SamplePath, ...]:
        """Every path from a sample to this rule's value that decides how fast the value changes.

        Empty for a rule that reads no series or only fixed instants, and for one that cannot be parsed.
        """
        return self._readings(rule, (rule,)) if rule.tree is not None else ()

    def baseline(self, rule: SourceRule) -> float:
        """Production seconds after which a rule that compares the present with the past sees a lasting fault
        on both sides; 0 for any other rule.
        """
        if rule.tree is None:
            return 0.0
        decisive = {one.shift for one in self.readings(rule)}
        earlier = {one.shift for one in self._read(rule.tree, rule, (rule,), all_sides=True)} - decisive
        return min(earlier) - min(decisive) if earlier else 0.0

    def selectors(self, rule: SourceRule) -> tuple[Selector, ...]:
        """The selectors of scraped series that a rule reads, also through recording rules; each once."""
        return tuple(dict.fromkeys(self._selectors(rule, (rule,), "")))

    def sources(self, rule: SourceRule) -> tuple[SourceRule, ...]:
        """The recording rules that a rule reads, directly or through others; each once."""
        found: dict[int, SourceRule] = {}
        waiting = [rule]
        while waiting:
            one = waiting.pop()
            for selector in selectors_in(one.tree) if one.tree is not None else ():
                for source in self._written_by(selector, one):
                    if not source.is_alert and id(source) not in found and source is not rule:
                        found[id(source)] = source
                        waiting.append(source)
        return tuple(found.values())

    def _written_by(self, selector: Selector, reader: SourceRule) -> list[SourceRule]:
        return [rule for rule in self.rules if rule is not reader and rule.is_read_by(selector)]

    def _selectors(self, rule: SourceRule, seen: tuple[SourceRule, ...], through: str) -> Iterator[Selector]:
        for selector in selectors_in(rule.tree) if rule.tree is not None else ():
            sources = self._written_by(selector, rule)
            if selector.family in _ALERTS:
                continue  # Prometheus writes these series itself
            if not sources:
                yield selector.model_copy(update={"through": through})
            for source in sources:
                if source not in seen:
                    for inner in self._selectors(source, (*seen, source), source.name):
                        empty = inner.may_be_empty or selector.may_be_empty
                        yield inner.model_copy(update={"may_be_empty": empty})

    def _readings(self, rule: SourceRule, seen: tuple[SourceRule, ...]) -> tuple[SamplePath, ...]:
        return tuple(self._read(rule.tree, rule, seen)) if rule.tree is not None else ()

    def _read(
        self, node: Expr, rule: SourceRule, seen: tuple[SourceRule, ...], all_sides: bool = False
    ) -> list[SamplePath]:
        if isinstance(node, VectorSelector):
            return self._selected(node, rule, seen)
        sides = [self._read(child, rule, seen, all_sides) for child in children(node)]
        if isinstance(node, BinaryExpr) and str(node.op) not in _SET_OPERATORS and not all_sides:
            sides = _without_baseline(sides)
        readings = [reading for side in sides for reading in side]
        if isinstance(node, MatrixSelector):
            return [replace(one, window=one.window + node.range.total_seconds()) for one in readings]
        if isinstance(node, SubqueryExpr):
            if fixed(node.at):
                return []
            more, shift = _length(node.range), _back(node.offset)
            return [replace(one, window=one.window + more, shift=one.shift + shift) for one in readings]
        return readings

    def _selected(
        self, node: VectorSelector, reader: SourceRule, seen: tuple[SourceRule, ...]
    ) -> list[SamplePath]:
        if fixed(node.at):
            return []
        selector, shift = selector_of(node), _back(node.offset)
        sources = self._written_by(selector, reader)
        if not sources:
            return [SamplePath(shift=shift, scrape=self._scraped(selector))]
        found = []
        for source in sources:
            if source in seen:
                continue  # a rule that reads its own result does not wait for it
            wait = _wait(source, reader)
            for one in self._readings(source, (*seen, source)):
                found.append(replace(one, shift=one.shift + shift, upstream=one.upstream + wait))
        return found

    def _scraped(self, selector: Selector) -> float:
        fitting = [every for job, every in self.jobs.items() if _may_match(selector, "job", job)]
        return max(fitting, default=self.scrape_interval)


def _wait(source: SourceRule, reader: SourceRule) -> float:
    """The most production seconds from a sample until ``source`` has written the value that ``reader`` reads.

    An earlier rule of the same group is evaluated just before, for the same instant. Query offsets overlap:
    while the reader waits for its own, that of the source passes too.
    """
    held = source.hold if source.is_alert else 0.0
    if source.group == reader.group and source.place < reader.place:
        return held
    return held + source.interval + max(0.0, source.query_offset - reader.query_offset)


def _without_baseline(sides: list[list[SamplePath]]) -> list[list[SamplePath]]:
    """Of the two sides of an operator, those with the smallest offset: the others change later.

    ``x < 0.5 * x offset 1h`` changes as soon as its left side does.
    """
    nearest = [min((one.shift for one in side), default=None) for side in sides]
    known = [shift for shift in nearest if shift is not None]
    return [side for side, shift in zip(sides, nearest, strict=True) if shift is None or shift == min(known)]


def _may_match(selector: Selector, label: str, value: str) -> bool:
    """Do the selector's matchers on ``label`` allow ``value``? True if a pattern cannot be read."""
    try:
        return all(one.matches({label: value}) for one in selector.matchers if one.label == label)
    except PatternError:
        return True


def _back(offset: timedelta | None) -> float:
    """Seconds that an offset looks back; 0 for one that looks ahead, which finds the newest sample."""
    return max(0.0, _length(offset))


def _length(span: timedelta | None) -> float:
    return span.total_seconds() if span is not None else 0.0
