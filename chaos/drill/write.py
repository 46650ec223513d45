"""Writes the report of a drill."""

from __future__ import annotations

from pathlib import Path

from chaos.drill.markdown import drill_markdown
from chaos.drill.parts import Drill
from chaos.drill.stored import drill_json
from chaos.drill.view import DrillView, build
from chaos.evidence import DRILL_FILE
from chaos.files import make_folder, write_file
from chaos.report.broken import BrokenRun
from chaos.report.html import Theme, page
from chaos.report.junit import junit_xml
from chaos.report.view import build as build_run
from chaos.report.write import write_texts

THEME = Theme("chaos.drill", ("assets/drill.css",))


def write_drill(drill: Drill, folder: Path) -> tuple[DrillView, tuple[Path, ...]]:
    """Write report.html, report.md, drill.json and junit.xml; return the view and the paths, HTML first.

    Raises ``EnvironmentProblem`` if the disk is full or the folder cannot be written.
    """
    view = build(drill, folder)
    return view, write_texts(
        make_folder(folder),
        {
            "report.html": drill_html(view),
            "report.md": drill_markdown(view),
            DRILL_FILE: drill_json(drill, view),
            "junit.xml": _junit(drill, view),
        },
    )


def write_progress(drill: Drill, folder: Path) -> Path:
    """Write only drill.json, while the drill runs. The folder must exist.

    Raises ``EnvironmentProblem``; the previous drill.json is then still there.
    """
    return write_file(folder / DRILL_FILE, drill_json(drill, build(drill, folder)))


def drill_html(view: DrillView) -> str:
    """One offline page without a script."""
    return page("drill/report.html.j2", THEME, view=view)


def _junit(drill: Drill, view: DrillView) -> str:
    """One test suite for each scenario; a scenario without a verdict is an error and never left out."""
    judged = [part.judged for part in drill.parts if part.judged is not None]
    missing = [
        BrokenRun(scenario=run.scenario, detail=run.reason)
        for run, part in zip(view.runs, drill.parts, strict=True)
        if part.judged is None
    ]
    return junit_xml([build_run(one.recording, one.verdict) for one in judged], missing)
