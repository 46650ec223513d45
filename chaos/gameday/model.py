"""The model of a game-day file, as frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from chaos.gameday.conditions import FactCondition, parse_condition
from chaos.gameday.event_base import MOST_SCENARIOS, PEOPLE, Role
from chaos.model.base import Frozen
from chaos.model.scenario import Severity
from chaos.timing import FASTEST_PACE, SLOWEST_PACE, Paced, format_duration

ConditionText = Annotated[
    FactCondition,
    BeforeValidator(lambda value: value if isinstance(value, FactCondition) else parse_condition(value)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["not declared", "mitigated", "runbook step 2"]}),
]


class Order(StrEnum):
    LISTED = "listed"
    DRAWN = "drawn"  # shuffled with the seed; only the facilitator sees the order


class Inject(Frozen):
    """A card or hint that gameday shows to people, at a time of the scenario or when a condition is true.

    ``after``: gameday tests the condition from this time on. ``to``: the roles that see it; all by default.
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
        """The text of the card or the hint."""
        return self.card or self.hint or ""

    @property
    def trigger(self) -> str:
        """When gameday plays the inject, as a text."""
        if self.at is not None:
            return f"at {format_duration(self.at)}"
        return f"when {self.when}" + (f", from {format_duration(self.after)} on" if self.after else "")


def _confirmation(value: object) -> object:
    if value == "facilitator" or isinstance(value, FactCondition):
        return value
    condition = parse_condition(value)
    if condition.negated:
        raise ValueError("expected facilitator, or something that happens, such as 'escalated'")
    return condition


class ExpectedAction(Frozen):
    """What people should do, and by when. ``confirm``: ``facilitator``, or the condition that shows it."""

    what: str = Field(min_length=1, max_length=300)
    by: Paced = Field(description="production time since the timeline began")
    confirm: Annotated[
        FactCondition | str,
        BeforeValidator(_confirmation),
        PlainSerializer(str, return_type=str),
        WithJsonSchema({"type": "string", "examples": ["facilitator", "message status_page"]}),
    ] = "facilitator"

    @property
    def condition(self) -> FactCondition | None:
        """The condition that shows it; None if the facilitator confirms it."""
        return self.confirm if isinstance(self.confirm, FactCondition) else None


class Escalate(Frozen):
    """When to escalate an incident that is neither mitigated nor resolved: ``after`` this time, ``to`` whom.

    The time runs from the detection.
    """

    after: Paced
    to: str


class ScenarioSlot(Frozen):
    """One scenario of the day. ``severity``: the severity that people should declare.

    ``fault_for``: how long the fault stays. It replaces the time in the scenario file, because people need
    longer to respond than a check needs to judge.
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
    expectations: tuple[ExpectedAction, ...] = ()


class GameDay(Frozen):
    """One game-day file.

    ``blind``: participants see neither the names nor the order of the scenarios. ``spread``: the faults of
    each scenario come up to this much production time later than its file says, as drawn from the seed.
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
    scenarios: tuple[ScenarioSlot, ...] = Field(json_schema_extra={"minItems": 1, "maxItems": MOST_SCENARIOS})

    @model_validator(mode="after")
    def _some_scenarios(self) -> Self:
        if not 1 <= len(self.scenarios) <= MOST_SCENARIOS:
            raise ValueError(f"expected 1 to {MOST_SCENARIOS} scenarios, got {len(self.scenarios)}")
        return self
