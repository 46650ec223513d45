"""What a scenario may expect of alerts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from chaos.model.base import Frozen
from chaos.model.scenario import CheckParams, Scenario
from chaos.timeline.questions import AlertSpan
from chaos.timing import Paced


class MustFire(Frozen):
    """One alert that must fire, and how long after the injection of the first fault it may take."""

    alert: str
    within: Paced = Field(gt=0, description="production time from the injection of the first fault")
    labels: dict[str, str] | None = Field(
        default=None,
        description="labels that it must have; default: job and instance of a target of the stack",
    )
    may_flap: bool = Field(default=False, description="whether it may stop firing while the fault holds")


class MustNotFire(Frozen):
    """One alert that must not fire: a name alone, or with the labels that it must not fire for."""

    alert: str
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: object) -> object:
        return {"alert": given} if isinstance(given, str) else given

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}

    def covers(self, firing: AlertSpan) -> bool:
        own = dict(firing.labels)
        return firing.alert == self.alert and all(own.get(name) == v for name, v in self.labels.items())

    def may_be(self, awaited: MustFire) -> bool:
        """May one firing be both this one and the expected one? Not if a label tells them apart."""
        own = awaited.labels or {}
        apart = any(own.get(name, value) != value for name, value in self.labels.items())
        return awaited.alert == self.alert and not apart


class Detection(CheckParams):
    """Which alerts must fire, which must not, and when they must have resolved."""

    must_fire: tuple[MustFire, ...] = ()
    must_not_fire: Literal["others"] | tuple[MustNotFire, ...] = Field(
        default="others",
        description="others: every alert that no entry of detection has in must_fire; or a list of names (or "
        "alert and labels)",
    )
    through_restarts: bool = Field(
        default=False,
        description="faults of the scenario that stop Prometheus are part of what is tested: alerts must "
        "fire in time all the same, and that it saw nothing meanwhile is no lack of data",
    )
    must_resolve_within: Paced = Field(
        default=300.0,
        gt=0,
        description="production time from the end of the last fault; the run watches for unexpected "
        "alerts for as long",
    )


def must_fire_of(params: Detection, scenario: Scenario) -> tuple[MustFire, ...]:
    """The alerts that must fire, of ``params`` and of every other detection entry of the scenario."""
    return (*params.must_fire, *must_fire_elsewhere(params, scenario))


def must_fire_elsewhere(params: Detection, scenario: Scenario) -> tuple[MustFire, ...]:
    """The alerts that must fire of every detection entry of the scenario but ``params``."""
    entries = (entry for entry in detections_of(scenario) if entry is not params)
    return tuple(one for entry in entries for one in entry.must_fire)


def detections_of(scenario: Scenario) -> tuple[Detection, ...]:
    """Every detection entry of the scenario."""
    return tuple(entry for entry in scenario.expect.get("detection", ()) if isinstance(entry, Detection))
