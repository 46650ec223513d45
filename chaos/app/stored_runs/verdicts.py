"""Judges a stored run folder and draws its reports; needs no engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.errors import DamagedRecording, GamedayError
from chaos.evidence import MANIFEST, read_manifest
from chaos.files import exists, files_in, is_device, is_folder, read_file, write_file
from chaos.journal import load_recording
from chaos.model.past import PastRuns
from chaos.model.run_files import VERDICT
from chaos.model.verdict import Verdict
from chaos.report import BrokenRun, KnownFindings, write_reports, write_summary
from chaos.timeline.recording import Recording
from chaos.verdict import judge, verdict_json


@dataclass(frozen=True)
class JudgedRun:
    """A run folder with its recording and verdict."""

    folder: Path
    recording: Recording
    verdict: Verdict
    stored: bool = True  # verdict.json holds this verdict


def judge_folder(folder: Path) -> JudgedRun:
    """Judge the recording and store verdict.json: the same bytes for the same recording.

    In a sealed folder only a verdict.json that is gone is written, and only as it was sealed. One that
    differs was changed, or another version of gameday judges differently: it stays as it is.

    Raises what ``load_recording`` raises, and ``DamagedRecording`` for a folder or a device in the place of
    a file that is made from the recording.
    """
    recording = load_recording(folder)
    _refuse_what_is_no_file(folder)
    judged = JudgedRun(folder, recording, judge(recording))
    text = verdict_json(judged.verdict)
    if not exists(folder / MANIFEST) or (not exists(folder / VERDICT) and _was_sealed(folder, text)):
        store_verdict(judged)
        return judged
    return replace(judged, stored=_holds(folder / VERDICT, text))


def store_verdict(judged: JudgedRun) -> Path:
    """Write verdict.json. Raises ``EnvironmentProblem``."""
    return write_file(judged.folder / VERDICT, verdict_json(judged.verdict))


def report_folder(
    judged: JudgedRun, past: PastRuns | None = None, known: KnownFindings | None = None
) -> tuple[Path, ...]:
    """Draw a judged run, beside earlier ones and with its scenario's findings where they are known; the
    paths of its reports.
    """
    return write_reports(judged.recording, judged.verdict, judged.folder, past, known)


def summarise(
    runs: Sequence[JudgedRun],
    folder: Path,
    broken: Sequence[BrokenRun] = (),
    pasts: Sequence[PastRuns | None] = (),
    known: Sequence[KnownFindings | None] = (),
) -> tuple[Path, ...]:
    """One page for several runs, including those that left nothing to judge. ``pasts`` and ``known``
    belong to ``runs``.
    """
    return write_summary(
        [(run.recording, run.verdict, run.folder) for run in runs], folder, broken, pasts, known
    )


def _refuse_what_is_no_file(folder: Path) -> None:
    for path in (folder / VERDICT, *files_in(folder, "report.*"), folder / "junit.xml"):
        if is_folder(path) or is_device(path):
            raise DamagedRecording(f"{path}: expected a file, and this is none: remove it")


def _was_sealed(folder: Path, text: str) -> bool:
    """Is this the verdict.json that the folder's manifest lists?"""
    try:
        manifest = read_manifest(read_file(folder / MANIFEST))
    except (OSError, GamedayError):
        return False
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return any(entry.path == VERDICT and entry.sha256 == digest for entry in manifest.files)


def _holds(path: Path, text: str) -> bool:
    try:
        return read_file(path) == text.encode("utf-8")
    except OSError:
        return False
