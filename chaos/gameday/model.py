"""A game-day file as frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from chaos.gameday.conditions import Condition, parse_condition
from chaos.gameday.event_base import PEOPLE, Role
from chaos.model.base import Frozen
from chaos.model.scenario import Severity
from chaos.timing import FASTEST_PACE, SLOWEST_PACE, Paced, format_duration

MOST_SCENARIOS = 12  # of one day

ConditionText = Annotated[
    Condition,
    BeforeValidator(lambda value: value if isinstance(value, Condition) else parse_condition(value)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["not declared", "mitigated", "runbook step 2"]}),
]


class Order(StrEnum):
    LISTED = "listed"
    DRAWN = "drawn"  # seeded; only the facilitator sees it


class Inject(Frozen):
    """A card or a hint that people receive: at a time of the scenario, or when a condition holds.

    ``after``: the condition counts from this time on. ``to``: the roles that see it; all by default.
    """

    at: Paced | None = Field(default=None, description="production time since the timeline began")
    when: ConditionText | None = Field(default=None, description="a condition, such as `not declared`")
    after: Paced = 0.0
    card: str | None = Field(default=None, min_length=1, max_length=2000)
    hint: str | None = Field(default=None, min_length=1, max_length=2000)
    to: tuple[Role, ...] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.at is None) == (self.when is None):
            raise ValueError("expected either at: or when:, which says when to play the inject")
        if (self.card is None) == (self.hint is None):
            raise ValueError("expected either card: or hint:")
        if self.at is not None and self.after:
            raise ValueError("after: belongs to when:, not to at:")
        return self

    @property
    def text(self) -> str:
        return self.card or self.hint or ""

    @property
    def trigger(self) -> str:
        """When it is played, for people."""
        if self.at is not None:
            return f"at {format_duration(self.at)}"
        return f"when {self.when}" + (f", from {format_duration(self.after)} on" if self.after else "")


def _confirmation(value: object) -> object:
    if value == "facilitator" or isinstance(value, Condition):
        return value
    condition = parse_condition(value)
    if condition.negated:
        raise ValueError("expected facilitator, or something that happens, such as 'escalated'")
    return condition


class Expectation(Frozen):
    """What should be done, and by when. ``confirm``: ``facilitator``, or a condition that shows it."""

    what: str = Field(min_length=1, max_length=300)
    by: Paced = Field(description="production time since the timeline began")
    confirm: Annotated[
        Condition | str,
        BeforeValidator(_confirmation),
        PlainSerializer(str, return_type=str),
        WithJsonSchema({"type": "string", "examples": ["facilitator", "message status_page"]}),
    ] = "facilitator"

    @property
    def condition(self) -> Condition | None:
        """None: the facilitator confirms it."""
        return self.confirm if isinstance(self.confirm, Condition) else None


class Escalate(Frozen):
    """The rule of this kind of incident: not resolved ``after`` this time, it goes ``to`` these people."""

    after: Paced
    to: str


class Slot(Frozen):
    """One scenario of the day. ``severity``: what it deserves; people declare their own.

    ``fault_for``: how long its fault stays, in place of what the scenario file says. People need longer to
    respond than a check needs to judge.
    """

    scenario: str = Field(description="path of the scenario file, relative to this file")
    length: Paced = 1800.0
    fault_for: Paced | None = Field(
        default=None, gt=0, description="how long the fault stays; default: as in the scenario file"
    )
    severity: Severity
    title: str = ""
    escalate: Escalate | None = None
    injects: tuple[Inject, ...] = ()
    expectations: tuple[Expectation, ...] = ()


class GameDay(Frozen):
    """One game-day file.

    ``blind``: participants see neither the scenarios' names nor their order. ``spread``: by how much
    production time the faults of a scenario may come later than its file says; drawn from the seed.
    """

    gameday: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str
    pace: float = Field(default=1.0, ge=SLOWEST_PACE, le=FASTEST_PACE)
    order: Order = Order.LISTED
    blind: bool = True
    spread: Paced = 0.0
    seed: int | None = Field(default=None, ge=0, description="default: drawn when the day begins")
    roles: tuple[Role, ...] = PEOPLE
    observers_see_all: bool = False
    on_call: str | None = None
    response: str | None = Field(default=None, description="a file of deadlines in place of gameday's own")
    test_alert: str = "Test page of the exercise. Confirm that you received it."
    stop_word: str = "STOP STOP STOP"
    rules: tuple[str, ...] = ()
    allow_addresses: tuple[str, ...] = ()
    scenarios: tuple[Slot, ...] = Field(json_schema_extra={"minItems": 1, "maxItems": MOST_SCENARIOS})

    @model_validator(mode="after")
    def _some_scenarios(self) -> Self:
        if not 1 <= len(self.scenarios) <= MOST_SCENARIOS:
            raise ValueError(f"expected 1 to {MOST_SCENARIOS} scenarios, got {len(self.scenarios)}")
        return self
