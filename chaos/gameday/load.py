"""Reads a game-day file, its scenarios and its deadlines. Reports problems at ``file:line:column``."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from chaos.errors import BadInput, Problem
from chaos.files import is_file
from chaos.gameday.conditions import ScenarioFact
from chaos.gameday.event_base import Role
from chaos.gameday.fault_length import fault_problems
from chaos.gameday.model import GameDay, Order, ScenarioSlot
from chaos.gameday.policy import OWN_POLICY, Policy, read_policy
from chaos.model.project_files import stack_file_of
from chaos.on_call import Rota, read_rota
from chaos.scenario import LoadedScenario, StackReader, load_scenario
from chaos.scenario.places import Document, read_document
from chaos.scenario.plain_words import problems_of
from chaos.timing import format_duration


@dataclass(frozen=True)
class LoadedDay:
    """A game-day file and what it names. ``scenarios``: in the order of the file.

    ``file``: its path as messages show it. ``text``: its contents. ``rota``: None if it names no schedule.
    """

    day: GameDay
    policy: Policy
    scenarios: tuple[LoadedScenario, ...]
    file: str
    text: str
    rota: Rota | None = None

    def runbook_folder(self, index: int) -> Path | None:
        """The folder of the runbooks of scenario ``index``'s stack; None if the stack names none."""
        loaded = self.scenarios[index]
        return loaded.stack_root / loaded.stack.runbooks if loaded.stack.runbooks else None


@dataclass(frozen=True)
class SecretPlan:
    """The secret part of the plan.

    ``order``: numbers of the scenarios in the file, from 0, in the order of play. ``delays``: production
    seconds by which the faults of each scenario come later, in the order of the file.
    """

    seed: int
    order: tuple[int, ...]
    delays: tuple[float, ...]


def draw(day: GameDay, seed: int) -> SecretPlan:
    """Draw the order and the delays of ``day``. The same seed gives the same result."""
    source = random.Random(seed)
    order = list(range(len(day.scenarios)))
    if day.order is Order.DRAWN:
        source.shuffle(order)
    delays = tuple(round(source.uniform(0, day.spread), 1) if day.spread else 0.0 for _ in day.scenarios)
    return SecretPlan(seed, tuple(order), delays)


def load_game_day(path: Path, pace: float | None = None, stack: Path | None = None) -> LoadedDay:
    """Read the file and everything that it names. ``pace`` replaces the pace in the file. ``stack`` (a
    stack.yaml or its folder) replaces the stacks that the scenarios name.

    Raises ``BadInput``. If the file fits its model, it holds all problems of the file, its deadlines, its
    on-call schedule and its scenarios; otherwise only those of the file.
    """
    file = str(path)
    document = read_document(path, file)
    problems = list(document.problems)
    try:
        day = GameDay.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*problems, *problems_of(error, GameDay, document)]) from None
    if pace is not None:
        day = day.model_copy(update={"pace": pace})
    problems += _roles(day, document)
    policy = None
    try:
        named = path.parent / day.response if day.response else OWN_POLICY
        policy = read_policy(named, str(named))
    except BadInput as bad:
        problems += bad.problems
    rota = None
    if day.on_call:
        try:
            rota = read_rota(path.parent / day.on_call)
        except BadInput as bad:
            problems += bad.problems
    scenarios: list[LoadedScenario] = []
    reader = StackReader(_stack_file(stack))
    for index, slot in enumerate(day.scenarios):
        problems += _times(index, slot, document)
        named = path.parent / slot.scenario
        if not is_file(named):
            loc = ("scenarios", index, "scenario")
            problems.append(document.problem(loc, f"no such file: {slot.scenario}", "relative to this file"))
            continue
        try:
            loaded = load_scenario(named, pace=day.pace, reader=reader)
        except BadInput as bad:
            problems += bad.problems
            continue
        scenarios.append(loaded)
        problems += fault_problems(index, day, loaded, document)
        problems += _alerts(index, slot, loaded, document)
    if problems or policy is None:
        raise BadInput(dict.fromkeys(problems))
    return LoadedDay(day, policy, tuple(scenarios), file, document.text, rota)


def _stack_file(stack: Path | None) -> Path | None:
    if stack is None:
        return None
    found = stack_file_of(stack)
    if not is_file(found):
        raise BadInput([Problem.about(str(stack), "no such stack", "name a stack.yaml, or its folder")])
    return found


def _roles(day: GameDay, document: Document) -> list[Problem]:
    if Role.GAMEDAY in day.roles:
        return [document.problem(("roles",), "gameday is the program, not a role for people")]
    if Role.FACILITATOR not in day.roles:
        return [document.problem(("roles",), "a game day needs a facilitator", "add facilitator")]
    return []


def _times(index: int, slot: ScenarioSlot, document: Document) -> list[Problem]:
    """Refuses injects and expectations after the scenario's end, because they would never come due."""
    found = []
    length = format_duration(slot.length)
    for number, inject in enumerate(slot.injects):
        key = "at" if inject.at is not None else "after"
        due = inject.at if inject.at is not None else inject.after
        if due >= slot.length:
            loc = ("scenarios", index, "injects", number, key)
            found.append(document.problem(loc, f"{key} is not before the scenario's end at {length}"))
    for number, expectation in enumerate(slot.expectations):
        if expectation.by > slot.length:
            loc = ("scenarios", index, "expectations", number, "by")
            found.append(document.problem(loc, f"by is after the scenario's end at {length}"))
    return found


def _alerts(index: int, slot: ScenarioSlot, loaded: LoadedScenario, document: Document) -> list[Problem]:
    """Refuses a condition on an alert without a rule, because it would never become true."""
    if loaded.detection is None:
        return []
    found = []
    for number, inject in enumerate(slot.injects):
        condition = inject.when
        if condition is None or condition.fact is not ScenarioFact.ALERT:
            continue
        if loaded.detection.rule(condition.argument) is None:
            loc = ("scenarios", index, "injects", number, "when")
            found.append(document.problem(loc, f"no alert rule is named {condition.argument!r}"))
    return found
