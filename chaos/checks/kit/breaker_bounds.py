"""What no run could show of a breaker: too few answers while it is open, or closing before it can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, isinf

from chaos.checks.kit.answer_windows import asked_by_load
from chaos.checks.kit.breakers import (
    reset_time,
)
from chaos.kinds import Objection, ScenarioContext
from chaos.model.rules import DetectionFacts
from chaos.model.stack import BreakerFacts, Stack
from chaos.model.windows import FEWEST_ANSWERS, rounded_up
from chaos.timing import format_duration


def too_few_answers(
    request: str | None, facts: BreakerFacts, context: ScenarioContext
) -> Iterator[Objection]:
    """Why there can never be enough answers to tell how fast it fails, were it open all the time."""
    scenario, stack, where = context.scenario, context.stack, ("fails_fast_under",)
    if scenario.load is None:
        yield Objection(where, "only a load can show how fast answers are", "add load: to the scenario")
        return
    known = scenario.load.profile in stack.load
    if not known or any(step.answer is not None or isinf(step.hold) for step in scenario.timeline):
        return
    name = None if request is None else request.partition("?")[0]
    asking = asked_by_load(name, scenario, stack)
    if asking.rate == 0:
        yield Objection(("request",), f"the load never asks for {request}", "name a request of the load")
        return
    held = sum(step.hold for step in scenario.timeline) + (reset_time(facts, stack) or 0.0)
    number = floor(context.real(held) * asking.rate) + 1
    if number < FEWEST_ANSWERS:
        longer = format_duration(rounded_up(context.production(FEWEST_ANSWERS / asking.rate)))
        rate = ceil(FEWEST_ANSWERS / context.real(held) / asking.share)
        yield Objection(
            where,
            f"while it may be open there are {number} answers at best (at {asking.words()}), and "
            f"{FEWEST_ANSWERS} are needed",
            f"write for: {longer} or more, or a rate of {rate}/s or more",
        )


def closing_too_early(
    path: Sequence[str],
    closes_within: float,
    facts: BreakerFacts,
    stack: Stack,
    detection: DetectionFacts | None,
) -> Iterator[Objection]:
    """Why closing cannot be promised, whatever the breaker does."""
    if path[-1] != "closed":
        yield Objection(
            ("closes_within",),
            "the path does not end closed",
            "end the path with closed, or drop closes_within",
        )
    bound = (reset_time(facts, stack) or 0.0) + (detection.scrape_interval if detection else 0.0)
    if closes_within < bound:
        yield Objection(
            ("closes_within",),
            f"cannot be promised: reset time and one scrape alone take {format_duration(bound)}",
            f"write closes_within: {format_duration(bound)} or more",
        )
