"""The alerts of stored runs, kept among the incidents as drills."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.app.command_context import CommandContext
from chaos.columns import columns
from chaos.errors import ExitCode
from chaos.incidents import Incidents, incidents_of_run
from chaos.model.incidents import Incident
from chaos.report import human
from chaos.timeline.recording import Recording


def keep_drills(recordings: Sequence[Recording], incidents: Incidents, context: CommandContext) -> ExitCode:
    """Keep the incidents of each run, and list them. ``INCONCLUSIVE`` if a run has no record of its alerts:
    that does not mean that no alert fired.
    """
    code = ExitCode.PASS
    for recording in recordings:
        name = f"{recording.plan.scenario.scenario} (drill {recording.run_id})"
        if not recording.metrics.complete:
            context.complain(f"gameday: {name}: its alerts were not recorded, so gameday kept no incident")
            code = ExitCode.INCONCLUSIVE
            continue
        found = incidents.keep_drill(recording.run_id, incidents_of_run(recording))
        context.say(f"{name}: {human.count(len(found), 'incident')}")
        for line in columns([_cells(incident) for incident in found], indent="  "):
            context.say(line)
    return code


def _cells(incident: Incident) -> tuple[str, ...]:
    detected = None if incident.caused is None else incident.fired - incident.caused
    over = None if incident.resolved is None else incident.resolved - incident.start
    return (
        incident.number,
        str(incident.severity),
        incident.alert,
        f"detected after {human.duration(detected)}",
        incident.note or f"over after {human.duration(over)}",
        incident.runbook,
    )
