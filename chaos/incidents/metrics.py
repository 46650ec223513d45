"""How fast incidents are found and ended, how often they come, and how often an alert was right. Pure.

The measures are those of the incident guide (seeds 001, "Metrics to track"). Drills are counted apart: an
exercise says nothing of how often the system breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chaos.model.base import Frozen
from chaos.model.incidents import Accuracy, Incident, IncidentSeverity

WEEK = 7 * 86400.0
_RECURS = 2  # incidents of one alert


class Mean(Frozen):
    """A mean in seconds, and of how many incidents it is; None of none."""

    seconds: float | None
    of: int


class SeverityMetrics(Frozen):
    severity: IncidentSeverity
    incidents: int
    open: int
    detect: Mean
    recover: Mean


class Recurring(Frozen):
    """An alert that made several incidents. ``every``: mean seconds from one to the next."""

    alert: str
    runbook: str
    incidents: int
    every: float
    newest: float


class AccuracyMetrics(Frozen):
    """``share`` of the judged alerts that were right; None where none was judged."""

    true: int
    false: int
    not_judged: int
    share: float | None


class IncidentMetrics(Frozen):
    """``detect`` (MTTD): from the drill's injection, or from when the alert's condition first held, until it
    fired. ``recover`` (MTTR): from the same instant until it resolved; open incidents are not in it.
    ``per_week``: None for a window of no length.
    """

    incidents: int
    open: int
    per_week: float | None
    detect: Mean
    recover: Mean
    severities: tuple[SeverityMetrics, ...]
    recurring: tuple[Recurring, ...]
    accuracy: AccuracyMetrics


def metrics_of(incidents: Iterable[Incident], start: float, end: float) -> IncidentMetrics:
    """The measures of these incidents over the window from ``start`` to ``end``."""
    every = tuple(incidents)
    weeks = (end - start) / WEEK
    return IncidentMetrics(
        incidents=len(every),
        open=sum(one.open for one in every),
        per_week=len(every) / weeks if weeks > 0 else None,
        detect=_mean(every, time_to_detect),
        recover=_mean(every, time_to_recover),
        severities=tuple(
            SeverityMetrics(
                severity=severity,
                incidents=len(group),
                open=sum(one.open for one in group),
                detect=_mean(group, time_to_detect),
                recover=_mean(group, time_to_recover),
            )
            for severity in IncidentSeverity
            if (group := [one for one in every if one.severity is severity])
        ),
        recurring=_recurring(every),
        accuracy=_accuracy(every),
    )


def time_to_detect(incident: Incident) -> float | None:
    """Seconds; None where it is not known when the incident began."""
    if incident.caused is None and incident.began is None:
        return None
    return incident.fired - incident.start


def time_to_recover(incident: Incident) -> float | None:
    """Seconds; None while it is open."""
    return None if incident.resolved is None else incident.resolved - incident.start


def _mean(incidents: Sequence[Incident], length: Callable[[Incident], float | None]) -> Mean:
    known = [seconds for seconds in map(length, incidents) if seconds is not None]
    return Mean(seconds=sum(known) / len(known) if known else None, of=len(known))


def _recurring(incidents: Sequence[Incident]) -> tuple[Recurring, ...]:
    """The most frequent first."""
    groups: dict[str, list[Incident]] = {}
    for incident in incidents:
        groups.setdefault(incident.alert, []).append(incident)
    found = [
        Recurring(
            alert=alert,
            runbook=group[-1].runbook,
            incidents=len(group),
            every=(max(one.fired for one in group) - min(one.fired for one in group)) / (len(group) - 1),
            newest=max(one.fired for one in group),
        )
        for alert, group in groups.items()
        if len(group) >= _RECURS
    ]
    return tuple(sorted(found, key=lambda one: (-one.incidents, one.alert)))


def _accuracy(incidents: Sequence[Incident]) -> AccuracyMetrics:
    true, false = (sum(one.accuracy is kind for one in incidents) for kind in (Accuracy.TRUE, Accuracy.FALSE))
    judged = true + false
    return AccuracyMetrics(
        true=true,
        false=false,
        not_judged=len(incidents) - judged,
        share=true / judged if judged else None,
    )


class IncidentReport(Frozen):
    """What ``gameday incidents --json`` prints. ``real`` and ``drills`` are of the same window."""

    schema_version: int = 1
    start: float
    end: float
    real: IncidentMetrics
    drills: IncidentMetrics
    incidents: tuple[Incident, ...]


def report_of(incidents: Iterable[Incident], start: float, end: float) -> IncidentReport:
    """The incidents that fired between ``start`` and ``end``, and those that are still open."""
    every = tuple(one for one in incidents if one.fired <= end)
    return IncidentReport(
        start=start,
        end=end,
        real=metrics_of((one for one in every if not one.drill), start, end),
        drills=metrics_of((one for one in every if one.drill), start, end),
        incidents=every,
    )
