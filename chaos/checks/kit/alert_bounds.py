"""Finds before a run which expected alerts cannot meet their promise, or can never be judged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from chaos.checks.kit.alert_params import MustFire
from chaos.kinds import Objection, ScenarioContext
from chaos.model.objections import Where
from chaos.model.rules import DetectionFacts, set_labels
from chaos.timing import format_duration


def alert_objections(
    place: int, entry: MustFire, context: ScenarioContext, detection: DetectionFacts
) -> Iterator[Objection]:
    """Why entry ``place`` of ``must_fire`` cannot be met or judged. Its alert is a known one."""
    alert, within = entry.alert, entry.within
    if not detection.rules_of(alert, entry.labels):
        yield no_such_labels(("must_fire", place, "labels"), alert, detection)
        return
    bound, where = detection.bound(alert, entry.labels), ("must_fire", place, "alert")
    sum_of = _sum_of(detection.bound_parts(alert, entry.labels))
    if within < bound:
        yield Objection(
            ("must_fire", place, "within"),
            f"{alert} cannot be promised within {format_duration(within)}: "
            f"the bound is {format_duration(bound)} ({sum_of})",
            f"write within: {format_duration(bound)} or more",
        )
    steps = context.scenario.timeline
    if not steps:
        yield Objection(where, "the scenario has no fault, so no alert must fire", "remove it")
        return
    # Only the run shows how long an answered fault lasts.
    ends = [math.inf if step.answer else step.at + step.hold for step in steps]
    lasts = max(ends) - min(step.at for step in steps)
    if lasts < bound:
        yield Objection(
            where,
            f"the faults last {format_duration(lasts)}, less than the {format_duration(bound)} "
            f"that {alert} may need ({sum_of})",
            f"let the faults last {format_duration(bound)} or more",
        )
    yield from _never_judged(where, entry, context, detection)


def no_such_labels(where: Where, alert: str, detection: DetectionFacts) -> Objection:
    """The objection to labels that no rule of a known alert allows."""
    rules = detection.rules_of(alert)
    own = dict.fromkeys(", ".join(f"{k}: {v}" for k, v in set_labels(rule.labels)) for rule in rules)
    return Objection(
        where,
        f"no rule of {alert} gives it these labels",
        f"its rules set {' or '.join(own)}; write one of these",
    )


def resolve_objections(entry: MustFire, within: float, detection: DetectionFacts) -> Iterator[Objection]:
    """Why the alert of an entry cannot resolve ``within`` this many production seconds."""
    alert = entry.alert
    lingers = detection.lingers(alert, entry.labels)
    if within < lingers:
        yield Objection(
            ("must_resolve_within",),
            f"{alert} cannot be promised to resolve within {format_duration(within)}: that alone takes "
            f"{format_duration(lingers)} ({_sum_of(detection.lingering_parts(alert, entry.labels))})",
            f"write must_resolve_within: {format_duration(lingers)} or more",
        )


def _never_judged(
    where: Where, entry: MustFire, context: ScenarioContext, detection: DetectionFacts
) -> Iterator[Objection]:
    """Why no run could ever judge an alert."""
    alert, rules = entry.alert, detection.rules_of(entry.alert, entry.labels)
    if unread := next((rule.unread for rule in rules if rule.unread), ""):
        message = f"the expression of {alert} could not be read, so its bound is unknown: {unread}"
        yield Objection(where, message, "write it without experimental syntax, or remove the alert")
    elif not any(rule.reads_now for rule in rules):
        message = f"{alert} reads no series, or only fixed instants, which no fault can change"
        yield Objection(where, message, "remove the alert, or remove the @ from its expression")
    elif context.pace is not None and (why := detection.not_comparable(alert, context.pace, entry.labels)):
        message = f"{alert} is not comparable at pace {context.pace:g}: {why}"
        yield Objection(where, message, "run this scenario with --pace 1, or remove the alert")


def _sum_of(parts: Iterable[tuple[str, float]]) -> str:
    return " + ".join(f"{what} {format_duration(seconds)}" for what, seconds in parts)
