"""Finds promises about a breaker that no run can show: too few answers while open, or closing too early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, isinf

from chaos.checks.kit.answer_windows import asked_by_load
from chaos.checks.kit.breakers import (
    reset_time,
)
from chaos.kinds import Objection, ScenarioContext
from chaos.model.breaker_states import BreakerState
from chaos.model.rules import DetectionFacts
from chaos.model.stack import BreakerFacts, Stack
from chaos.model.windows import FEWEST_ANSWERS, rounded_up
from chaos.timing import format_duration


def too_few_answers(
    request: str | None, facts: BreakerFacts, context: ScenarioContext
) -> Iterator[Objection]:
    """Why there can never be enough answers to judge failing fast, even if it were open all the time."""
    scenario, stack, where = context.scenario, context.stack, ("fails_fast_under",)
    if scenario.load is None:
        yield Objection(where, "without load the answers have no latency", "add load: to the scenario")
        return
    known = scenario.load.profile in stack.load
    if not known or any(step.answer is not None or isinf(step.hold) for step in scenario.timeline):
        return
    name = None if request is None else request.partition("?")[0]
    asking = asked_by_load(name, scenario, stack)
    if asking.rate == 0:
        yield Objection(("request",), f"the load never requests {request}", "name a request of the load")
        return
    held = sum(step.hold for step in scenario.timeline) + (reset_time(facts, stack) or 0.0)
    number = floor(context.real(held) * asking.rate) + 1
    if number < FEWEST_ANSWERS:
        longer = format_duration(rounded_up(context.production(FEWEST_ANSWERS / asking.rate)))
        rate = ceil(FEWEST_ANSWERS / context.real(held) / asking.share)
        yield Objection(
            where,
            f"while it may be open there are at most {number} answers (at {asking.words()}), but the check "
            f"needs {FEWEST_ANSWERS}",
            f"write for: {longer} or more, or a rate of {rate}/s or more",
        )


def closing_too_early(
    path: Sequence[str],
    closes_within: float,
    facts: BreakerFacts,
    stack: Stack,
    detection: DetectionFacts | None,
) -> Iterator[Objection]:
    """Why no breaker can keep the promise about closing."""
    if path[-1] != BreakerState.CLOSED:
        yield Objection(
            ("closes_within",),
            "the path does not end closed",
            "end the path with closed, or remove closes_within",
        )
    bound = (reset_time(facts, stack) or 0.0) + (detection.scrape_interval if detection else 0.0)
    if closes_within < bound:
        yield Objection(
            ("closes_within",),
            f"cannot be promised: reset time and one scrape alone take {format_duration(bound)}",
            f"write closes_within: {format_duration(bound)} or more",
        )
