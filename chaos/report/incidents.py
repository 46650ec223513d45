"""The report on incidents: one offline page, Markdown, and the same figures as lines of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.incidents import IncidentMetrics, IncidentReport
from chaos.incidents.metrics import MeanSeconds, time_to_detect, time_to_recover
from chaos.model.incidents import Incident
from chaos.report import human
from chaos.report.html import page
from chaos.report.markdown import text, text_table

MEASURES_FROM = (
    "Times count from the moment the alert's condition first held,"
    " those of drills from the injection of the fault."
)
INCIDENT_HEAD = (
    "number",
    "severity",
    "alert",
    "fired",
    "detected after",
    "over after",
    "judged",
    "runbook",
    "note",
)
_SEVERITY_HEAD = ("severity", "incidents", "open", "MTTD", "MTTR")
_RECURRING_HEAD = ("alert", "incidents", "mean distance", "newest", "runbook")


@dataclass(frozen=True)
class IncidentFigure:
    """One measure; ``of`` says of how many incidents it is."""

    label: str
    value: str
    of: str


@dataclass(frozen=True)
class IncidentSection:
    """Real incidents, or drills, as the page shows them."""

    title: str
    figures: tuple[IncidentFigure, ...]
    severities: tuple[tuple[str, ...], ...]
    recurring: tuple[tuple[str, ...], ...]
    incidents: tuple[tuple[str, ...], ...]


def sections_of(report: IncidentReport) -> tuple[IncidentSection, ...]:
    """Real incidents first. Drills never enter their figures."""
    return tuple(
        IncidentSection(
            title=title,
            figures=figures_of(metrics),
            severities=tuple(
                (str(one.severity), str(one.incidents), str(one.open), _mean(one.detect), _mean(one.recover))
                for one in metrics.severities
            ),
            recurring=tuple(
                (
                    *(one.alert, str(one.incidents), human.duration(one.every)),
                    *(human.instant(one.newest), one.runbook),
                )
                for one in metrics.recurring
            ),
            incidents=tuple(incident_cells(one) for one in report.incidents if bool(one.drill) is drill),
        )
        for title, metrics, drill in (("Incidents", report.real, False), ("Drills", report.drills, True))
    )


def figures_of(metrics: IncidentMetrics) -> tuple[IncidentFigure, ...]:
    accuracy = metrics.accuracy
    judged = accuracy.true + accuracy.false
    return (
        IncidentFigure("incidents", str(metrics.incidents), f"{metrics.open} open"),
        IncidentFigure("MTTD", human.duration(metrics.detect.seconds), _of(metrics.detect)),
        IncidentFigure("MTTR", human.duration(metrics.recover.seconds), _of(metrics.recover)),
        IncidentFigure("per week", human.number(metrics.per_week), "over the window"),
        IncidentFigure(
            "alert accuracy",
            human.share(accuracy.true, judged),
            f"{accuracy.true} true, {accuracy.false} false, {accuracy.not_judged} not judged",
        ),
    )


def incident_cells(incident: Incident) -> tuple[str, ...]:
    """The cells under ``INCIDENT_HEAD``."""
    over = time_to_recover(incident)
    unfinished = "not over" if incident.drill else "open"
    drill = f"drill {incident.drill}, pace {human.pace(incident.pace)}" if incident.drill else ""
    return (
        incident.number,
        str(incident.severity),
        incident.alert,
        human.instant(incident.fired),
        human.duration(time_to_detect(incident)),
        unfinished if over is None else human.duration(over),
        str(incident.accuracy),
        incident.runbook or "none",
        "; ".join(part for part in (drill, incident.note) if part),
    )


def window_line(report: IncidentReport) -> str:
    return f"From {human.instant(report.start)} to {human.instant(report.end)}. {MEASURES_FROM}"


def incidents_html(report: IncidentReport) -> str:
    """One offline page without a script."""
    return page(
        "incidents.html.j2",
        window=window_line(report),
        sections=sections_of(report),
        heads=(INCIDENT_HEAD, _SEVERITY_HEAD, _RECURRING_HEAD),
    )


def incidents_markdown(report: IncidentReport) -> str:
    blocks = ["# Incidents", text(window_line(report))]
    for section in sections_of(report):
        blocks.append(f"## {section.title}")
        blocks.append(
            "\n".join(f"- {one.label}: **{text(one.value)}** ({text(one.of)})" for one in section.figures)
        )
        for title, head, rows in (
            ("By severity", _SEVERITY_HEAD, section.severities),
            ("Recurring", _RECURRING_HEAD, section.recurring),
            ("Each", INCIDENT_HEAD, section.incidents),
        ):
            if rows:
                blocks += [f"### {title}", text_table(head, rows)]
    return "\n\n".join(blocks) + "\n"


def incident_lines(report: IncidentReport, listed: Sequence[str]) -> list[str]:
    """The figures for a terminal, and under them ``listed``."""
    lines = [window_line(report)]
    for section in sections_of(report):
        lines += ["", section.title.lower()]
        lines += [f"  {one.label:15} {one.value}  ({one.of})" for one in section.figures]
    return [*lines, "", *listed]


def _mean(mean: MeanSeconds) -> str:
    return human.duration(mean.seconds) if mean.seconds is not None else human.NO_DATA


def _of(mean: MeanSeconds) -> str:
    return f"mean of {mean.of}"
