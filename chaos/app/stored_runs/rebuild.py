"""``history --rebuild``: the history is rebuilt from the run folders that are there.

What is taken is each folder's verdict.json, not a new judgement: the history keeps the verdict of that time,
and a newer judge must not move the medians of old runs. (``gameday judge`` shows what it would say today.)
What the folders do not give, because they are gone or cannot be read, is carried over from the old file if
that can be read: a CI machine keeps the history, not the folders.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.past import PAST
from chaos.app.stored_runs.stored import row_of_folder
from chaos.errors import BadInput, EnvironmentProblem, ExitCode, GamedayError, Problem, RecordingProblem
from chaos.evidence import SealState, verify
from chaos.files import exists, files_in, is_file, is_folder, read_file
from chaos.history import FILE_NAME, RunRow, open_history
from chaos.model.past import PastDrill
from chaos.model.run_files import PLAN
from chaos.timing import stamp_of

Say = Callable[[str], None]


@dataclass
class _ReadFolders:
    """What was read from the folders."""

    runs: list[RunRow] = field(default_factory=list)
    drills: list[PastDrill] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # one line each: folder and why
    altered: bool = False  # a folder was changed since it was sealed


def rebuild(reports: Path, say: Say, context: CommandContext, *, unsealed: bool = False) -> ExitCode:
    """Rebuild ``history.sqlite``; the old file is kept beside it. ``say`` reports what was done.

    A folder that was changed since it was sealed is left out, unless ``unsealed``: exit code 2 either way.

    Raises ``BadInput`` if there is no such folder, and ``EnvironmentProblem`` if the new file cannot be
    written; the old one is then still in its place.
    """
    if not is_folder(reports):
        raise BadInput([Problem.about(context.shown(reports), "no such folder", "name one with --reports")])
    path = reports / FILE_NAME
    if path.is_symlink() or (exists(path) and not is_file(path)):
        raise BadInput([Problem.about(context.shown(path), "expected the file of the history", "move it")])
    found = _of_folders(reports, context, unsealed)
    old_runs, old_drills = _carried(path, found, context)
    scratch = reports / f".{FILE_NAME}.rebuild-{os.getpid()}-{secrets.token_hex(3)}"
    try:
        with open_history(scratch) as history:
            history.keep([*old_runs, *found.runs])
            history.keep_drills([*old_drills, *found.drills])
        aside = _put_in_place(scratch, path, context.clock.wall())
    finally:
        for left in (scratch, reports / f".{scratch.name}.lock"):
            with suppress(FileNotFoundError):
                left.unlink()
    say(f"history rebuilt: {len(found.runs)} runs and {len(found.drills)} drills, with their stored verdicts")
    if old_runs or old_drills:
        say(f"  carried over from the old history: {len(old_runs)} runs, {len(old_drills)} drills")
    for line in found.left_out:
        say(f"  left out: {line}")
    if aside is not None:
        say(f"  the old history is kept as {aside.name}")
    return ExitCode.INCONCLUSIVE if found.altered else ExitCode.PASS


def _of_folders(reports: Path, context: CommandContext, unsealed: bool) -> _ReadFolders:
    found = _ReadFolders()
    folders = [path for path in files_in(reports) if is_folder(path) and not path.is_symlink()]
    for folder in folders:
        try:
            drill = exists(folder / PAST)
            if not drill and not exists(folder / PLAN):
                continue  # a summary, the sample, or nothing of ours
            state = verify(folder).state
            if state in (SealState.CHANGED, SealState.UNKNOWN):
                found.altered = True
                context.complain(f"{context.shown(folder)}: {state} (gameday verify says what changed)")
                if not unsealed:
                    raise RecordingProblem("changed since it was sealed (gameday verify says what changed)")
            if drill:
                found.drills.append(_drill(folder))
            else:
                found.runs.append(row_of_folder(folder, judged=True))
        except GamedayError as error:
            found.left_out.append(f"{folder.name}: {str(error).splitlines()[0]}")
    return found


def _drill(folder: Path) -> PastDrill:
    try:
        drill = PastDrill.model_validate_json(read_file(folder / PAST))
    except (OSError, ValidationError) as error:
        raise RecordingProblem(f"{PAST} cannot be read") from error
    return drill.model_copy(update={"folder": folder.name})


def _carried(
    path: Path, found: _ReadFolders, context: CommandContext
) -> tuple[list[RunRow], list[PastDrill]]:
    """Runs and drills that only the old history holds."""
    if not exists(path):
        return [], []
    try:
        with open_history(path) as old:
            runs, drills = old.runs(), old.drills()
    except EnvironmentProblem as error:  # damaged: that is a reason to rebuild
        context.complain(f"gameday: {error}")
        return [], []
    have = {(run.run_id, run.began) for run in found.runs}
    drilled = {drill.drill for drill in found.drills}
    return [run for run in runs if (run.run_id, run.began) not in have], [
        drill for drill in drills if drill.drill not in drilled
    ]


def _second_name(path: Path, aside: Path) -> None:
    """The same file under a second name; a copy if the file system has no hard links."""
    try:
        os.link(path, aside)
    except FileExistsError:
        pass  # rebuilt within the same second
    except OSError:
        shutil.copy2(path, aside)


def _put_in_place(scratch: Path, path: Path, now: float) -> Path | None:
    """Put the new file in place, and the old one beside it; a reader always sees a complete file."""
    stamp = stamp_of(now)
    aside = path.with_name(f"{path.name}.before-rebuild-{stamp}")
    try:
        if exists(path):
            _second_name(path, aside)
        scratch.rename(path)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot replace the history {path}: {error.strerror or error}",
            "check whether gameday can write to its folder",
        ) from error
    return aside if exists(aside) else None
