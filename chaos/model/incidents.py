"""Incidents, and what a reading of Prometheus says of its alerts.

Instants are seconds since the epoch by Prometheus's clock, lengths real seconds. None is "not known".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chaos.model.base import Frozen, Instant

ALERT_NAME = "alertname"


class IncidentSeverity(StrEnum):
    """The scale of the incident guide; ``UNKNOWN`` where a rule names none of it."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    UNKNOWN = "unknown"


# The words of the other runbooks: each pages, warns or informs as this severity of the guide does.
_WORDS = {
    "CRITICAL": IncidentSeverity.SEV1,
    "HIGH": IncidentSeverity.SEV2,
    "WARNING": IncidentSeverity.SEV3,
    "MEDIUM": IncidentSeverity.SEV3,
    "INFO": IncidentSeverity.SEV4,
    "LOW": IncidentSeverity.SEV4,
}


NO_INCIDENT = "none"
"""The ``severity`` of an alert that is no incident, such as a dead-man's switch that always fires: the
convention of kube-prometheus (https://runbooks.prometheus-operator.dev/runbooks/general/watchdog).
"""


def severity_of(label: str) -> IncidentSeverity:
    """What a rule's ``severity`` label means; ``UNKNOWN`` for a word of no scale, or none."""
    word = label.strip().upper()
    known = {str(one): one for one in IncidentSeverity if one is not IncidentSeverity.UNKNOWN}
    return known.get(word) or _WORDS.get(word, IncidentSeverity.UNKNOWN)


class Accuracy(StrEnum):
    """Whether an alert was right. Only a person, or a drill's expectations, can say so."""

    NOT_JUDGED = "not judged"
    TRUE = "true"
    FALSE = "false"


class WatchedRule(Frozen):
    """One alerting rule as Prometheus runs it.

    ``labels``: those that the rule adds, which distinguish rules of one name. ``healthy`` False: it was
    not evaluated since Prometheus started, or its last evaluation failed, so its silence proves nothing.
    """

    alert: str
    labels: Mapping[str, str] = {}
    hold: float = 0.0  # the rule's `for`
    interval: float  # between two evaluations
    runbook: str = ""
    healthy: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Is it the rule of an alert with these labels?"""
        own = {**self.labels, ALERT_NAME: self.alert}
        return all(labels.get(name) == value for name, value in own.items())


class AlertSeries(Frozen):
    """The evaluations at which one alert was active, oldest first.

    ``began``: (instant, since when its condition held), as ALERTS_FOR_STATE says it.
    """

    labels: Mapping[str, str]  # with its name, without its state
    firing: tuple[float, ...] = ()
    pending: tuple[float, ...] = ()
    began: tuple[tuple[float, float], ...] = ()


class AlertReading(Frozen):
    """All that a Prometheus holds of its alerts between two instants.

    Samples after ``complete_to`` may still be missing, so they are left to the next reading. ``scrapes``: the
    instants at which it scraped anything, which prove that it ran. ``started``: when its process did.
    ``caught_up`` False: there is more to read.
    """

    read_from: float
    complete_to: float
    caught_up: bool = True
    started: float | None = None
    scrape_interval: float
    scrapes: tuple[float, ...] = ()
    rules: tuple[WatchedRule, ...] = ()
    series: tuple[AlertSeries, ...] = ()


class Incident(Frozen):
    """One stretch in which one alert fired.

    ``number`` is given by the store; empty before. ``began``: when the alert's condition first held.
    ``caused``: when a drill injected its fault. ``noticed``: the end of the reading that showed it.
    ``last_active``: the newest evaluation at which its condition held. ``drill`` names the run that caused
    it; empty: it is real.
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
        """The earliest instant that is known of it."""
        return min(one for one in (self.caused, self.began, self.fired) if one is not None)

    @property
    def open(self) -> bool:
        return self.resolved is None
