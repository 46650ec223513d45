"""Events that people cause. ``by``: the roles that may cause an event. ``audience``: who sees it."""

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
    WordedEvent,
)
from chaos.model.base import Instant
from chaos.model.scenario import Severity

COMMAND = frozenset({Role.COMMANDER, Role.FACILITATOR})
HANDS = frozenset({Role.RESPONDER, Role.COMMANDER})


class NoticeSource(StrEnum):
    """How a person learned of a problem."""

    PAGE = "page"
    CHAT = "chat"
    DASHBOARD = "dashboard"
    USER = "user"


class StepResult(StrEnum):
    """The result of one runbook step."""

    WORKED = "worked"
    FAILED = "did not work"
    SKIPPED = "skipped"


class Missing(StrEnum):
    """What a stuck person lacks."""

    METRIC = "metric"
    LOG = "log"
    ACCESS = "access"
    OWNER = "owner"
    RUNBOOK = "runbook"
    SKILL = "skill"


class IncidentRole(StrEnum):
    """A role in the incident response, which one person hands over to another."""

    COMMANDER = "incident commander"
    OPERATIONS = "operations"
    COMMUNICATION = "communication"
    SCRIBE = "scribe"


class Joined(DayEvent):
    by: ClassVar = EVERYBODY
    event: Literal["joined"] = "joined"


class Heard(DayEvent):
    """A participant confirms that the lobby's test page arrived."""

    by: ClassVar = EVERYBODY
    event: Literal["heard"] = "heard"


class DrillAlertAsked(DayEvent):
    """The facilitator asks for a test alert through the real notification path."""

    by: ClassVar = CONTROL
    event: Literal["drill_alert_asked"] = "drill_alert_asked"


class Predicted(WordedEvent):
    """A prediction, made before the scenario runs. Other participants do not see it before the reveal.

    ``alert``: empty if no alert is expected. ``minutes``: policy minutes from the fault to the alert; None if
    not given. ``words``: what users will see.
    """

    audience: ClassVar = Audience.OWN
    by: ClassVar = EVERYBODY
    event: Literal["predicted"] = "predicted"
    alert: str = Field(default="", max_length=200)
    minutes: float | None = Field(default=None, ge=0, le=600, allow_inf_nan=False)


class Noticed(WordedEvent):
    """A person noticed a problem."""

    by: ClassVar = HANDS
    event: Literal["noticed"] = "noticed"
    how: NoticeSource = NoticeSource.DASHBOARD


class Acknowledged(WordedEvent):
    """A person acknowledged an alert. ``alert``: empty if the person did not name one."""

    by: ClassVar = HANDS
    event: Literal["acknowledged"] = "acknowledged"
    alert: str = Field(default="", max_length=200)
    how: NoticeSource = NoticeSource.PAGE


class Declared(WordedEvent):
    """The commander declared a severity. ``words``: the reason for it."""

    by: ClassVar = frozenset({Role.COMMANDER})
    event: Literal["declared"] = "declared"
    severity: Severity


class DutyTaken(WordedEvent):
    """``person`` took over ``duty``. ``previous``: who had it before. ``words``: what is still open."""

    by: ClassVar = ACTIVE
    event: Literal["duty_taken"] = "duty_taken"
    duty: IncidentRole
    person: str = Field(min_length=1, max_length=80)
    previous: str = Field(default="", max_length=80)


class Escalated(WordedEvent):
    """The incident was escalated ``to`` a person or team. ``words``: the reason."""

    by: ClassVar = COMMAND
    event: Literal["escalated"] = "escalated"
    to: str = Field(min_length=1, max_length=200)


class Answered(WordedEvent):
    """The person or team to which the incident was escalated answered."""

    by: ClassVar = COMMAND
    event: Literal["answered"] = "answered"


class StepTicked(WordedEvent):
    """A person did or skipped a runbook step. ``step`` counts from 1. ``words``: the reason."""

    by: ClassVar = HANDS
    event: Literal["step_ticked"] = "step_ticked"
    runbook: str = Field(max_length=200)
    step: int = Field(ge=1, le=200)
    title: str = Field(default="", max_length=300)
    result: StepResult


class Decided(WordedEvent):
    """The commander decided something. ``options``: what was considered. ``words``: the reason."""

    by: ClassVar = frozenset({Role.COMMANDER})
    event: Literal["decided"] = "decided"
    options: str = Field(default="", max_length=LONGEST_TEXT)
    choice: str = Field(min_length=1, max_length=LONGEST_TEXT)
    owner: str = Field(default="", max_length=80)


