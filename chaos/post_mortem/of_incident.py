"""The post-mortem of an incident of the detector, which knows the alert but nothing about users. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from chaos.incidents.metrics import time_to_detect, time_to_recover
from chaos.model.incidents import Accuracy, Incident
from chaos.post_mortem.model import PostMortem, PostMortemFigure, TimelineEntry
from chaos.report.human import duration, pace

_FILE = "incidents.sqlite"


def of_incident(incident: Incident) -> PostMortem:
    """Never raises: what the detector does not know stays blank, for people to fill in."""
    return PostMortem(
        record=f"incident {incident.number}",
        title=incident.alert,
        drill=bool(incident.drill),
        severity=str(incident.severity),
        began=incident.start,
        ended=incident.resolved,
        summary=tuple(_summary(incident)),
        timeline=tuple(sorted(_timeline(incident), key=lambda entry: entry.at)),
        impact=(PostMortemFigure(name="length", value=_length(incident)),),
        detection=(
            PostMortemFigure(name="detected after", value=duration(time_to_detect(incident))),
            PostMortemFigure(name="alert", value=_labels(incident)),
            PostMortemFigure(name="was the alert right", value=_right(incident)),
        ),
        recovery=(
            PostMortemFigure(name="recovered after", value=_length(incident)),
            PostMortemFigure(name="runbook of the alert", value=incident.runbook or "the rule names none"),
        ),
    )


def _summary(incident: Incident) -> Iterable[str]:
    yield f"The alert {incident.alert} of {incident.source} fired. Its severity is {incident.severity}."
    yield f"Length: {_length(incident)}."
    if incident.drill:
        yield f"It was an exercise: the run {incident.drill} caused it, at pace {pace(incident.pace)}."
    if incident.note:
        yield incident.note[:1].upper() + incident.note[1:] + "."


def _timeline(incident: Incident) -> Iterable[TimelineEntry]:
    if incident.caused is not None:
        yield TimelineEntry(at=incident.caused, what="the drill injected its fault", evidence=_FILE)
    if incident.began is not None:
        what = "the condition of the alert held for the first time"
        yield TimelineEntry(at=incident.began, what=what, evidence="ALERTS_FOR_STATE in Prometheus")
    yield TimelineEntry(at=incident.fired, what=f"{incident.alert} fired", evidence="ALERTS in Prometheus")
    yield TimelineEntry(at=incident.noticed, what="gameday detect read that it fired", evidence=_FILE)
    if incident.resolved is not None:
        yield TimelineEntry(
            at=incident.resolved, what=f"{incident.alert} resolved", evidence="ALERTS in Prometheus"
        )


def _length(incident: Incident) -> str:
    length = time_to_recover(incident)
    return "still open when this file was made" if length is None else duration(length)


def _labels(incident: Incident) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(incident.labels.items()))


def _right(incident: Incident) -> str:
    if incident.accuracy is Accuracy.NOT_JUDGED:
        return f"not judged yet; gameday incidents --true {incident.number}, or --false"
    return "yes" if incident.accuracy is Accuracy.TRUE else "no"
