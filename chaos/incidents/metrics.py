"""MTTD, MTTR, the frequency of incidents, and the accuracy of alerts (docs/incidents.md). Pure.

Drills are counted separately, because an exercise does not show how often the system fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from chaos.model.base import Frozen
from chaos.model.incidents import Accuracy, Incident, IncidentSeverity

WEEK = 7 * 86400.0
_RECURS = 2  # incidents of one alert


class MeanSeconds(Frozen):
    """A mean in seconds over ``of`` incidents; None if there are none."""

    seconds: float | None
    of: int


class SeverityMetrics(Frozen):
    """The metrics of one severity. ``incidents`` and ``open``: numbers of incidents."""

    severity: IncidentSeverity
    incidents: int
    open: int
    detect: MeanSeconds
    recover: MeanSeconds


class RecurringAlert(Frozen):
    """An alert with at least two incidents.

    ``every``: mean seconds from one to the next. ``newest``: when the last one fired, in seconds since the
    epoch.
    """

    alert: str
    runbook: str
    incidents: int
    every: float
    newest: float


class AccuracyMetrics(Frozen):
    """How many alerts were right. ``share``: of the judged alerts, 0 to 1; None if none was judged."""

    true: int
    false: int
    not_judged: int
    share: float | None


class IncidentMetrics(Frozen):
    """The metrics of a set of incidents. ``incidents`` and ``open`` are numbers of incidents.

    ``detect`` (MTTD): from the beginning until the alert fired. The beginning is the drill's injection or the
    instant at which the alert's condition first held, whichever is earlier. Incidents without either are left
    out. ``recover`` (MTTR): from the beginning until the alert resolved; if the beginning is unknown, from
    when the alert fired. Open incidents are left out. ``per_week``: None if the window has no length.
    """

    incidents: int
    open: int
    per_week: float | None
    detect: MeanSeconds
    recover: MeanSeconds
    severities: tuple[SeverityMetrics, ...]
    recurring: tuple[RecurringAlert, ...]
    accuracy: AccuracyMetrics


def metrics_of(incidents: Iterable[Incident], start: float, end: float) -> IncidentMetrics:
    """The metrics of all ``incidents``.

    ``start`` and ``end``: the window for ``per_week``, in seconds since the epoch. It does not filter.
    """
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
    """Seconds from the beginning until the alert fired; None if the beginning is unknown."""
    if incident.caused is None and incident.began is None:
        return None
    return incident.fired - incident.start


def time_to_recover(incident: Incident) -> float | None:
    """Seconds from the beginning (or when the alert fired) until it resolved; None while it is open."""
    return None if incident.resolved is None else incident.resolved - incident.start


def _mean(incidents: Sequence[Incident], length: Callable[[Incident], float | None]) -> MeanSeconds:
    known = [seconds for seconds in map(length, incidents) if seconds is not None]
    return MeanSeconds(seconds=sum(known) / len(known) if known else None, of=len(known))


def _recurring(incidents: Sequence[Incident]) -> tuple[RecurringAlert, ...]:
    """The alerts with several incidents, most frequent first."""
    groups: dict[str, list[Incident]] = {}
    for incident in incidents:
        groups.setdefault(incident.alert, []).append(incident)
    found = [
        RecurringAlert(
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
    """What ``gameday incidents --json`` prints. ``start`` and ``end``: seconds since the epoch.

    ``real`` and ``drills``: the metrics of the same window. ``incidents``: both sorts.
    """

    schema_version: int = 1
    start: float
    end: float
    real: IncidentMetrics
    drills: IncidentMetrics
    incidents: tuple[Incident, ...]


def report_of(incidents: Iterable[Incident], start: float, end: float) -> IncidentReport:
    """Report the ``incidents`` that fired up to ``end``. ``start`` and ``end``: seconds since the epoch.

    The caller selects those since ``start`` (``Incidents.all``): earlier ones in ``incidents`` count as well.
    """
    every = tuple(one for one in incidents if one.fired <= end)
    return IncidentReport(
        start=start,
        end=end,
        real=metrics_of((one for one in every if not one.drill), start, end),
        drills=metrics_of((one for one in every if one.drill), start, end),
        incidents=every,
    )
