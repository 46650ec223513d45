"""Results of checks made by hand: for what reads results, not for what makes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos.kinds import Check, ScenarioContext
from chaos.model.asked import Asked
from chaos.model.identity import RUN, MeasureKey, ResultKey, Subject
from chaos.model.plan import Plan
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import Cap, CheckResult, Evidence, Mark, Measure, Outcome
from chaos.timeline.recording import Recording


def a_result(
    check: str = "toy",
    outcome: Outcome = Outcome.PASS,
    *,
    key: str = "",
    subject: Subject = RUN,
    title: str = "toy",
    texts: str = "",
    marks: tuple[Mark, ...] = (),
    measures: tuple[Measure, ...] = (),
    evidence: tuple[Evidence, ...] = (),
    cap: Cap | None = None,
) -> CheckResult:
    """A result; ``texts`` is what was expected and what was seen."""
    return CheckResult(
        check=check,
        key=ResultKey(key or f"{check}.asked"),
        subject=subject,
        title=title,
        outcome=outcome,
        expected=texts,
        actual=texts,
        marks=marks,
        measures=measures,
        evidence=evidence,
        cap=cap,
    )


def a_figure(
    key: str = "toy.figure",
    value: float | None = None,
    limit: float | None = None,
    unit: str = "s",
    label: str = "a figure",
) -> Measure:
    return Measure(key=MeasureKey(key), label=label, value=value, limit=limit, unit=unit)


def context(
    scenario: Scenario, stack: Stack, detection: DetectionFacts | None, pace: float | None = None
) -> ScenarioContext:
    return ScenarioContext(scenario, stack, detection, pace)


class Unjudged(Check[CheckParams]):
    """A check of which a test needs the parameters only."""

    summary = "a toy"

    def asks(self, plan: Plan, params: CheckParams) -> Iterable[Asked]:
        raise AssertionError("nothing is judged here")

    def answers(
        self, recording: Recording, params: CheckParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        raise AssertionError("nothing is judged here")
