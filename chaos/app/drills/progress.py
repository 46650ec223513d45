"""``drill.json`` while a drill goes on, so that a drill that is killed can be resumed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from chaos.app.command_context import CommandContext
from chaos.app.drills.parts import part_of_outcome
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.drill import Drill, write_progress
from chaos.errors import BadInput, EnvironmentProblem, Problem
from chaos.evidence import unseal
from chaos.files import make_folder
from chaos.model.plan import Plan


class FolderLock:
    """Lets only one gameday process write into the folder of a drill. The lock ends with the process."""

    def __init__(self) -> None:
        self._handle: int | None = None

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def take(self, folder: Path, shown: str) -> None:
        """Lock ``folder``, which messages call ``shown``. Does nothing if it was taken before, or if its file
        system has no locks. Raises ``BadInput`` while another process holds it, or if it is no folder.
        """
        if self._handle is not None:
            return
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            message = f"cannot open the folder: {error}"
            raise BadInput([Problem.about(shown, message, "name the folder of a drill")]) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            message = "another gameday process is running this drill"
            raise BadInput([Problem.about(shown, message, "wait until it has ended")]) from error
        except OSError:
            os.close(handle)
            return
        self._handle = handle


class DrillProgress:
    """Keeps ``drill.json`` up to date from the first scenario on. The folder has no seal before its report.

    ``plans``: those to run, by the index of the part in ``drill``. It is the ``RunsListener`` of these plans,
    in this order.
    """

    def __init__(
        self,
        drill: Drill,
        folder: Path,
        plans: Mapping[int, Plan],
        lock: FolderLock,
        context: CommandContext,
    ) -> None:
        self._drill = drill
        self._folder = folder
        self._plans = tuple(plans.items())
        self._lock = lock
        self._context = context

    def began(self) -> None:
        """Raises ``EnvironmentProblem`` if it cannot write to the folder; the caller then starts nothing."""
        make_folder(self._folder)
        shown = self._context.shown(self._folder)
        self._lock.take(self._folder, shown)
        unseal(self._folder)
        write_progress(self._drill, self._folder)
        self._context.say(f"drill: if it is interrupted, gameday drill --resume {shown} continues it")

    def ended(self, index: int, outcome: RunOutcome) -> None:
        """Reports a file that cannot be written, and continues: the report at the end decides."""
        number, plan = self._plans[index]
        parts = list(self._drill.parts)
        parts[number] = part_of_outcome(plan, outcome)
        self._drill = replace(self._drill, parts=tuple(parts))
        try:
            write_progress(self._drill, self._folder)
        except EnvironmentProblem as error:
            self._context.complain(f"gameday: drill: {error}")
