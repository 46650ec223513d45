"""Incidents, and the alerts that one reading of Prometheus shows.

Instants are seconds since the epoch by the clock of Prometheus, lengths are real seconds. None: unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chaos.model.base import Frozen, Instant

ALERT_NAME = "alertname"


class IncidentSeverity(StrEnum):
    """The scale of the incident guide; ``UNKNOWN`` if the rule does not use it."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    UNKNOWN = "unknown"


# The severities of other runbooks, with the severity of the guide that is handled the same way.
_WORDS = {
    "CRITICAL": IncidentSeverity.SEV1,
    "HIGH": IncidentSeverity.SEV2,
    "WARNING": IncidentSeverity.SEV3,
    "MEDIUM": IncidentSeverity.SEV3,
    "INFO": IncidentSeverity.SEV4,
    "LOW": IncidentSeverity.SEV4,
}


NO_INCIDENT = "none"
"""The ``severity`` of an alert that is not an incident, such as a dead-man's switch that always fires, by the
convention of kube-prometheus (https://runbooks.prometheus-operator.dev/runbooks/general/watchdog).
"""


def severity_of(label: str) -> IncidentSeverity:
    """The severity that a rule's ``severity`` label means, in any case; ``UNKNOWN`` for any other text."""
    word = label.strip().upper()
    known = {str(one): one for one in IncidentSeverity if one is not IncidentSeverity.UNKNOWN}
    return known.get(word) or _WORDS.get(word, IncidentSeverity.UNKNOWN)


class Accuracy(StrEnum):
    """Whether an alert was right. Only a person, or the expectations of a drill, can decide that."""

    NOT_JUDGED = "not judged"
    TRUE = "true"
    FALSE = "false"


class WatchedRule(Frozen):
    """One alerting rule as Prometheus runs it.

    ``labels``: those that the rule adds; they distinguish rules of the same name. ``healthy`` False: the rule
    was not evaluated since Prometheus started, or its last evaluation failed, so silence proves nothing.
    """

    alert: str
    labels: Mapping[str, str] = {}
    hold: float = 0.0  # the rule's `for`
    interval: float  # between two evaluations
    runbook: str = ""
    healthy: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Can an alert with these labels come from this rule?"""
        own = {**self.labels, ALERT_NAME: self.alert}
        return all(labels.get(name) == value for name, value in own.items())


class AlertSeries(Frozen):
    """The evaluations at which one alert was active, oldest first.

    ``began``: (instant, since when the condition held), from ALERTS_FOR_STATE.
    """

    labels: Mapping[str, str]  # with its name, without its state
    firing: tuple[float, ...] = ()
    pending: tuple[float, ...] = ()
    began: tuple[tuple[float, float], ...] = ()


class AlertReading(Frozen):
    """The alerts of a Prometheus between two instants.

    Samples after ``complete_to`` may be incomplete, so the next reading starts there. ``scrapes``: when it
    scraped anything, which proves that it was running. ``started``: when its process started. ``caught_up``
    False: there is more to read.
    """

    read_from: float
    complete_to: float
    caught_up: bool = True
    started: float | None = None
    scrape_interval: float
    scrapes: tuple[float, ...] = ()
    rules: tuple[WatchedRule, ...] = ()
    series: tuple[AlertSeries, ...] = ()

    def rule_of(self, labels: Mapping[str, str]) -> WatchedRule | None:
        """The rule that an alert with these labels comes from; None if none fits."""
        return next((rule for rule in self.rules if rule.fits(labels)), None)


class Incident(Frozen):
    """One period in which one alert fired.

    ``number``: the store sets it; empty before. ``began``: when the condition of the alert first held.
    ``caused``: when a drill injected its fault. ``noticed``: the end of the reading that showed the alert.
    ``last_active``: the newest evaluation at which the condition held. ``drill``: the run that caused it;
    empty for a real incident.
    """

    number: str = ""
    source: str
    alert: str
    labels: Mapping[str, str]
    severity: IncidentSeverity
    runbook: str = ""
    began: Instant | None = None
    caused: Instant | None = None
    fired: Instant
    noticed: Instant
    last_active: Instant
    resolved: Instant | None = None
    note: str = ""
    drill: str = ""
    pace: float = 1.0
    accuracy: Accuracy = Accuracy.NOT_JUDGED

    @property
    def start(self) -> float:
        """The earliest of the instants at which it was caused, began or fired."""
        return min(one for one in (self.caused, self.began, self.fired) if one is not None)

    @property
    def open(self) -> bool:
        return self.resolved is None
