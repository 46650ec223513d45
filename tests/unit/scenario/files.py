"""A small healthy stack with a healthy scenario, as files; each test breaks one thing of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from chaos.errors import BadInput
from chaos.kinds import AlertDeadline, Fault, Objection, ScenarioContext, UnknownName
from chaos.model.base import Frozen
from chaos.model.scenario import CheckParams
from chaos.model.stack import Stack
from chaos.registry import Kinds
from chaos.scenario import LoadedScenario, load_scenario
from chaos.timing import Duration, Paced
from tests.folders import write_folder
from tests.results import Unjudged

SCENARIO = """\
scenario: shelf-down
title: The shelf is gone
severity: SEV3
tags: [shelf]
stack: shop
load: {profile: shoppers, rate: 40/s}
steady_state:
  - http: {service: till, path: /ready, status: 200}
  - promql: {query: till_state, equals: 0}
timeline:
  - {at: 2m, fault: box.break, service: shelf, for: 10m}
  - {at: 3m, fault: wire.cut, link: till->shelf, for: 1m}
  - {at: 5m, fault: pull, lever: shelf.errors, status: 500, for: 1m}
expect:
  alarm:
    fires: [{alert: ShelfGone, within: 8m}]
    gone_within: 5m
  answers:
    - {request: GET /, slower_than: 50ms}
    - {request: GET /ready, slower_than: 1s}
"""

STACK = """\
stack: shop
compose: compose.yaml
services:
  till: {role: app, tier: 1}
  shelf: {role: redis}
  watch: {role: prometheus}
links:
  clients->till: 8000
  till->shelf: 6379
prometheus: {service: watch, config: prometheus.yml, rules: [rules.yml]}
paced: {till: {PATIENCE: 30}}
breakers:
  shelf: {metric: till_state, states: {closed: 0, open: 1}, reset: till.PATIENCE}
levers:
  shelf.errors:
    params: {status: {default: 500}}
    inject: {http: {service: till, path: /admin, json: {status: $status}}}
    revert: {http: {service: till, method: DELETE, path: /admin}}
    readback: {command: {service: till, argv: [test, -f, /quiet]}}
    witness: {http: {service: till, path: /, status: $status}}
load:
  shoppers:
    entry: clients->till
    data: wares.csv
    requests: [{request: "GET /?ware=$ware&id=$uuid"}]
"""

COMPOSE = """\
services:
  till: {image: till, ports: ["8000"], depends_on: [shelf]}
  shelf: {image: "redis:8"}
  watch: {image: prom/prometheus}
"""

PROMETHEUS = "global: {scrape_interval: 10s, evaluation_interval: 15s}\n"

RULES = """\
groups:
  - name: all
    rules:
      - alert: ShelfGone
        expr: rate(shelf_errors_total[5m]) > 1
        for: 2m
        labels: {severity: SEV3}
        annotations: {summary: The shelf does not answer., runbook: shelf}
      - record: ignored
        expr: up
"""


class BreakBox(Fault):
    """Breaks a box."""

    fault: Literal["box.break"]
    service: str

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def target(self) -> str:
        return self.service

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({f"the box {self.service}"})


class EmptyBox(Fault):
    """Empties a box."""

    fault: Literal["box.empty"]
    of: str

    def volumes(self) -> tuple[str, ...]:
        return (self.of,)


class CutWire(Fault):
    """Cuts a wire."""

    fault: Literal["wire.cut"]
    link: str
    slack: Duration = 0.0

    def links(self) -> tuple[str, ...]:
        return (self.link,)


class Pull(Fault):
    """Pulls a lever."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    fault: Literal["pull"]
    lever: str

    def levers(self) -> tuple[str, ...]:
        return (self.lever,)

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        lever = stack.levers.get(self.lever)
        known = set(lever.params) if lever else set(self.__pydantic_extra__)
        return tuple((name, f"no parameter {name}") for name in self.__pydantic_extra__ if name not in known)


class Fires(Frozen):
    alert: str
    within: Paced


class AlarmParams(CheckParams):
    fires: tuple[Fires, ...] = ()
    gone_within: Paced = 300.0


class AlarmCheck(Unjudged):
    name = "alarm"
    params = AlarmParams

    def alert_deadlines(self, params: CheckParams) -> Iterable[AlertDeadline]:
        assert isinstance(params, AlarmParams)
        return [AlertDeadline(entry.alert, entry.within) for entry in params.fires]

    def problems(self, params: CheckParams, context: ScenarioContext) -> Iterable[Objection]:
        assert isinstance(params, AlarmParams)
        lasts = max(step.at + step.hold for step in context.scenario.timeline)
        detection = context.detection
        for index, entry in enumerate(params.fires):
            if detection is None or detection.rule(entry.alert) is None:
                yield UnknownName(("fires", index, "alert"), f"unknown alert {entry.alert!r}", "write one")
            elif lasts < detection.bound(entry.alert):
                yield Objection(("fires", index), "the faults are too short", "let them last")


class AnswerParams(CheckParams):
    request: str
    slower_than: Duration = 0.0
    while_: Literal["fault"] = Field(default="fault", alias="while")


class AnswersCheck(Unjudged):
    name = "answers"
    params = AnswerParams


class CleanlinessCheck(Unjudged):
    name = "cleanliness"


TOYS = Kinds(
    faults={"box.break": BreakBox, "box.empty": EmptyBox, "pull": Pull, "wire.cut": CutWire},
    checks={
        "alarm": AlarmCheck(),
        "answers": AnswersCheck(),
        "cleanliness": CleanlinessCheck(),
    },
)


def lay_out(folder: Path, **changed: str) -> Path:
    """Write all files of the stack and the scenario below ``folder``; the scenario's path."""
    texts = {
        "stack/stack.yaml": changed.get("stack", STACK),
        "stack/compose.yaml": changed.get("compose", COMPOSE),
        "stack/prometheus.yml": changed.get("prometheus", PROMETHEUS),
        "stack/rules.yml": changed.get("rules", RULES),
        "stack/wares.csv": changed.get("wares", "ware,price\nsoap,3\n"),
        "it.yaml": changed.get("scenario", SCENARIO),
    }
    write_folder(folder, texts)
    return Path("it.yaml")


def load(path: Path) -> LoadedScenario:
    return load_scenario(path, TOYS)


def complaints(path: Path) -> list[str]:
    """Every problem of the scenario as the user reads it; empty if it is right."""
    try:
        load(path)
    except BadInput as bad:
        return [str(problem) for problem in bad.problems]
    return []


def swapped(text: str, old: str, new: str) -> str:
    """``text`` with its only ``old`` replaced."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)
