"""What people did during a run, one line for each action."""

from __future__ import annotations

from chaos.report.row_kind import RowKind
from chaos.timeline.steered import (
    ControlRefused,
    InjectedNow,
    NoteWritten,
    RunHeld,
    RunResumed,
    because,
    by,
)


def people_line(event: object, names: dict[int, str]) -> tuple[RowKind, str] | None:
    """Kind and text of an event that a person caused, else None. ``names``: the planned faults by index."""
    match event:
        case RunHeld():
            return RowKind.PEOPLE, f"held{by(event.author)}{because(event.reason)}"
        case RunResumed():
            return RowKind.PEOPLE, f"resumed{by(event.author)}{because(event.reason)}"
        case InjectedNow():
            name = names.get(event.index, "a fault")
            return (
                RowKind.PEOPLE,
                f"{name} injected early{by(event.author)}; it was due at {event.planned:.1f} s",
            )
        case NoteWritten():
            return RowKind.PEOPLE, f"note{by(event.author)}: {event.text}"
        case ControlRefused():
            return RowKind.PEOPLE, f"{event.action}{by(event.author)} was refused: {event.reason}"
        case _:
            return None
