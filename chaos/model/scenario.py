"""A scenario as typed, frozen values. A kind of fault subclasses ``TimelineStep``, a kind of check
``CheckParams``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, JsonValue, SerializeAsAny, model_validator

from chaos.model.answers import Bodies, Statuses
from chaos.model.base import Frozen
from chaos.model.headers import Headers
from chaos.timing import Duration, Paced

ANY, ALL = "fault", "all"
"""``while: fault``: while any fault is in place; ``while: all``: while all of them are in place."""


class Severity(StrEnum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


MOST_A_SECOND = 200  # requests of a load: gameday is not a load test


class Rate(Frozen):
    """Requests per second of an open-loop load, written ``40/s`` or ``90/m``; at most 200 a second."""

    per_second: float = Field(gt=0, le=MOST_A_SECOND)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if isinstance(value, str):
            number, slash, unit = value.partition("/")
            try:
                if slash and unit.strip() in ("s", "m"):
                    return {"per_second": float(number) / (60 if unit.strip() == "m" else 1)}
            except ValueError:
                pass
        if not isinstance(value, dict | Rate):
            raise ValueError(f"expected a rate such as 40/s or 90/m, got {value!r}")
        return value


class Load(Frozen):
    profile: str
    rate: Rate = Rate(per_second=20)
    timeout: Duration | None = Field(
        default=None,
        gt=0,
        description="time after which a request without an answer is given up; default: the profile's own",
    )


class HttpCondition(Frozen):
    """An HTTP request over the clients' link, and the answer that counts as healthy. A probe repeats it.

    ``$uuid`` in texts of ``json`` and ``headers`` is replaced by a new value in each request.
    """

    service: str
    path: str = "/"
    method: str = "GET"
    headers: Headers = {}
    json_body: JsonValue = Field(default=None, alias="json", description="the body of the request")
    status: Statuses = Field(
        default=(200,), description="the status of the answer, or a list of allowed statuses"
    )
    header: dict[str, str] = {}
    json_equals: JsonValue = Field(
        default=None, description="keys that the JSON answer must hold, with their values"
    )
    body: Bodies = Field(
        default=(), description="one of these must be in the answer: JSON keys with their values, or a text"
    )
    without: tuple[str, ...] = Field(
        default=(), description="keys that the JSON answer must not hold; a dot separates nested keys"
    )
    timeout: Duration = Field(default=2.0, gt=0)


class PromqlCondition(Frozen):
    """A PromQL instant query and the values that count as healthy. No sample counts as unhealthy."""

    query: str
    equals: float | None = None
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> PromqlCondition:
        if self.equals is None and self.below is None and self.above is None:
            raise ValueError("expected one of equals, below, above")
        between = self.above is None or self.below is None or self.above < self.below
        if not (between if self.equals is None else self.met_by(self.equals)):
            raise ValueError("expected bounds that a value can meet, got none that meets all of them")
        return self

    def met_by(self, value: float) -> bool:
        """Does the value meet every bound? Not-a-number meets none."""
        equal = self.equals is None or value == self.equals
        below = self.below is None or value < self.below
        above = self.above is None or value > self.above
        return equal and below and above


class SteadyCondition(Frozen):
    """One condition of the steady state: exactly one of ``http`` and ``promql``."""

    http: HttpCondition | None = None
    promql: PromqlCondition | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SteadyCondition:
        if (self.http is None) == (self.promql is None):
            raise ValueError("expected exactly one of http, promql")
        return self

    @property
    def label(self) -> str:
        """The name of the probe in the recording, unique within a scenario."""
        if self.http is not None:
            return f"{self.http.method} {self.http.service}{self.http.path}"
        assert self.promql is not None
        return self.promql.query


class TimelineStep(Frozen):
    """One entry of the timeline. A fault kind subclasses it with its own parameters and behaviour.

    ``at``: time since the steady state was reached. ``hold`` (``for:`` in the file): how long the fault stays
    before gameday undoes it. Both are production time. gameday does not undo a step with ``answer``: it runs
    the procedure of that name, as an operator would; ``hold`` is then 0.
    """

    at: Paced = Field(description="time since the steady state was reached")
    fault: str
    name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="name by which a promise refers to this step, as in while: NAME",
    )
    hold: Paced = Field(default=0.0, alias="for", gt=0, description="how long the fault stays")
    answer: str | None = Field(
        default=None, description="the procedure that answers it, instead of for: and an undo by gameday"
    )

    @model_validator(mode="before")
    @classmethod
    def _stored(cls, value: object) -> object:
        """Accepts a step from plan.json, where the ``for`` of a step with ``answer`` is 0."""
        if isinstance(value, dict) and value.get("answer") is not None and value.get("for") in (0.0, "0s"):
            return {key: inner for key, inner in value.items() if key != "for"}
        return value

    @model_validator(mode="after")
    def _held_or_answered(self) -> Self:
        if (self.answer is None) == (self.hold == 0.0):
            raise ValueError(
                "expected exactly one of for, answer (for: gameday undoes it; answer: a procedure does)"
            )
        return self

    def target(self) -> str:
        """What the fault acts on, for people: a service, a link, a lever."""
        return ""

    def summary(self) -> str:
        """The fault and its target in one line, for plan, progress and report."""
        return f"{self.fault} {self.target()}".strip()


class Writers(Frozen):
    """The writers of one ledger of the stack. They write in an open loop from the steady phase until recovery
    has ended.
    """

    ledger: str
    rate: Rate = Rate(per_second=3)


class CheckParams(Frozen):
    """One expectation of a scenario. A check kind subclasses it with its own parameters."""


class Guardrail(Frozen):
    """A reading of the host. gameday undoes everything and aborts the run as soon as it is not below the
    bound.
    """

    probe: str = Field(pattern="^(host_memory|host_disk)$")
    below: str = Field(pattern=r"^[1-9]\d?%$")  # a bound of 100% or more could never be reached


class Scenario(Frozen):
    """One scenario file. ``expect``: name of a check kind -> its expectations, in file order."""

    scenario: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)  # part of names of folders
    title: str
    severity: Severity | None = None
    runbook: str | None = None
    tags: tuple[str, ...] = ()
    stack: str
    profiles: tuple[str, ...] = Field(default=(), description="Compose profiles to activate")
    env: dict[str, str] = Field(
        default={}, description="[SERVICE.]VARIABLE -> value, for the stack's apps; --env overrides it"
    )
    load: Load | None = None
    ledgers: tuple[Writers, ...] = ()
    steady_state: tuple[SteadyCondition, ...] = Field(min_length=1)
    prepare: tuple[str, ...] = Field(
        default=(), description="procedures to run once the steady state holds, before any fault"
    )
    rehearse: tuple[str, ...] = Field(
        default=(), description="procedures to rehearse; the timeline may then be empty"
    )
    timeline: tuple[SerializeAsAny[TimelineStep], ...] = ()
    expect: Mapping[str, tuple[SerializeAsAny[CheckParams], ...]] = {}
    guardrails: tuple[Guardrail, ...] = ()

    @property
    def procedures(self) -> tuple[str, ...]:
        """Every procedure that the scenario names: ``prepare``, ``rehearse``, then the answers."""
        answers = (step.answer for step in self.timeline if step.answer is not None)
        return (*self.prepare, *self.rehearse, *answers)

    @model_validator(mode="after")
    def _something_happens(self) -> Self:
        if not self.timeline and not self.rehearse:
            raise ValueError("expected a timeline of at least one fault, or procedures to rehearse")
        return self
