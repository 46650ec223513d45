"""Writes the reports of a run, and the summary of several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos.files import make_folder, write_file
from chaos.model.past import PastRuns
from chaos.model.verdict import Verdict
from chaos.report.broken import BrokenRun
from chaos.report.findings import KnownFindings
from chaos.report.format import draw_all, formats
from chaos.report.junit import junit_xml
from chaos.report.summary import rows_of, summary_html, summary_json, summary_markdown
from chaos.report.view import build
from chaos.timeline.recording import Recording


def write_reports(
    recording: Recording,
    verdict: Verdict,
    folder: Path,
    past: PastRuns | None = None,
    known: KnownFindings | None = None,
) -> tuple[Path, ...]:
    """Write the report in every installed format into the run folder; return the paths, the HTML first.

    ``past``: the run beside earlier ones, None where there is no history. ``known``: the findings of its
    scenario, None where no list of findings exists.
    Raises ``EnvironmentProblem`` when the disk is full or the folder cannot be written, and ``ToolProblem``
    when a format could not be drawn; the others are written by then.
    """
    drawn = draw_all(build(recording, verdict, past, known), formats())
    paths = write_texts(folder, drawn.files)
    if drawn.problems:
        raise drawn.problems[0]
    return paths


def write_summary(
    runs: Sequence[tuple[Recording, Verdict, Path]],
    folder: Path,
    broken: Sequence[BrokenRun] = (),
    pasts: Sequence[PastRuns | None] = (),
    known: Sequence[KnownFindings | None] = (),
) -> tuple[Path, ...]:
    """Write index.html, summary.md, summary.json and junit.xml; each ``Path`` is a run folder.

    ``broken``: scenarios of this command that left nothing to judge. ``pasts``: each run beside
    earlier ones, in the order of ``runs``; empty where there is no history. ``known``: the findings of each
    run's scenario, in that order too; empty where no list of findings exists.
    Raises ``EnvironmentProblem`` when the disk is full or the folder cannot be written.
    """
    views = [
        (build(recording, verdict, past, found), run_folder)
        for (recording, verdict, run_folder), past, found in zip(
            runs, pasts or [None] * len(runs), known or [None] * len(runs), strict=True
        )
    ]
    rows = rows_of(views, folder)
    return write_texts(
        make_folder(folder),
        {
            "index.html": summary_html(rows, broken),
            "summary.md": summary_markdown(rows, broken),
            "summary.json": summary_json(rows, broken),
            "junit.xml": junit_xml([view for view, _ in views], broken),
        },
    )


def write_texts(folder: Path, texts: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write each text under its name into an existing folder. Raises ``EnvironmentProblem``."""
    remedy = f"free some space, or make {folder} writable; gameday report draws the run again"
    return tuple(write_file(folder / name, text, remedy) for name, text in texts.items())
