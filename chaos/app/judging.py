"""From a stored run folder to its verdict and its reports; no Docker anywhere near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.errors import EnvironmentProblem, ExitCode
from chaos.evidence import MANIFEST
from chaos.journal import load_recording
from chaos.model.verdict import Outcome, Verdict
from chaos.report import Broken, write_reports, write_summary
from chaos.timeline.recording import Recording
from chaos.verdict import judge, verdict_json

VERDICT = "verdict.json"
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
    stored: bool = True  # verdict.json holds this verdict


def judge_folder(folder: Path) -> Judged:
    """Judge the recording and store verdict.json: the same bytes for the same recording.

    A sealed folder is never written to: what its verdict.json holds differs only if somebody changed it, or
    another version of gameday judges differently.
    """
    recording = load_recording(folder)
    judged = Judged(folder, recording, judge(recording))
    if not (folder / MANIFEST).exists():
        store_verdict(judged)
        return judged
    return replace(judged, stored=_holds(folder / VERDICT, verdict_json(judged.verdict)))


def store_verdict(judged: Judged) -> Path:
    """Write verdict.json. Raises ``EnvironmentProblem``."""
    path = judged.folder / VERDICT
    try:
        path.write_text(verdict_json(judged.verdict), encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path.name} cannot be written: {error.strerror or error}",
            "free some space under the reports folder",
        ) from error
    return path


def report_folder(judged: Judged) -> tuple[Path, ...]:
    """Draw a judged run; the paths of its reports."""
    return write_reports(judged.recording, judged.verdict, judged.folder)


def summarise(runs: Sequence[Judged], folder: Path, broken: Sequence[Broken] = ()) -> tuple[Path, ...]:
    """One page over several runs, and over those that left nothing to judge."""
    return write_summary([(run.recording, run.verdict, run.folder) for run in runs], folder, broken)


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode("utf-8")
    except OSError:
        return False
