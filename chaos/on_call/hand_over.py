"""The notes of one handoff as Markdown: the incidents of the week, and blanks for people to fill in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from chaos.model.incidents import Incident
from chaos.on_call.model import Duty, Rota
from chaos.on_call.shifts import Shift, on_duty

_BLANK = "_to complete_"


def hand_over_notes(rota: Rota, shift: Shift, incidents: Sequence[Incident] | None) -> str:
    """Notes for the end of ``shift``. ``incidents``: all that are known; None where no detector ever ran."""
    before = on_duty(rota, max(shift.begins, *_last_change(shift)))
    after = on_duty(rota, shift.ends)
    rows = [f"| {duty} | {rota.shown(before[duty])} | {rota.shown(after[duty])} |" for duty in Duty]
    return "\n".join(
        [
            f"# On-call handoff of {rota.name}, {_local(rota, shift.ends)}",
            "",
            f"Week from {_local(rota, shift.begins)} to {_local(rota, shift.ends)} ({rota.time_zone}).",
            "",
            "| duty | hands over | takes over |",
            "|---|---|---|",
            *rows,
            "",
            "## Incidents of the week",
            "",
            *_incidents(shift, incidents),
            "",
            *(line for title in _SECTIONS for line in (f"## {title}", "", _BLANK, "")),
            f"Taken over by: {_BLANK}, at: {_BLANK}",
            "",
        ]
    )


_SECTIONS = (
    "Open work and its owner",
    "Known problems and silenced alerts",
    "Changes planned for the coming week",
)


def _last_change(shift: Shift) -> list[datetime]:
    """Overrides that end within the week or last beyond it: whoever is on duty at its end hands over."""
    edges = [instant for cover in shift.covers for instant in (cover.begins, cover.ends)]
    return [instant for instant in edges if shift.begins < instant < shift.ends] or [shift.begins]


def _incidents(shift: Shift, incidents: Sequence[Incident] | None) -> list[str]:
    if incidents is None:
        return ["Unknown: the list of incidents does not exist. `gameday detect` creates it."]
    begins, ends = shift.begins.timestamp(), shift.ends.timestamp()
    week = [one for one in incidents if one.fired < ends and (one.open or (one.resolved or 0) >= begins)]
    real = [one for one in week if not one.drill]
    drills = len([one for one in week if one.drill and one.fired >= begins])
    lines = [f"- {_incident(one)}" for one in sorted(real, key=lambda one: (not one.open, one.fired))]
    lines = lines or ["None that `gameday detect` found."]
    return [*lines, *([f"- {drills} more by drills, not listed here."] if drills else [])]


def _incident(incident: Incident) -> str:
    fired = datetime.fromtimestamp(incident.fired, UTC)
    end = (
        "**still open**"
        if incident.resolved is None
        else f"resolved {datetime.fromtimestamp(incident.resolved, UTC):%Y-%m-%d %H:%M} UTC"
    )
    runbook = f", runbook {incident.runbook}" if incident.runbook else ""
    what = f"{incident.number} {incident.alert} ({incident.severity})"
    return f"{what}, fired {fired:%Y-%m-%d %H:%M} UTC, {end}{runbook}"


def _local(rota: Rota, instant: datetime) -> str:
    return f"{instant.astimezone(rota.zone):%Y-%m-%d %H:%M}"
