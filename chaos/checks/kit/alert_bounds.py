"""Finds before a run which expected alerts cannot meet their promise, or can never be judged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from chaos.kinds import Objection, ScenarioContext
from chaos.model.rules import DetectionFacts
from chaos.timing import format_duration


def alert_objections(
    place: int, alert: str, within: float, context: ScenarioContext, detection: DetectionFacts
) -> Iterator[Objection]:
    """Why entry ``place`` of ``must_fire`` cannot be met or judged. ``within``: production seconds.

    ``alert`` is a known one.
    """
    bound, where = detection.bound(alert), ("must_fire", place, "alert")
    sum_of = _sum_of(detection.bound_parts(alert))
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
    yield from _never_judged(where, alert, context, detection)


def resolve_objections(alert: str, within: float, detection: DetectionFacts) -> Iterator[Objection]:
    """Why ``alert`` cannot resolve ``within`` this many production seconds."""
    lingers = detection.lingers(alert)
    if within < lingers:
        yield Objection(
            ("must_resolve_within",),
            f"{alert} cannot be promised to resolve within {format_duration(within)}: that alone takes "
            f"{format_duration(lingers)} ({_sum_of(detection.lingering_parts(alert))})",
            f"write must_resolve_within: {format_duration(lingers)} or more",
        )


def _never_judged(
    where: tuple[str | int, ...], alert: str, context: ScenarioContext, detection: DetectionFacts
) -> Iterator[Objection]:
    """Why no run could ever judge an alert."""
    rule = detection.rule(alert)
    assert rule is not None
    if rule.unread:
        message = f"the expression of {alert} could not be read, so its bound is unknown: {rule.unread}"
        yield Objection(where, message, "write it without experimental syntax, or remove the alert")
    elif not rule.reads_now:
        message = f"{alert} reads only fixed instants, which no fault can change"
        yield Objection(where, message, "remove the alert, or remove the @ from its expression")
    elif context.pace is not None and (why := detection.not_comparable(alert, context.pace)):
        message = f"{alert} is not comparable at pace {context.pace:g}: {why}"
        yield Objection(where, message, "run this scenario with --pace 1, or remove the alert")


def _sum_of(parts: Iterable[tuple[str, float]]) -> str:
    return " + ".join(f"{what} {format_duration(seconds)}" for what, seconds in parts)
