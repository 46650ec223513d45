"""A game day that was played, read from its folder and from the run folders of its scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.debrief import SOURCE, stored_day
from chaos.app.stored_runs.seals import refuse_altered
from chaos.errors import BadInput, DamagedRecording, GamedayError, Problem
from chaos.files import exists, files_in, is_file, is_folder
from chaos.gameday.debrief import Debrief
from chaos.gameday.events import Event
from chaos.gameday.fold import fold
from chaos.gameday.journal import FILE_NAME, read_journal
from chaos.gameday.machine_events import DayOpened
from chaos.journal import load_recording
from chaos.post_mortem import PlayedScenario
from chaos.report.view import ReportView, build
from chaos.verdict import judge


@dataclass(frozen=True)
class PlayedDay:
    """``planned``: how many scenarios its file has. ``stacks``: name of the stack, for each that was played.

    ``altered``: a run folder was changed since it was sealed, and was not read.
    """

    name: str
    debrief: Debrief
    played: tuple[PlayedScenario, ...]
    stacks: tuple[str, ...]
    planned: int
    altered: bool


def is_day_folder(folder: Path) -> bool:
    """Did ``gameday host`` make this folder? Raises ``EnvironmentProblem`` if this user may not look."""
    return is_folder(folder) and exists(folder / SOURCE) and is_file(folder / SOURCE)


def day_journals(
    folder: Path, unread: Callable[[Path, GamedayError], None]
) -> Iterator[tuple[Path, tuple[Event, ...]]]:
    """Each game day below ``folder`` that was started, with its events, in the order of the names.

    A journal that cannot be read is passed to ``unread`` and left out.
    """
    for day in files_in(folder):
        try:
            if not is_day_folder(day):
                continue
            events = read_journal(day / FILE_NAME)
        except GamedayError as error:
            unread(day, error)
            continue
        if any(isinstance(event, DayOpened) for event in events):
            yield day, events
        elif events:
            unread(day, DamagedRecording("the journal does not say how the day began"))


def played_day(folder: Path, shown: str, context: CommandContext, *, unsealed: bool = True) -> PlayedDay:
    """Read a day. Reports a run folder that is missing or cannot be read; its figures are then missing too.

    Raises ``BadInput`` for a day on which no scenario was played, and whatever ``stored_day`` raises.
    """
    source = stored_day(folder, shown, context)
    debrief = source.debrief()
    if not debrief.slots:
        problem = Problem.about(
            shown, "no scenario was played on this game day", "play one with gameday host"
        )
        raise BadInput([problem])
    order = fold(source.events).order
    altered = False
    played: list[PlayedScenario] = []
    stacks: list[str] = []
    for slot in debrief.slots:
        loaded = source.loaded.scenarios[order[slot.number - 1] if order else slot.number - 1]
        judged = slot.slot.judged
        run = source.reports / judged.folder if judged is not None and judged.folder else None
        if run is not None and is_folder(run) and refuse_altered(run, context, unsealed=unsealed):
            altered, run = True, None
        view = None if run is None else _view(run, context)
        played.append(PlayedScenario(loaded.scenario.scenario, slot, view))
        stacks.append(loaded.stack.stack)
    planned = len(source.loaded.scenarios)
    return PlayedDay(folder.resolve().name, debrief, tuple(played), tuple(stacks), planned, altered)


def _view(run: Path, context: CommandContext) -> ReportView | None:
    try:
        recording = load_recording(run)
        return build(recording, judge(recording))
    except GamedayError as error:
        context.complain(f"gameday: the run of a scenario is left out: {str(error).splitlines()[0]}")
        return None
