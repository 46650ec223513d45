"""``incidents``: what the detector found, as figures, a list and pages."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.incident_list import incident_table
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import exists, make_folder
from chaos.incidents import FILE_NAME, IncidentReport, Incidents, open_incidents, report_of
from chaos.model.incidents import Accuracy
from chaos.report.incidents import incident_lines, incidents_html, incidents_markdown
from chaos.report.write import write_texts


def run_incidents(arguments: Namespace, context: CommandContext) -> ExitCode:
    """MTTD, MTTR, frequency, severities, recurring alerts and accuracy of the last ``--since`` seconds.

    Before that, ``--true`` and ``--false`` record for incidents whether their alert was right.
    Raises ``BadInput`` if no detector ever ran, or for an unknown number.
    """
    path: Path = context.cwd / arguments.reports / FILE_NAME
    if not exists(path):
        fix = "gameday detect creates it; gameday detect --run RUN adds the alerts of a stored run"
        raise BadInput([Problem.about(str(path), "the list of incidents does not exist", fix)])
    with open_incidents(path) as incidents:
        incidents.judge(_accuracies(arguments.true, arguments.false))
        report = _report(incidents, arguments.since, context)
    if arguments.into is not None:
        for written in _write(report, context.cwd / arguments.into):
            context.complain(f"written: {context.shown(written)}")
    if arguments.json:
        context.say(report.model_dump_json(indent=2))
        return ExitCode.PASS
    listed = incident_table(report.incidents) if report.incidents else ["no incident in this period"]
    for line in incident_lines(report, listed):
        context.say(line)
    return ExitCode.PASS


def _accuracies(right: Sequence[str], wrong: Sequence[str]) -> dict[str, Accuracy]:
    for number in right:
        if number in wrong:
            raise BadInput(
                [Problem.about(number, "expected --true or --false, got both", "give one of them")]
            )
    return {**dict.fromkeys(right, Accuracy.TRUE), **dict.fromkeys(wrong, Accuracy.FALSE)}


def _report(incidents: Incidents, since: float, context: CommandContext) -> IncidentReport:
    now = context.clock.wall()
    return report_of(incidents.all(now - since), now - since, now)


def _write(report: IncidentReport, folder: Path) -> tuple[Path, ...]:
    return write_texts(
        make_folder(folder),
        {
            "incidents.html": incidents_html(report),
            "incidents.md": incidents_markdown(report),
            "incidents.json": report.model_dump_json(indent=2) + "\n",
        },
    )
