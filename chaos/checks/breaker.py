"""Did the circuit breaker open, fail fast, and close again?"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from chaos.checks._common import Found, nearest, one_of, unknown
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import BreakerFacts, Stack
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timing import Duration, Paced, format_duration


class Breaker(CheckParams):
    """The states that a breaker of the stack must go through, and how fast."""

    name: str = Field(description="a breaker of stack.yaml")
    path: tuple[str, ...] = Field(default=("closed", "open", "half_open", "closed"), min_length=2)
    opens_within: Duration | None = Field(
        default=None, gt=0, description="real time from the injection of the first fault"
    )
    fails_fast_under: Duration | None = Field(
        default=None, gt=0, description="p95 latency of the answers while it is open, real time"
    )
    closes_within: Paced | None = Field(
        default=None, gt=0, description="production time from the end of the last fault to closed for good"
    )
    request: str | None = Field(
        default=None, description="METHOD /path whose answers must be fast; default: all degraded ones"
    )

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        facts = stack.breakers.get(self.name)
        if facts is None:
            known = list(stack.breakers)
            yield (
                ("name",),
                f'unknown breaker "{self.name}", {one_of(known)}{nearest(self.name, known)}',
                "see stack.yaml",
            )
            return
        for place, state in enumerate(self.path):
            if state not in facts.states:
                known = list(facts.states)
                yield (
                    ("path", place),
                    f'unknown state "{state}", {one_of(known)}{nearest(state, known)}',
                    "see stack.yaml",
                )
        if self.closes_within is not None:
            yield from self._impossible(self.closes_within, facts, stack, detection)
        if self.fails_fast_under is not None and scenario.load is None:
            yield (
                ("fails_fast_under",),
                "only a load can show how fast answers are",
                "add load: to the scenario",
            )

    def _impossible(
        self, closes_within: float, facts: BreakerFacts, stack: Stack, detection: DetectionFacts | None
    ) -> Iterator[Found]:
        if self.path[-1] != "closed":
            yield (
                ("closes_within",),
                "the path does not end closed",
                "end the path with closed, or drop closes_within",
            )
        bound = (reset_time(facts, stack) or 0.0) + (detection.scrape_interval if detection else 0.0)
        if closes_within < bound:
            yield (
                ("closes_within",),
                f"cannot be promised: reset time and one scrape alone take {format_duration(bound)}",
                f"write closes_within: {format_duration(bound)} or more",
            )


def reset_time(facts: BreakerFacts, stack: Stack) -> float | None:
    """Production seconds that the breaker stays open before it tries again; None if stack.yaml does not say."""
    if facts.reset is None:
        return None
    service, _, variable = facts.reset.partition(".")
    return stack.paced.get(service, {}).get(variable)


class _BreakerCheck:
    name = "breaker"
    summary = (
        "the circuit breaker goes through its states, opens and closes in time, and fails fast while open"
    )
    params: type[CheckParams] | None = Breaker
    dimensions = (Dimension.CONTAINMENT,)
    reads = ("journal", "metrics", "load")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return (unknown(self.name, "breaker", "", "not judged yet", Dimension.CONTAINMENT),)


CHECK = _BreakerCheck()
