"""Events that people cause. Each class says who may cause it and who sees it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.gameday.event_base import (
    ACTIVE,
    CONTROL,
    EVERYBODY,
    LONGEST_TEXT,
    Audience,
    DayEvent,
    Role,
    Said,
)
from chaos.model.base import Instant
from chaos.model.scenario import Severity

COMMAND = frozenset({Role.COMMANDER, Role.FACILITATOR})
HANDS = frozenset({Role.RESPONDER, Role.COMMANDER})


class Source(StrEnum):
    """How a person learned of a problem."""

    PAGE = "page"
    CHAT = "chat"
    DASHBOARD = "dashboard"
    USER = "user"


class StepResult(StrEnum):
    WORKED = "worked"
    FAILED = "did not work"
    SKIPPED = "skipped"


class Missing(StrEnum):
    """What a person who is stuck lacks."""

    METRIC = "metric"
    LOG = "log"
    ACCESS = "access"
    OWNER = "owner"
    RUNBOOK = "runbook"
    SKILL = "skill"


class Duty(StrEnum):
    """A task in the incident that a person takes and hands over."""

    COMMANDER = "incident commander"
    OPERATIONS = "operations"
    COMMUNICATION = "communication"
    SCRIBE = "scribe"


class Joined(DayEvent):
    by: ClassVar = EVERYBODY
    event: Literal["joined"] = "joined"


class Heard(DayEvent):
    """A participant confirms that the test page of the lobby arrived."""

    by: ClassVar = EVERYBODY
    event: Literal["heard"] = "heard"


class DrillAlertAsked(DayEvent):
    """The facilitator sends a test alert through the real path of notifications."""

    by: ClassVar = CONTROL
    event: Literal["drill_alert_asked"] = "drill_alert_asked"


class Predicted(Said):
    """Made before the scenario runs; sealed until the reveal. ``words``: what users will see.

    ``minutes``: policy minutes from the fault to the alert; None: no alert is expected.
    """

    audience: ClassVar = Audience.OWN
    by: ClassVar = EVERYBODY
    event: Literal["predicted"] = "predicted"
    alert: str = Field(default="", max_length=200)
    minutes: float | None = Field(default=None, ge=0, le=600, allow_inf_nan=False)


class Noticed(Said):
    by: ClassVar = HANDS
    event: Literal["noticed"] = "noticed"
    how: Source = Source.DASHBOARD


class Acknowledged(Said):
    by: ClassVar = HANDS
    event: Literal["acknowledged"] = "acknowledged"
    alert: str = Field(default="", max_length=200)
    how: Source = Source.PAGE


class Declared(Said):
    """``words``: the reason for this severity."""

    by: ClassVar = frozenset({Role.COMMANDER})
    event: Literal["declared"] = "declared"
    severity: Severity


class DutyTaken(Said):
    """``words``: open points that are handed over. ``previous``: who had the duty before."""

    by: ClassVar = ACTIVE
    event: Literal["duty_taken"] = "duty_taken"
    duty: Duty
    person: str = Field(min_length=1, max_length=80)
    previous: str = Field(default="", max_length=80)


class Escalated(Said):
    """``words``: why."""

    by: ClassVar = COMMAND
    event: Literal["escalated"] = "escalated"
    to: str = Field(min_length=1, max_length=200)


class Answered(Said):
    """Whoever it was escalated to answered."""

    by: ClassVar = COMMAND
    event: Literal["answered"] = "answered"


class StepTicked(Said):
    """``step`` counts from 1 in the runbook; ``title`` is its heading. ``words``: why."""

    by: ClassVar = HANDS
    event: Literal["step_ticked"] = "step_ticked"
    runbook: str = Field(max_length=200)
    step: int = Field(ge=1, le=200)
    title: str = Field(default="", max_length=300)
    result: StepResult


class Decided(Said):
    """``words``: the reason."""

    by: ClassVar = frozenset({Role.COMMANDER})
    event: Literal["decided"] = "decided"
    options: str = Field(default="", max_length=LONGEST_TEXT)
    choice: str = Field(min_length=1, max_length=LONGEST_TEXT)
    owner: str = Field(default="", max_length=80)


class Stuck(Said):
    by: ClassVar = HANDS
    event: Literal["stuck"] = "stuck"
    missing: Missing


class Unstuck(Said):
    """Ends every stretch in which its author was stuck."""

    by: ClassVar = HANDS
    event: Literal["unstuck"] = "unstuck"


class Mitigated(Said):
    by: ClassVar = HANDS
    event: Literal["mitigated"] = "mitigated"


class Resolved(Said):
    by: ClassVar = HANDS
    event: Literal["resolved"] = "resolved"


class MessageSent(Said):
    """``words``: the text as it was sent; it carries the word DRILL. ``template``: which message it is."""

    by: ClassVar = frozenset({Role.SCRIBE, Role.COMMANDER})
    event: Literal["message_sent"] = "message_sent"
    template: str = Field(min_length=1, max_length=80)
    channel: str = Field(min_length=1, max_length=200)


class NoteAdded(Said):
    """``private``: only the facilitator sees it."""

    by: ClassVar = EVERYBODY
    event: Literal["note_added"] = "note_added"
    private: bool = False


class InjectPlayed(Said):
    """A card or a hint. ``index``: its number in the scenario's list, from 0; None: it was not planned."""

    audience: ClassVar = Audience.ADDRESSED
    by: ClassVar = CONTROL | {Role.GAMEDAY}
    event: Literal["inject_played"] = "inject_played"
    index: int | None = Field(default=None, ge=0)
    hint: bool = False
    to: tuple[Role, ...] = ()

    def without_secrets(self) -> DayEvent:
        return self.model_copy(update={"index": None})


