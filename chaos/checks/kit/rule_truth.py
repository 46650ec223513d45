"""Can a rule have fired as ALERTS says, by its `for` and by the samples that it reads? Run axis."""

from __future__ import annotations

from chaos.checks.kit.alerts import AlertRecord
from chaos.checks.kit.unevaluated import true_stretches
from chaos.checks.kit.words import span
from chaos.model.asked import Doubt
from chaos.timeline.questions import AlertSpan

EARLY = 0.5  # real seconds by which an alert may fire before its `for` is over: the clocks of two processes
LOOKS_BACK = 2.0  # scrape intervals by which the sample that made a rule true may be older than its lag


def not_its_own(record: AlertRecord, firing: AlertSpan) -> Doubt | None:
    """Why the first firing after the injection is not the rule's answer to the fault; None: it may be.

    With a `for` an alert is pending that long first. So one that fires sooner after the injection was on its
    way before it, whether or not its samples show that. A rule that compares a recorded metric with a number
    cannot fire without a sample that meets its condition.
    """
    rule, plan = record.rule_of(firing), record.recording.plan
    if rule is None or plan.detection is None:
        return None
    hold = rule.hold / record.pace
    since = firing.start - record.struck
    if hold and since < hold - EARLY:
        return Doubt(
            f"fired {span(max(0.0, since))} after the injection began, sooner than its `for` of {span(hold)} "
            "allows: its condition held before the injection, or samples are missing"
        )
    step = plan.detection.scrape_interval / record.pace
    stretches = true_stretches(record.recording, rule, step)
    if stretches is None:
        return None
    first = firing.start - hold - record.lag_of(firing) - LOOKS_BACK * step
    if any(end >= first and start <= firing.start for start, end in stretches):
        return None
    return Doubt(f"fired although no sample of this run meets {rule.expr}")
