"""What earlier runs and the detector left: rows of run folders, of the history, and incidents. Reads only."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from chaos.errors import BadInput, DamagedRecording, Problem
from chaos.files import exists, is_folder, read_file
from chaos.history import FILE_NAME, History, RunRow, open_history, read_verdict, run_row
from chaos.incidents import FILE_NAME as INCIDENTS
from chaos.incidents import Incidents, open_incidents
from chaos.journal import load_recording
from chaos.model.base import is_folder_name
from chaos.model.incidents import Incident
from chaos.model.past import PastDrill
from chaos.model.run_files import PLAN, VERDICT
from chaos.model.verdict import Verdict
from chaos.verdict import judge

T = TypeVar("T")


def row_of_folder(folder: Path, *, judged: bool = False) -> RunRow:
    """The row of one run folder: its recording, and its stored verdict.

    ``judged``: accept only a folder with a verdict.json; else judge a folder without one, and write nothing.
    Raises ``BadInput`` if it is not a run folder, ``DamagedRecording`` if it cannot be read.
    """
    folder = folder.resolve()
    recording = load_recording(folder)
    if not recording.events:
        raise DamagedRecording("the journal of this run is empty")
    verdict = _stored_verdict(folder / VERDICT)
    if verdict is None and judged:
        raise DamagedRecording("it was never judged")
    return run_row(recording, verdict or judge(recording), folder.name)


def row_of_name(name: str, cwd: Path, history: Path) -> RunRow:
    """The run that a user means: a run folder, or the id of a run in the history.

    Raises ``BadInput`` if it is neither, or an id that two runs share.
    """
    if is_folder(cwd / name):
        return row_of_folder(cwd / name)
    found: tuple[RunRow, ...] = ()
    if exists(history):
        with open_history(history) as kept:
            found = kept.runs_named(name)
    if len(found) == 1:
        return found[0]
    if found:
        folders = ", ".join(row.folder for row in found)
        raise BadInput([Problem.about(name, "several runs have this id", f"name the folder: {folders}")])
    message = "neither a run folder nor the id of a run in the history"
    raise BadInput([Problem.about(name, message, "gameday history lists the ids")])


def without_replaced(folders: Sequence[Path]) -> list[Path]:
    """``folders`` without the run folders that the run of another one replaces (``Plan.rerun_of``)."""
    replaced = {(folder.resolve().parent / name) for folder in folders if (name := _replaces(folder))}
    return [folder for folder in folders if folder.resolve() not in replaced]


def _replaces(folder: Path) -> str:
    """ "" also for a plan that cannot be read: whoever reads the whole folder reports that."""
    try:
        plan = json.loads(read_file(folder / PLAN))
    except (OSError, ValueError, RecursionError):
        return ""
    name = plan.get("rerun_of") if isinstance(plan, dict) else None
    return name if isinstance(name, str) and is_folder_name(name) else ""


def kept_runs(reports: Path) -> tuple[RunRow, ...]:
    """The runs of the history under ``reports``; none if there is no history yet."""
    return _kept(reports, History.runs)


def kept_drills(reports: Path) -> tuple[PastDrill, ...]:
    """The whole drills of the history under ``reports``; none if there is no history yet."""
    return _kept(reports, History.drills)


def _kept(reports: Path, read: Callable[[History], tuple[T, ...]]) -> tuple[T, ...]:
    path = reports / FILE_NAME
    if not exists(path):
        return ()
    with open_history(path) as history:
        return read(history)


def kept_incidents(reports: Path) -> tuple[Incident, ...] | None:
    """The incidents under ``reports``; None if there is no list of them. Runs create it too, for those that
    they caused: ``watched_times`` says when a detector looked.
    """
    return _kept_incidents(reports, Incidents.all)


def watched_times(reports: Path) -> tuple[tuple[float, float], ...]:
    """From when to when detectors looked for incidents, in seconds since the epoch."""
    return _kept_incidents(reports, Incidents.watched) or ()


def _kept_incidents(reports: Path, read: Callable[[Incidents], tuple[T, ...]]) -> tuple[T, ...] | None:
    path = reports / INCIDENTS
    if not exists(path):
        return None
    with open_incidents(path) as incidents:
        return read(incidents)


def existing_history(reports: Path) -> History:
    """The history under ``reports``, for a command that needs one.

    Raises ``BadInput`` if it does not exist, and whatever ``open_history`` raises.
    """
    path = reports / FILE_NAME
    if not exists(path):
        fix = "gameday run creates it; gameday history --rebuild creates it from existing run folders"
        raise BadInput([Problem.about(str(path), "the history does not exist", fix)])
    return open_history(path)


def _stored_verdict(path: Path) -> Verdict | None:
    try:
        return read_verdict(read_file(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedRecording(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DamagedRecording(f"{path.name} cannot be read") from error
