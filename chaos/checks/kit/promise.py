"""What a scenario promises for one request during faults, and how a probe checks it."""

from __future__ import annotations

from typing import Self

from pydantic import Field, JsonValue, model_validator

from chaos.model.answers import PROMISE_PROBE, Bodies, Names, Statuses
from chaos.model.rhythm import CLIENT_PATIENCE
from chaos.model.scenario import ANY, CheckParams, Scenario
from chaos.model.stack import CLIENTS, Stack
from chaos.timing import Limit, Paced

_READING = ("GET", "HEAD")


class Degradation(CheckParams):
    """One request and the promised answer while faults last."""

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path, as in the load profile")
    label: str | None = Field(default=None, description="distinguishes two promises about one request")
    while_: Names = Field(
        default=(ANY,),
        alias="while",
        description="fault (while any fault is in place), all (while all are), or one or more step names",
    )
    status: Statuses = Field(description="the status of the answer, or a list of allowed statuses")
    header: dict[str, str] = Field(
        default={}, description="headers that the answer must have, with their values"
    )
    body: Bodies = Field(
        default=(),
        description="keys that the JSON answer must hold, with their values, or a text in it; or a list of "
        "alternatives, one of which must match",
    )
    without: tuple[str, ...] = Field(
        default=(), description="keys that the JSON answer must not hold; a dot separates nested keys"
    )
    headers: dict[str, str] = Field(default={}, description="headers of the request")
    json_body: JsonValue = Field(
        default=None, alias="json", description="body of the request; $uuid is different each time"
    )
    within: Limit | None = Field(
        default=None, gt=0, description="real time within which 99 % of the answers must arrive"
    )
    begins_within: Limit = Field(
        default=3.0, ge=0, description="real time after the first effect during which answers may differ"
    )
    fresh_for: Paced = Field(
        default=0.0, ge=0, description="production time during which a cache may still give fresh answers"
    )
    share: float = Field(
        default=0.99, gt=0, le=1, description="minimum share of the answers that must be as promised"
    )

    @model_validator(mode="after")
    def _reads_no_body(self) -> Self:
        if self.json_body is not None and self.method in _READING:
            raise ValueError(f"{self.method} sends no json")
        return self

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """Path and query, as a probe asks for them."""
        return self.request.partition(" ")[2]

    @property
    def load_name(self) -> str:
        """The name that the load gives the request: without the query."""
        return self.request.partition("?")[0]

    @property
    def name(self) -> str:
        """The name of the promise: the request, and its label if several promises share the request."""
        label = "" if self.label is None else f" ({self.label})"
        during = "" if self.while_ == (ANY,) else f" while {', '.join(self.while_)}"
        return f"{self.request}{label}{during}"

    @property
    def probe_label(self) -> str:
        """The probe's name in the recording, if it needs one."""
        return f"{PROMISE_PROBE}{self.name}"

    @property
    def may_repeat(self) -> bool:
        """May a probe send it? A request that changes data only if the scenario spells it out."""
        return self.method in _READING or self.json_body is not None

    def load_shows_it(self, scenario: Scenario, stack: Stack) -> bool:
        """Does the load send this request, and does it record enough of the answer?"""
        if self.body or self.without or self.headers or self.json_body is not None:
            return False
        if any(not _is_degraded_header(name, stack) for name in self.header):
            return False
        return self.load_name in load_names(scenario, stack)

    def patience(self, scenario: Scenario, stack: Stack) -> float:
        """Real seconds that the probe waits: longer than promised, so that it sees a late answer; as long as
        the load's clients if no time is promised.
        """
        if self.within is not None:
            return max(1.25 * self.within, self.within + 1.0)
        if scenario.load is None or scenario.load.profile not in stack.load:
            return CLIENT_PATIENCE
        own = scenario.load.timeout
        return stack.load[scenario.load.profile].timeout if own is None else own


def entry_service(scenario: Scenario, stack: Stack) -> str | None:
    """The service that clients call: target of the load's entry link, else of the first link from clients."""
    if scenario.load is not None and scenario.load.profile in stack.load:
        return stack.load[scenario.load.profile].entry.target
    return next((link.target for link in stack.link_names() if link.client == CLIENTS), None)


def load_names(scenario: Scenario, stack: Stack) -> set[str]:
    if scenario.load is None or scenario.load.profile not in stack.load:
        return set()
    return {request.request.partition("?")[0] for request in stack.load[scenario.load.profile].requests}


def _is_degraded_header(name: str, stack: Stack) -> bool:
    return stack.degraded_header is not None and name.lower() == stack.degraded_header.lower()
