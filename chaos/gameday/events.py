"""Every event of a game day's journal; ``event`` names the class on disk."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people

PeopleEvent = (
    people.Joined
    | people.Heard
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
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
