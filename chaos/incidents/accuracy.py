"""Was the alert of an incident right? By the rules of the check ``detection``: the two agree. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from chaos.checks.kit.alert_params import Detection
from chaos.checks.kit.alerts import AlertRecord, FiringKind, not_comparable, read_alerts
from chaos.checks.kit.awaited import Awaited, kind_of
from chaos.checks.kit.wrong_alerts import is_wrong, judged_between
from chaos.model.asked import CannotTell
from chaos.model.incidents import Accuracy, Incident
from chaos.timeline.questions import AlertSpan
from chaos.timeline.recording import Recording


def accuracy_of(
    recording: Recording, incidents: Sequence[Incident], expected: Sequence[Detection]
) -> tuple[Accuracy, ...]:
    """For each incident. NOT_JUDGED if the expectations neither ask for the alert nor forbid it, or if the
    recording has too little data to judge alerts.
    """
    try:
        record = read_alerts(recording)
    except CannotTell:
        return (Accuracy.NOT_JUDGED,) * len(incidents)
    between = judged_between(record)
    return tuple(_accuracy(record, _span(record, one), expected, between) for one in incidents)


def _span(record: AlertRecord, incident: Incident) -> AlertSpan | None:
    """The firing stretch with which the incident began."""
    found = [
        one
        for one in record.firing(incident.alert)
        if all(incident.labels.get(name) == value for name, value in one.labels)
    ]
    return min(found, key=lambda one: abs(one.start - incident.fired), default=None)


def _accuracy(
    record: AlertRecord,
    span: AlertSpan | None,
    expected: Sequence[Detection],
    between: tuple[float, float],
) -> Accuracy:
    if span is None or not_comparable(record.recording.plan, span.alert):
        return Accuracy.NOT_JUDGED
    kinds = [
        kind_of(record, awaited, span)
        for params in expected
        for entry in params.must_fire
        if entry.alert == span.alert
        if (awaited := Awaited(entry.alert, inf, inf, entry.labels)).matches(record, span)
    ]
    wrong_kinds = (FiringKind.EARLY, FiringKind.AFTER)
    if any(kind not in wrong_kinds for kind in kinds):
        return Accuracy.TRUE
    if kinds or any(is_wrong(record, params, span, between) for params in expected):
        return Accuracy.FALSE
    return Accuracy.NOT_JUDGED