class Stuck(WordedEvent):
    """The author cannot continue. ``missing``: what the author lacks."""

    by: ClassVar = HANDS
    event: Literal["stuck"] = "stuck"
    missing: Missing


class Unstuck(WordedEvent):
    """The author can continue. It ends every stretch in which the author was stuck."""

    by: ClassVar = HANDS
    event: Literal["unstuck"] = "unstuck"


class Mitigated(WordedEvent):
    """Users are no longer affected, in the author's opinion."""

    by: ClassVar = HANDS
    event: Literal["mitigated"] = "mitigated"


class Resolved(WordedEvent):
    """The incident is over, in the author's opinion."""

    by: ClassVar = HANDS
    event: Literal["resolved"] = "resolved"


class MessageSent(WordedEvent):
    """A message was sent. ``template``: its name. ``words``: its text, which contains the word DRILL."""

    by: ClassVar = frozenset({Role.SCRIBE, Role.COMMANDER})
    event: Literal["message_sent"] = "message_sent"
    template: str = Field(min_length=1, max_length=80)
    channel: str = Field(min_length=1, max_length=200)


class NoteAdded(WordedEvent):
    """A note. ``private``: only its author and the facilitator see it before the reveal."""

    by: ClassVar = EVERYBODY
    event: Literal["note_added"] = "note_added"
    private: bool = False


class InjectPlayed(WordedEvent):
    """A card or hint was shown to the roles in ``to``; empty: to everybody.

    ``index``: its number in the scenario's list, from 0; None if it is not in the list.
    """

    audience: ClassVar = Audience.ADDRESSED
    by: ClassVar = CONTROL | {Role.GAMEDAY}
    event: Literal["inject_played"] = "inject_played"
    index: int | None = Field(default=None, ge=0)
    hint: bool = False
    to: tuple[Role, ...] = ()

    def without_secrets(self) -> DayEvent:
        return self.model_copy(update={"index": None})


class InjectSkipped(WordedEvent):
    """The facilitator skipped an inject. ``index``: its number in the scenario's list, from 0."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["inject_skipped"] = "inject_skipped"
    index: int = Field(ge=0)


class FaultAsked(DayEvent):
    """The facilitator asks gameday to inject the next fault of the scenario now, before its time."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["fault_asked"] = "fault_asked"


class SlotAsked(DayEvent):
    """The facilitator starts the next scenario."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["slot_asked"] = "slot_asked"


class SlotClosed(DayEvent):
    """The facilitator ends the scenario early. It ends as soon as its run has ended."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["slot_closed"] = "slot_closed"


class ControlEvent(WordedEvent):
    """An action of the facilitator. Participants do not see its reason (``words``) before the reveal."""

    by: ClassVar = CONTROL

    def without_secrets(self) -> DayEvent:
        return self.model_copy(update={"words": ""})


class SlotSkipped(ControlEvent):
    """The facilitator skips the next scenario."""

    event: Literal["slot_skipped"] = "slot_skipped"


class Held(ControlEvent):
    """The timeline and all clocks stop."""

    event: Literal["held"] = "held"


class Continued(DayEvent):
    """The timeline and all clocks continue. gameday itself ends a hold that is longer than a run allows."""

    by: ClassVar = CONTROL | {Role.GAMEDAY}
    event: Literal["continued"] = "continued"


class Aborted(ControlEvent):
    """The exercise ends. gameday aborts the run, which undoes its faults."""

    event: Literal["aborted"] = "aborted"


class ExpectationJudged(WordedEvent):
    """The facilitator judged an expectation. ``index``: its number in the scenario's list, from 0."""

    audience: ClassVar = Audience.CONTROL
    by: ClassVar = CONTROL
    event: Literal["expectation_judged"] = "expectation_judged"
    index: int = Field(ge=0)
    met: bool


class Revealed(DayEvent):
    """The debrief begins. From now on, everybody sees every event."""

    by: ClassVar = CONTROL
    event: Literal["revealed"] = "revealed"


class Corrected(WordedEvent):
    """A correction of the event with the id ``target``, which stays in the journal. ``words``: the reason.

    ``new_at`` (seconds since the epoch), ``new_words``, ``new_severity``: None keeps the event's own value.
    ``void``: the event did not happen.
    """

    by: ClassVar = EVERYBODY
    event: Literal["corrected"] = "corrected"
    target: str = Field(max_length=64)
    new_at: Instant | None = None
    new_words: str | None = Field(default=None, max_length=LONGEST_TEXT)
    new_severity: Severity | None = None
    void: bool = False
