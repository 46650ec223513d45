"""Incidents as lines of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.columns import columns
from chaos.model.incidents import Incident
from chaos.report import human


def incident_line(incident: Incident) -> str:
    """One incident in one line: number, severity, alert, instants, runbook."""
    words = [
        incident.number,
        str(incident.severity),
        incident.alert,
        f"fired {human.instant(incident.fired)}",
    ]
    if incident.resolved is not None:
        words.append(f"over after {human.duration(incident.resolved - incident.start)}")
    words += [f"runbook {incident.runbook}"] if incident.runbook else []
    words += [incident.note] if incident.note else []
    return ", ".join(words)


def open_lines(incidents: Sequence[Incident]) -> list[str]:
    """The open incidents, the most severe first; a sentence if no incident is open."""
    if not incidents:
        return ["no open incidents"]
    ordered = sorted(incidents, key=lambda one: (one.severity, one.fired))
    return [f"{human.count(len(incidents), 'incident')} open", *incident_table(ordered)]


def incident_table(incidents: Sequence[Incident]) -> list[str]:
    head = ("number", "severity", "alert", "fired", "over after", "judged", "runbook")
    return columns([head, *map(_cells, incidents)])


def _cells(incident: Incident) -> tuple[str, ...]:
    over = None if incident.resolved is None else incident.resolved - incident.start
    unfinished = "not over" if incident.drill else "open"
    return (
        incident.number,
        str(incident.severity),
        incident.alert,
        human.instant(incident.fired).removesuffix(" UTC"),
        unfinished if over is None else human.duration(over),
        str(incident.accuracy),
        incident.runbook,
    )
