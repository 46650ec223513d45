"""The debrief of a game day from its folder: an HTML file, and what the live page shows."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from chaos.app.command_context import CommandContext
from chaos.console.pages import asset, draw
from chaos.errors import BadInput, ExitCode, GamedayError, Problem
from chaos.files import files_in, read_any_text, read_file, write_file
from chaos.gameday.around import RecordingExcerpt, around
from chaos.gameday.debrief import Debrief, debrief
from chaos.gameday.events import Event
from chaos.gameday.fold import fold
from chaos.gameday.journal import FILE_NAME, read_journal
from chaos.gameday.load import LoadedDay, load_game_day
from chaos.gameday.machine_events import DayDrawn, DayOpened
from chaos.gameday.people_events import Revealed
from chaos.journal import load_recording
from chaos.report import human
from chaos.timeline.recording import Recording

REPORT = "debrief.html"
SOURCE = "source.txt"  # the path of the game-day file, and of the stack if one was given: a line each
_LOGS_AT_MOST = 20_000  # lines of one service

Logs = dict[str, tuple[tuple[float, str], ...]]


@dataclass
class FolderDebriefs:
    """Debriefs from a day's folder and the run folders beside it; recordings are read once."""

    reports: Path
    loaded: LoadedDay
    titles: tuple[str, ...]
    runbooks: dict[str, str]
    events: Sequence[Event] = ()
    _read: dict[str, tuple[Recording, Logs]] = field(default_factory=dict)

    def debrief(self, anonymous: bool = False) -> Debrief:
        return debrief(
            self.events, self.loaded.day, self.loaded.policy, self.titles, self.runbooks, anonymous
        )

    def around(self, slot: int, at: float) -> RecordingExcerpt:
        """Raises nothing: ``problem`` of the answer says what could not be read."""
        state = fold(self.events)
        judged = state.slots[slot].judged if 0 <= slot < len(state.slots) else None
        if judged is None or not judged.folder:
            return RecordingExcerpt(at, problem="The scenario left no recording.")
        try:
            if judged.folder not in self._read:
                folder = self.reports / judged.folder
                self._read[judged.folder] = load_recording(folder), read_logs(folder / "logs")
            recording, logs = self._read[judged.folder]
        except GamedayError as error:
            return RecordingExcerpt(at, problem=str(error))
        return around(recording, at, logs)


def read_logs(folder: Path) -> Logs:
    """Service -> lines with their instants; lines without an instant are left out. Raises ``BadInput``."""
    found: Logs = {}
    for path in files_in(folder, "*.log"):
        lines: list[tuple[float, str]] = []
        for line in read_any_text(path).splitlines()[-_LOGS_AT_MOST:]:
            stamp, _, text = line.partition(" ")
            with suppress(ValueError):  # a line that the engine did not stamp
                lines.append((_instant(stamp), text))
        found[path.stem] = tuple(lines)
    return found


def _instant(stamp: str) -> float:
    """Seconds since the epoch of ``2026-01-31T09:30:00.123456789Z``."""
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def write_debrief(folder: Path, source: FolderDebriefs, anonymous: bool = False) -> Path:
    """Draw ``debrief.html`` in the day's folder. Raises ``EnvironmentProblem``."""
    made = source.debrief(anonymous)
    moments = {}
    for slot in made.slots:
        for mark in slot.marks:
            near = source.around(slot.number - 1, mark.at)
            moments[mark.id] = (*near.faults, *near.alerts, *near.breakers, *near.ledger, *near.requests)
            moments[mark.id] += near.logs[:10]
    css = Markup(asset("console.css").decode())  # gameday's own file, no text from outside
    html = draw("debrief_file.html.j2", debrief=made, css=css, moments=moments)
    return write_file(folder / REPORT, html)


def runbooks_of(loaded: LoadedDay) -> dict[str, str]:
    """Name -> text of every runbook of the day's stacks. Raises ``BadInput`` for one that cannot be read."""
    found = {}
    for index in range(len(loaded.scenarios)):
        folder = loaded.runbook_folder(index)
        for path in files_in(folder, "*.md") if folder else ():
            found[path.stem] = read_any_text(path)
    return found


def debriefs_of(loaded: LoadedDay, reports: Path) -> FolderDebriefs:
    """``reports``: the folder that holds the run folders."""
    titles = tuple(
        slot.title or one.scenario.title
        for slot, one in zip(loaded.day.scenarios, loaded.scenarios, strict=True)
    )
    return FolderDebriefs(reports, loaded, titles, runbooks_of(loaded))


@dataclass(frozen=True)
class DaySource:
    """The files that a day was hosted from. ``stack``: the value of ``--stack``."""

    file: Path
    stack: Path | None = None

    @property
    def text(self) -> str:
        """As it is stored in ``SOURCE``: absolute paths, a line each."""
        return "\n".join(str(path.resolve()) for path in (self.file, self.stack) if path is not None)


def source_of(folder: Path, shown: str) -> DaySource:
    """The files that a day's folder was hosted from. ``BadInput`` if ``folder`` (``shown``) holds no day."""
    try:
        file, _, stack = os.fsdecode(read_file(folder / SOURCE)).strip().partition("\n")
        return DaySource(Path(file), Path(stack) if stack else None)
    except OSError as error:
        problem = Problem.about(shown, f"no game day: {error.strerror}", "name the folder of a game day")
        raise BadInput([problem]) from None


def refuse_other_file(events: Sequence[Event], loaded: LoadedDay) -> None:
    """Raises ``BadInput`` if the game-day file does not have the scenarios of the day in the journal: it was
    changed since, or the journal was.
    """
    opened = next((event for event in events if isinstance(event, DayOpened)), None)
    drawn = next((event for event in events if isinstance(event, DayDrawn)), None)
    now = len(loaded.scenarios)
    played = now if opened is None else opened.slots
    if played != now or (drawn is not None and sorted(drawn.order) != list(range(now))):
        has = human.count(now, "scenario")
        message = f"this file has {has}, and the journal of the day is of {played}, or in another order"
        raise BadInput(
            [Problem.about(loaded.file, message, "restore the file with which the day was hosted")]
        )


def stored_day(
    folder: Path, shown: str, context: CommandContext, events: Sequence[Event] | None = None
) -> FolderDebriefs:
    """The day in a folder that ``gameday host`` made. Prints a warning if the plan was not revealed yet.
    ``events``: of its journal; None: this function reads them.

    Raises ``BadInput`` for a folder without a day (called ``shown``), and for a game-day file that is missing
    or wrong; ``DamagedRecording`` for a journal that cannot be read.
    """
    source = source_of(folder, shown)
    events = read_journal(folder / FILE_NAME) if events is None else events
    if not any(isinstance(event, DayOpened) for event in events):
        raise BadInput([Problem.about(shown, "this game day never started", "start it with gameday host")])
    loaded = load_game_day(context.cwd / source.file, fold(events).clock.pace, source.stack)
    refuse_other_file(events, loaded)
    found = debriefs_of(loaded, folder.resolve().parent.parent)
    found.events = events
    if not any(isinstance(event, Revealed) for event in events):
        context.complain("gameday: the plan of this day was not revealed to its participants")
    return found


def run_debrief(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Draw the debrief of a stored day again, also without names."""
    folder: Path = context.cwd / arguments.folder
    found = stored_day(folder, str(arguments.folder), context)
    context.say(f"debrief: {context.shown(write_debrief(folder, found, arguments.anonymous))}")
    return ExitCode.PASS
