"""From a stored run folder to its verdict and its reports; no Docker anywhere near."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaos.errors import EnvironmentProblem, ExitCode
from chaos.journal import load_recording
from chaos.model.verdict import Outcome, Verdict
from chaos.report import write_reports, write_summary
from chaos.timeline.recording import Recording
from chaos.verdict import judge, verdict_json

OUTCOME_EXIT = {
    Outcome.PASS: ExitCode.PASS,
    Outcome.FAIL: ExitCode.FAIL,
    Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Outcome.ABORTED: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True)
class Judged:
    """A run folder with what was made of it."""

    folder: Path
    recording: Recording
    verdict: Verdict


def judge_folder(folder: Path) -> Judged:
    """Judge the recording and store verdict.json: the same bytes for the same recording."""
    recording = load_recording(folder)
    verdict = judge(recording)
    _store(folder / "verdict.json", verdict_json(verdict))
    return Judged(folder, recording, verdict)


def report_folder(judged: Judged) -> tuple[Path, ...]:
    """Draw a judged run; the paths of its reports."""
    return write_reports(judged.recording, judged.verdict, judged.folder)


def summarise(runs: list[Judged], folder: Path) -> tuple[Path, ...]:
    """One page over several runs."""
    return write_summary([(run.recording, run.verdict, run.folder) for run in runs], folder)


def _store(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path.name} cannot be written: {error.strerror or error}",
            "free some space under the reports folder",
        ) from error
