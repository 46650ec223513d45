"""Lists the figures of a scenario that the pace compresses, and those that it never compresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from pydantic import BaseModel, BeforeValidator

from chaos.model.plan import PlannedDuration
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import Scenario
from chaos.model.stack import Stack
from chaos.timing import LimitMark, PacedMark, parse_duration


def figures_of(
    scenario: Scenario, stack: Stack, detection: DetectionFacts | None, alerts: Sequence[str], pace: float
) -> tuple[PlannedDuration, ...]:
    """Every figure of time, in file order; ``real`` equals ``production`` where it is never compressed.

    ``alerts`` are those whose rules the scenario relies on.
    """
    found = [*_scenario_figures(scenario, stack, pace), *_ledger_figures(scenario, stack, pace)]
    for service, variables in stack.paced.items():
        for variable, seconds in variables.items():
            found.append(compressed(f"{service}: {variable}", seconds, pace))
    if detection is not None:
        found.append(compressed("scrape interval", detection.scrape_interval, pace))
        found.append(compressed("evaluation interval", detection.evaluation_interval, pace))
        found.extend(_rule_figures(detection, alerts, pace))
    return tuple(dict.fromkeys(found))


def compressed(name: str, production: float, pace: float) -> PlannedDuration:
    return PlannedDuration(name=name, production=production, real=production / pace)


def _scenario_figures(scenario: Scenario, stack: Stack, pace: float) -> Iterator[PlannedDuration]:
    for index, step in enumerate(scenario.timeline, 1):
        for found in durations(step):
            if found.path == "for" and step.answer is not None:
                continue  # until its procedure has ended
            yield found.figure(f"step {index}, {step.summary()}: {found.path}", pace)
    if scenario.load is not None and (profile := stack.load.get(scenario.load.profile)) is not None:
        patience = profile.timeout if scenario.load.timeout is None else scenario.load.timeout
        yield PlannedDuration(name="load: timeout", production=patience, real=patience)
    for condition in scenario.steady_state:
        for found in durations(condition):
            yield found.figure(f"steady state, {condition.label}: {found.path.rpartition('.')[2]}", pace)
    for check, entries in scenario.expect.items():
        for entry in entries:
            label = check if len(entries) == 1 else f"{check} {_subject(entry)}"
            for found in durations(entry):
                yield found.figure(f"{label}: {found.path}", pace)


def _ledger_figures(scenario: Scenario, stack: Stack, pace: float) -> Iterator[PlannedDuration]:
    for writers in scenario.ledgers:
        if (facts := stack.ledgers.get(writers.ledger)) is not None:
            name, real = f"ledger {writers.ledger}: settle", facts.settle_for(pace)
            yield PlannedDuration(name=name, production=facts.settle, real=real)


def _rule_figures(detection: DetectionFacts, alerts: Sequence[str], pace: float) -> Iterator[PlannedDuration]:
    for rule in (rule for rule in detection.rules if rule.alert in alerts):
        for name, seconds in (
            ("window", rule.window),
            ("recording rules", rule.upstream),
            ("for", rule.hold),
            ("keep_firing_for", rule.keep_firing),
        ):
            if seconds:
                yield compressed(f"rule {rule.alert}: {name}", seconds, pace)


class FoundDuration(NamedTuple):
    """One duration in a value: its place, its seconds, and the marks of its field."""

    path: str
    seconds: float
    paced: bool  # production time
    limit: bool  # real time, and a slow machine may miss it

    def figure(self, name: str, pace: float) -> PlannedDuration:
        if self.paced:
            return compressed(name, self.seconds, pace)
        return PlannedDuration(name=name, production=self.seconds, real=self.seconds, limit=self.limit)


def durations(value: BaseModel, prefix: str = "") -> Iterator[FoundDuration]:
    """Every duration in a value and the values inside it."""
    for name, info in type(value).model_fields.items():
        inner, path = getattr(value, name), f"{prefix}{info.alias or name}"
        marks = list(_metadata(info.annotation, info.metadata))
        if isinstance(inner, float) and any(_is_duration(mark) for mark in marks):
            paced = any(isinstance(mark, PacedMark) for mark in marks)
            yield FoundDuration(path, inner, paced, any(isinstance(mark, LimitMark) for mark in marks))
        elif isinstance(inner, BaseModel):
            yield from durations(inner, f"{path}.")
        elif isinstance(inner, Mapping):
            for key, entry in inner.items():
                if isinstance(entry, BaseModel):
                    yield from durations(entry, f"{path}.{key}.")
        elif isinstance(inner, list | tuple):
            for entry in inner:
                if isinstance(entry, BaseModel):
                    yield from durations(entry, f"{path} {_subject(entry)}".rstrip() + " ")


def _metadata(annotation: object, metadata: list[object]) -> Iterator[object]:
    """Marks of a field, also of one that may be absent (``Paced | None``)."""
    yield from metadata
    for arg in get_args(annotation):
        yield from getattr(arg, "__metadata__", ())


def _is_duration(mark: object) -> bool:
    return isinstance(mark, BeforeValidator) and mark.func is parse_duration


def _subject(entry: BaseModel) -> str:
    """The subject of an entry in a list: its first text field."""
    texts = (getattr(entry, name) for name in type(entry).model_fields)
    return next((text for text in texts if isinstance(text, str)), "")
