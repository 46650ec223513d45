"""The union of all events in a game day's journal. On disk, the field ``event`` names the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.event_base import DayEvent

PeopleEvent = (
    people.Joined
    | people.Heard
    | people.DrillAlertAsked
    | people.Predicted
    | people.Noticed
    | people.Acknowledged
    | people.Declared
    | people.DutyTaken
    | people.Escalated
    | people.Answered
    | people.StepTicked
    | people.Decided
    | people.Stuck
    | people.Unstuck
    | people.Mitigated
    | people.Resolved
    | people.MessageSent
    | people.NoteAdded
    | people.InjectPlayed
    | people.InjectSkipped
    | people.FaultAsked
    | people.SlotAsked
    | people.SlotClosed
    | people.SlotSkipped
    | people.Held
    | people.Continued
    | people.Aborted
    | people.ExpectationJudged
    | people.Revealed
    | people.Corrected
)
MachineEvent = (
    machine.DayOpened
    | machine.DayDrawn
    | machine.ServerStarted
    | machine.DrillAlertReported
    | machine.SlotStarted
    | machine.TimelineBegan
    | machine.FaultChanged
    | machine.AlertNotified
    | machine.HealthSeen
    | machine.ClientsSeen
    | machine.RunReported
    | machine.SlotEnded
    | machine.SlotJudged
)
Event = Annotated[PeopleEvent | MachineEvent, Field(discriminator="event")]
EVENT: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))

# Fields with names that gameday itself chose; they must stay as they are.
_REFERENCES = frozenset({"id", "event", "folder"})


def freed(event: DayEvent, hide: Callable[[str], str]) -> Event:
    """A copy of ``event`` with ``hide``, which removes secrets, applied to its string fields.

    It leaves enums and ``_REFERENCES`` as they are. Raises ``ValidationError`` if a text becomes longer than
    its field allows.
    """
    texts: dict[str, object] = {}
    for name, value in event:
        if name in _REFERENCES:
            continue
        if type(value) is str:  # an enum's type is another: its value is one of gameday's own words
            texts[name] = hide(value)
        elif isinstance(value, tuple):
            texts[name] = tuple(hide(each) if type(each) is str else each for each in value)
    return EVENT.validate_python(event.model_dump() | texts)
