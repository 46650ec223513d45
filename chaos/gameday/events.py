"""Every event of a game day's journal; ``event`` names the class on disk."""

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

# Texts that refer to something by a name that gameday itself gave.
_REFERENCES = frozenset({"id", "event", "folder"})


def freed(event: DayEvent, hide: Callable[[str], str]) -> Event:
    """``event`` with every text of it passed through ``hide``, which removes secrets.

    Raises ``ValidationError`` if a text is longer afterwards than it may be.
    """
    texts = {
        name: hide(value) for name, value in event if type(value) is str and name not in _REFERENCES
    }  # an Enum is one of gameday's own words, and no plain str
    return EVENT.validate_python(event.model_dump() | texts)
