"""Were the answers during the fault the promised, worse-but-working ones?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, JsonValue

from chaos.checks._common import Found, unknown
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, HttpCondition, Scenario
from chaos.model.stack import CLIENTS, Stack
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timing import Duration


class Degradation(CheckParams):
    """One request and the answer that is promised to it while the fault lasts."""

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path, as the load profile names it")
    while_: Literal["fault"] = Field(default="fault", alias="while")
    status: int = Field(ge=100, le=599)
    header: dict[str, str] = Field(
        default={}, description="headers that the answer must carry, with their values"
    )
    body: dict[str, JsonValue] | None = Field(
        default=None, description="keys that the JSON answer must hold, with their values"
    )
    begins_within: Duration = Field(
        default=3.0, ge=0, description="real time after the first bite in which answers may still be others"
    )
    share: float = Field(
        default=0.99, gt=0, le=1, description="least share of the answers that must be as promised"
    )

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
    def probe_label(self) -> str:
        """The probe's name in the recording, where one is needed."""
        return f"degradation: {self.request}"

    def probes(self, scenario: Scenario, stack: Stack) -> tuple[tuple[str, HttpCondition], ...]:
        """The promised answer as a probe of its own; none where the load alone shows it.

        The load records status and degraded header of its own requests. A path that it does not ask for,
        a body or another header can be seen by a probe only, and a probe may only read: GET and HEAD.
        """
        service = entry_service(scenario, stack)
        if service is None or self.method not in ("GET", "HEAD") or self.load_shows_it(scenario, stack):
            return ()
        condition = HttpCondition(
            service=service,
            method=self.method,
            path=self.path,
            status=self.status,
            header=self.header,
            json_equals=self.body,
        )
        return ((self.probe_label, condition),)

    def load_shows_it(self, scenario: Scenario, stack: Stack) -> bool:
        """Does the load ask for this, and does what it records of an answer suffice?"""
        if self.body is not None or any(not _is_degraded_header(name, stack) for name in self.header):
            return False
        return self.load_name in _load_names(scenario, stack)

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        if self.load_shows_it(scenario, stack):
            return
        if self.method not in ("GET", "HEAD"):
            sent = ", ".join(sorted(_load_names(scenario, stack))) or "none"
            yield (
                ("request",),
                f"{self.request} changes something, so no probe may repeat it, and the load cannot show this answer "
                f"(its requests: {sent}; of an answer it records status and degraded header)",
                "name a request of the load, and expect status and degraded header only",
            )
        elif entry_service(scenario, stack) is None:
            yield (
                ("request",),
                "a probe is needed, but no link leads from clients into the stack",
                "add one to stack.yaml",
            )


def entry_service(scenario: Scenario, stack: Stack) -> str | None:
    """The service that clients call: the target of the load's entry link, else of the first link from clients."""
    if scenario.load is not None and scenario.load.profile in stack.load:
        return stack.load[scenario.load.profile].entry.target
    return next((link.target for link in stack.link_names() if link.client == CLIENTS), None)


def _load_names(scenario: Scenario, stack: Stack) -> set[str]:
    if scenario.load is None or scenario.load.profile not in stack.load:
        return set()
    return {request.request.partition("?")[0] for request in stack.load[scenario.load.profile].requests}


def _is_degraded_header(name: str, stack: Stack) -> bool:
    return stack.degraded_header is not None and name.lower() == stack.degraded_header.lower()


class _DegradationCheck:
    name = "degradation"
    summary = "while the fault lasts, clients get the promised worse-but-working answers"
    params: type[CheckParams] | None = Degradation
    dimensions = (Dimension.CONTAINMENT,)
    reads = ("journal", "load")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return (unknown(self.name, "degradation", "", "not judged yet", Dimension.CONTAINMENT),)


CHECK = _DegradationCheck()