class InjectSkipped(Said):
    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["inject_skipped"] = "inject_skipped"
    index: int = Field(ge=0)


class FaultAsked(DayEvent):
    """The next fault of the scenario is to be injected now, before its time."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["fault_asked"] = "fault_asked"


class SlotAsked(DayEvent):
    """The facilitator starts the next scenario."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["slot_asked"] = "slot_asked"


class SlotClosed(DayEvent):
    """The facilitator ends the scenario before its length is over."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["slot_closed"] = "slot_closed"


class ControlSaid(Said):
    """What the facilitator does for a reason that participants do not see before the reveal."""

    by: ClassVar = CONTROL

    def without_secrets(self) -> DayEvent:
        return self.model_copy(update={"words": ""})


class SlotSkipped(ControlSaid):
    event: Literal["slot_skipped"] = "slot_skipped"


class Held(ControlSaid):
    """Timeline and clocks stand still from here."""

    event: Literal["held"] = "held"


class Continued(DayEvent):
    """Timeline and clocks go on. gameday itself ends a hold that is longer than a run may be held."""

    by: ClassVar = CONTROL | {Role.GAMEDAY}
    event: Literal["continued"] = "continued"


class Aborted(ControlSaid):
    """The exercise ends here and everything is undone."""

    event: Literal["aborted"] = "aborted"


class ExpectationJudged(Said):
    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["expectation_judged"] = "expectation_judged"
    index: int = Field(ge=0)
    met: bool


class Revealed(DayEvent):
    """From here everybody sees everything: the debrief begins."""

    by: ClassVar = CONTROL
    event: Literal["revealed"] = "revealed"


class Corrected(Said):
    """Replaces parts of an earlier event; both stay readable. ``words``: the reason of the correction.

    ``new_at``, ``new_words``, ``new_severity``: None keeps what the event says. ``void``: it did not happen.
    """

    by: ClassVar = EVERYBODY
    event: Literal["corrected"] = "corrected"
    target: str = Field(max_length=64)
    new_at: Instant | None = None
    new_words: str | None = Field(default=None, max_length=LONGEST_TEXT)
    new_severity: Severity | None = None
    void: bool = False
