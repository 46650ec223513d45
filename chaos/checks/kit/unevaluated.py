"""Finds alerts that Prometheus would have recorded if it had evaluated its rules. Run axis."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from chaos.checks.kit.words import span
from chaos.model.asked import Doubt
from chaos.model.rules import AlertRule
from chaos.timeline.recording import ALERTS, Recording, Series

LEAST = 2.0  # real seconds beyond the rule's own lag for which a condition held without a trace of its alert
SCRAPES = 2.5  # scrape intervals between two samples that belong to one stretch
_SIMPLE = re.compile(r"\s*([A-Za-z_]\w*)\s*(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def not_evaluated(recording: Recording, start: float, end: float) -> Doubt | None:
    """The first alert without a trace although its condition held in ``[start, end]``; None: no such alert.

    Only for rules that compare a metric with a number: the samples show when their condition holds.
    """
    facts = recording.plan.detection
    assert facts is not None
    pace = recording.plan.pace
    step = facts.scrape_interval / pace
    for rule in facts.rules:
        least = facts.learns_of(rule) / pace + LEAST
        for first, last in true_stretches(recording, rule, step) or ():
            first, last = max(first, start), min(last, end)
            if last - first >= least and not _traced(recording, rule, first, last):
                held = span(last - first)
                return Doubt(f"{rule.expr} was true for {held}, and {rule.alert} was not even pending")
    return None


def true_stretches(
    recording: Recording, rule: AlertRule, step: float
) -> Sequence[tuple[float, float]] | None:
    """Stretches in which each sample of one series meets the condition of a simple rule. None: the rule is
    not simple, or the recording has no sample of its metric. ``step``: real seconds between two scrapes.
    """
    found = _SIMPLE.fullmatch(rule.expr)
    if found is None:
        return None
    metric, compares, bound = found[1], _OPERATORS[found[2]], float(found[3])
    known = [one for one in recording.metrics.named(metric) if one.samples]
    if not known:
        return None

    def holds(value: float) -> bool:
        return compares(value, bound)

    return [stretch for series in known for stretch in _stretches(series, holds, SCRAPES * step)]


def _stretches(series: Series, holds: Callable[[float], bool], apart: float) -> Iterator[tuple[float, float]]:
    inside: list[float] = []
    for instant, value in series.samples:
        if inside and (not holds(value) or instant - inside[-1] > apart):
            yield _ends(inside)
            inside = []
        if holds(value):
            inside.append(instant)
    if inside:
        yield _ends(inside)


def _ends(instants: Sequence[float]) -> tuple[float, float]:
    return instants[0], instants[-1]


def _traced(recording: Recording, rule: AlertRule, start: float, end: float) -> bool:
    """Was its alert pending or firing at any instant of ``[start, end]``?"""
    return any(
        start <= instant <= end
        for series in recording.metrics.named(ALERTS)
        if series.labels.get("alertname") == rule.alert and rule.fits(series.labels)
        for instant, _ in series.samples
    )
