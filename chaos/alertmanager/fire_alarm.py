"""A fire alarm: gameday sends every alert through the real routing without a fault, marked as a drill. Pure.

Alerts are sent in waves, so that each alert is sent once while no alert that would silence it fires.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chaos.alertmanager.config import Routing
from chaos.alertmanager.routing import receivers_at, routes_of, silenced_by
from chaos.model.notifications import DeliveredNotification
from chaos.model.rules import DetectionFacts

DRILL = "drill"
"""The label that marks an alert of a fire alarm; its value is the id of the alarm."""


@dataclass(frozen=True)
class DrillAlert:
    """One alert to send. ``channels``: those that must receive it now; none outside its route's hours."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    channels: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.labels["alertname"]

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")


@dataclass(frozen=True)
class AlarmDelivery:
    """The messages of one alert of the alarm. ``problem``: what is wrong, for people; "" if nothing is."""

    alert: DrillAlert
    channels: Mapping[str, int] = field(default_factory=dict)  # channel -> messages
    problem: str = ""


def drill_alerts(
    routing: Routing, detection: DetectionFacts, alarm: str, instant: datetime
) -> tuple[DrillAlert, ...]:
    """One alert per alert name and severity, with the labels of the rule. ``alarm``: the id of the alarm.
    ``instant``: when it is sent, with a time zone. Alerts that read no series, such as dead-man's
    switches, are left out.
    """
    found: dict[tuple[str, str], DrillAlert] = {}
    for rule in detection.rules:
        if rule.alert in detection.reading_nothing:
            continue
        labels = {**rule.labels, "alertname": rule.alert, DRILL: alarm}
        receivers = receivers_at(routing, labels, instant)
        channels = dict.fromkeys(c for name in receivers for c in routing.channels.get(name, ()))
        alert = DrillAlert(labels, {**rule.annotations, DRILL: "This is a drill."}, tuple(channels))
        found.setdefault((alert.name, alert.severity), alert)
    return tuple(found.values())


def waves(routing: Routing, alerts: Iterable[DrillAlert]) -> tuple[tuple[DrillAlert, ...], ...]:
    """Groups the alerts into as few waves as needed, so that no alert silences another of its wave. Alerts
    that silence each other are in one wave.
    """
    left, found = list(alerts), list[tuple[DrillAlert, ...]]()
    while left:
        wave = [
            one
            for one in left
            if silenced_by(routing, one.labels, [other.labels for other in left if other is not one]) is None
        ]
        wave = wave or left  # alerts that silence each other: ``judge_alarm`` reports the missing one
        found.append(tuple(wave))
        left = [one for one in left if one not in wave]
    return tuple(found)


def longest_wait(routing: Routing, alerts: Iterable[DrillAlert]) -> float:
    """Production seconds until Alertmanager has sent all of them: their longest ``group_wait``."""
    return max((route.group_wait for one in alerts for route in routes_of(routing, one.labels)), default=0.0)


def judge_alarm(
    alerts: Sequence[DrillAlert], messages: Iterable[DeliveredNotification], alarm: str
) -> tuple[AlarmDelivery, ...]:
    """For each alert: did it arrive once in each of its channels, and in no other? ``alarm``: the id."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    for message in messages:
        for one in message.alerts:
            if one.status == "firing" and one.labels.get(DRILL) == alarm:
                key = (one.name, one.labels.get("severity", ""))
                seen.setdefault(key, Counter())[message.channel] += 1
    found = []
    for alert in alerts:
        channels = seen.get((alert.name, alert.severity), Counter())
        found.append(AlarmDelivery(alert, dict(channels), _problem(alert, channels)))
    return tuple(found)


def missing(alerts: Iterable[DrillAlert], messages: Sequence[DeliveredNotification], alarm: str) -> bool:
    """Has one of the alerts not yet arrived in one of its channels?"""
    judged = judge_alarm(tuple(alerts), messages, alarm)
    return any(not one.channels.get(channel) for one in judged for channel in one.alert.channels)


def _problem(alert: DrillAlert, channels: Mapping[str, int]) -> str:
    lacking = [channel for channel in alert.channels if not channels.get(channel)]
    wrong = sorted(set(channels) - set(alert.channels))
    twice = [channel for channel in alert.channels if channels.get(channel, 0) > 1]
    found = [f"did not arrive in {', '.join(lacking)}"] if lacking else []
    found += [f"arrived in {', '.join(wrong)} as well"] if wrong else []
    found += [f"arrived more than once in {', '.join(twice)}"] if twice else []
    return "; ".join(found)
