"""Did the right alerts fire in time, no other, and did they resolve?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.checks._common import Found, nearest, one_of, unknown
from chaos.model.base import Frozen
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timing import Paced, format_duration


class MustFire(Frozen):
    """One alert that must fire, and how long after the injection of the first fault it may take."""

    alert: str
    within: Paced = Field(gt=0, description="production time from the injection of the first fault")


class Detection(CheckParams):
    """Which alerts must fire, which must not, and when they must be gone again."""

    must_fire: tuple[MustFire, ...] = ()
    must_not_fire: Literal["others"] | tuple[str, ...] = Field(
        default="others", description="every alert that is not in must_fire, or a list of names"
    )
    must_resolve_within: Paced = Field(
        default=300.0, gt=0, description="production time from the end of the last fault"
    )

    def alert_deadlines(self) -> tuple[tuple[str, float], ...]:
        """(alert, deadline in production seconds from the first injection) of every alert that must fire."""
        return tuple((entry.alert, entry.within) for entry in self.must_fire)

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        if detection is None:
            yield (
                (),
                "alerts are expected, but the stack declares no prometheus",
                "add prometheus: to stack.yaml",
            )
            return
        known = [rule.alert for rule in detection.rules]
        names = [entry.alert for entry in self.must_fire]
        for place, entry in enumerate(self.must_fire):
            loc = ("must_fire", place, "alert")
            if entry.alert not in known:
                yield (
                    loc,
                    f'unknown alert "{entry.alert}", {one_of(known)}{nearest(entry.alert, known)}',
                    "see the rule files",
                )
                continue
            if names.index(entry.alert) != place:
                yield loc, f'alert "{entry.alert}" is listed twice', "keep one of the two"
            yield from self._impossible(place, entry, scenario, detection)
        if not isinstance(self.must_not_fire, str):
            for place, alert in enumerate(self.must_not_fire):
                at = ("must_not_fire", place)
                if alert not in known:
                    yield (
                        at,
                        f'unknown alert "{alert}", {one_of(known)}{nearest(alert, known)}',
                        "see the rule files",
                    )
                if alert in names:
                    yield (
                        at,
                        f'alert "{alert}" must fire and must not fire',
                        "drop it from one of the two lists",
                    )

    def _impossible(
        self, place: int, entry: MustFire, scenario: Scenario, detection: DetectionFacts
    ) -> Iterator[Found]:
        bound = detection.bound(entry.alert)
        rule = detection.rule(entry.alert)
        assert rule is not None
        sum_of = (
            f"rate window {format_duration(rule.window)} + scrape {format_duration(detection.scrape_interval)} + "
            f"evaluation {format_duration(detection.evaluation_interval)} + for {format_duration(rule.hold)}"
        )
        if entry.within < bound:
            yield (
                ("must_fire", place, "within"),
                f"{entry.alert} cannot be promised within {format_duration(entry.within)}: "
                f"the bound is {format_duration(bound)} ({sum_of})",
                f"write within: {format_duration(bound)} or more",
            )
        lasts = max(step.at + step.hold for step in scenario.timeline) - min(
            step.at for step in scenario.timeline
        )
        if lasts < bound:
            yield (
                ("must_fire", place, "alert"),
                f"the faults last {format_duration(lasts)}, less than the {format_duration(bound)} that {entry.alert} "
                f"may need ({sum_of})",
                f"let the faults last {format_duration(bound)} or more",
            )
        lingers = rule.window + detection.scrape_interval + detection.evaluation_interval
        if self.must_resolve_within < lingers:
            yield (
                ("must_resolve_within",),
                f"{entry.alert} cannot be promised to resolve within {format_duration(self.must_resolve_within)}: its "
                f"rate window, scrape and evaluation alone take {format_duration(lingers)}",
                f"write must_resolve_within: {format_duration(lingers)} or more",
            )


class _DetectionCheck:
    name = "detection"
    summary = "the right alerts fire in time, no other fires, and they resolve"
    params: type[CheckParams] | None = Detection
    dimensions = (Dimension.DETECTION, Dimension.HYGIENE)
    reads = ("journal", "metrics")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return (unknown(self.name, "detection", "", "not judged yet", Dimension.DETECTION),)


CHECK = _DetectionCheck()
