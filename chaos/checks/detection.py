"""Did the right alerts fire in time, no other, and did they resolve?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.checks._alerts import AlertRecord, history, lasts, pending_of, read_alerts
from chaos.checks._common import Found, falling, marked, span, unknown
from chaos.model.base import Frozen
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure, Outcome
from chaos.suggestions import known_words
from chaos.timeline.events import Phase, SteadyState
from chaos.timeline.questions import AlertSpan
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
            yield (), "alerts are expected, but the stack has no Prometheus", "add prometheus: to stack.yaml"
            return
        known = [rule.alert for rule in detection.rules]
        names = [entry.alert for entry in self.must_fire]
        for place, entry in enumerate(self.must_fire):
            loc = ("must_fire", place, "alert")
            if entry.alert not in known:
                yield loc, f"unknown alert {entry.alert!r}", known_words(entry.alert, known)
                continue
            if names.index(entry.alert) != place:
                yield loc, f"alert {entry.alert!r} is listed twice", "keep one of the two"
            yield from self._impossible(place, entry, scenario, detection)
        for place, alert in enumerate(() if isinstance(self.must_not_fire, str) else self.must_not_fire):
            if alert not in known:
                yield ("must_not_fire", place), f"unknown alert {alert!r}", known_words(alert, known)
            if alert in names:
                message = f"alert {alert!r} must fire and must not fire"
                yield ("must_not_fire", place), message, "drop it from one of the two lists"

    def _impossible(
        self, place: int, entry: MustFire, scenario: Scenario, detection: DetectionFacts
    ) -> Iterator[Found]:
        bound = detection.bound(entry.alert)
        rule = detection.rule(entry.alert)
        assert rule is not None
        sum_of = (
            f"rate window {format_duration(rule.window)} + "
            f"scrape {format_duration(detection.scrape_interval)} + "
            f"evaluation {format_duration(detection.evaluation_interval)} + for {format_duration(rule.hold)}"
        )
        if entry.within < bound:
            yield (
                ("must_fire", place, "within"),
                f"{entry.alert} cannot be promised within {format_duration(entry.within)}: "
                f"the bound is {format_duration(bound)} ({sum_of})",
                f"write within: {format_duration(bound)} or more",
            )
        steps = scenario.timeline
        if not steps:
            yield ("must_fire", place, "alert"), "nothing is broken, so no alert must fire", "drop it"
            return
        # How long an answered fault lasts is what the run finds out.
        ends = [math.inf if step.answer else step.at + step.hold for step in steps]
        lasts = max(ends, default=0.0) - min((step.at for step in steps), default=0.0)
        if lasts < bound:
            yield (
                ("must_fire", place, "alert"),
                f"the faults last {format_duration(lasts)}, less than the {format_duration(bound)} "
                f"that {entry.alert} may need ({sum_of})",
                f"let the faults last {format_duration(bound)} or more",
            )
        lingers = rule.window + detection.scrape_interval + detection.evaluation_interval
        if self.must_resolve_within < lingers:
            yield (
                ("must_resolve_within",),
                f"{entry.alert} cannot be promised to resolve within "
                f"{format_duration(self.must_resolve_within)}: its rate window, scrape and evaluation "
                f"alone take {format_duration(lingers)}",
                f"write must_resolve_within: {format_duration(lingers)} or more",
            )


class _DetectionCheck:
    """Instants come from Prometheus's own ALERTS series, so polling does not blur them.

    Time to detect counts from the injection of the first fault. A firing stretch counts when it began after
    that and no later than one scrape and one evaluation after the end of the last fault: later is not
    noticed while it mattered. An alert whose pending stretch began before the injection proves nothing.
    An alert is wrong when it is firing at any instant between the steady state and the teardown, and one that
    must fire is wrong before the injection.
    """

    name = "detection"
    summary = "the right alerts fire in time, no other fires, and they resolve"
    params: type[CheckParams] | None = Detection
    dimensions = (Dimension.DETECTION, Dimension.HYGIENE)
    reads = ("journal", "metrics")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        assert isinstance(params, Detection)
        asked = self._asked(recording, params)
        record = read_alerts(recording)
        if isinstance(record, str):
            return tuple(unknown(self.name, title, expected, record, dim) for title, expected, dim in asked)
        fires = tuple(self._fires(record, entry, *asked[i][:2]) for i, entry in enumerate(params.must_fire))
        resolves = tuple(
            self._resolves(record, entry.alert, params.must_resolve_within, *asked[len(fires) + i][:2])
            for i, entry in enumerate(params.must_fire)
        )
        wrong = (self._wrong(record, params, *asked[-1][:2]),)
        return fires + resolves + wrong

    def _asked(self, recording: Recording, params: Detection) -> list[tuple[str, str, Dimension]]:
        """(title, expected, dimension) of every result, in order; none depends on what happened."""
        pace = recording.plan.pace
        asked = [
            (
                f"alert {entry.alert} fires",
                f"within {_both(entry.within, pace)} of the injection",
                Dimension.DETECTION,
            )
            for entry in params.must_fire
        ]
        asked += [
            (
                f"alert {entry.alert} resolves",
                f"within {_both(params.must_resolve_within, pace)} of the end of the fault",
                Dimension.HYGIENE,
            )
            for entry in params.must_fire
        ]
        forbidden = params.must_not_fire
        others = (
            "no alert but those that must"
            if isinstance(forbidden, str)
            else "none of " + ", ".join(forbidden)
        )
        asked.append(
            ("no wrong alert fires", f"{others} between the steady state and the teardown", Dimension.HYGIENE)
        )
        return asked

    def _fires(self, record: AlertRecord, entry: MustFire, title: str, expected: str) -> CheckResult:
        deadline = record.injected + entry.within / record.pace
        latest = deadline if record.over is None else min(deadline, record.over + record.lag)
        spans = record.firing(entry.alert)
        evidence = history(record, entry.alert)
        already = next((s for s in spans if s.start < record.struck and lasts(s, record.struck)), None)
        first = next((s for s in spans if s.start >= record.struck), None)
        if already is not None:
            why = f"was firing already {span(record.struck - already.start)} before the injection"
            return self._result(record, entry, title, expected, None, evidence, why, 0.0)
        if first is not None and record.over is not None and first.start > record.over + record.lag:
            why = f"fired only {span(first.start - record.over)} after the fault was over"
            return self._result(record, entry, title, expected, None, evidence, why, 0.0)
        if first is None and record.read_to < latest:
            why = "had not fired when the data ends, and its deadline had not passed"
            return unknown(self.name, title, expected, why, Dimension.DETECTION, evidence)
        if first is None:
            before = " (it did before the injection)" if spans else ""
            return self._result(record, entry, title, expected, None, evidence, f"never fired{before}", 0.0)
        pending = pending_of(record, first)
        if pending is not None and pending.start < record.struck:
            why = "was pending already before the injection, so its firing proves nothing"
            return unknown(self.name, title, expected, why, Dimension.DETECTION, evidence)
        taken = max(0.0, first.start - record.injected)
        late = taken > entry.within / record.pace
        actual = f"fired {span(taken)} after the injection" + (", too late" if late else "")
        fraction = falling(taken, entry.within / record.pace)
        return self._result(record, entry, title, expected, taken, evidence, actual, fraction, late)

    def _result(
        self,
        record: AlertRecord,
        entry: MustFire,
        title: str,
        expected: str,
        taken: float | None,
        evidence: tuple[Evidence, ...],
        actual: str,
        fraction: float,
        failed: bool = True,
    ) -> CheckResult:
        facts = record.recording.plan.detection
        rule = facts.rule(entry.alert) if facts else None
        bound = facts.bound(entry.alert) / record.pace if facts and rule else None
        measures = [
            Measure(
                name="time to detect",
                value=None if taken is None else round(taken, 3),
                limit=entry.within / record.pace,
                note=entry.alert,
            )
        ]
        if bound is not None:
            measures.append(Measure(name="theoretical bound", value=round(bound, 3), note=entry.alert))
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if failed else Outcome.PASS,
            expected=expected,
            actual=actual,
            evidence=evidence,
            measures=tuple(measures),
            marks=marked(
                Dimension.DETECTION,
                fraction,
                f"alert {entry.alert} {actual}",
                f"Check that the expression of {entry.alert} sees this fault, its metric is scraped, and "
                "that its window and `for` fit the deadline.",
            ),
        )

    def _resolves(
        self, record: AlertRecord, alert: str, within: float, title: str, expected: str
    ) -> CheckResult:
        limit = within / record.pace
        spans = [s for s in record.firing(alert) if lasts(s, record.struck)]
        evidence = history(record, alert)
        if record.over is None or (not spans and record.read_to < record.over):
            why = "the data ends before the fault does"
            return unknown(self.name, title, expected, why, Dimension.HYGIENE, evidence)
        if not spans:
            return self._resolution(
                alert, title, expected, "never fired, so it never resolved", None, limit, evidence
            )
        gone = None if any(s.end is None for s in spans) else max(s.end for s in spans if s.end is not None)
        if gone is None and record.read_to < record.over + limit:
            why = "it was firing when the data ends, and its deadline had not passed"
            return unknown(self.name, title, expected, why, Dimension.HYGIENE, evidence)
        taken = None if gone is None else max(0.0, gone - record.over)
        actual = (
            "was still firing at the end of the data"
            if taken is None
            else f"resolved {span(taken)} after the end of the fault"
            if taken
            else "resolved before the fault was over"
        )
        return self._resolution(alert, title, expected, actual, taken, limit, evidence)

    def _resolution(
        self,
        alert: str,
        title: str,
        expected: str,
        actual: str,
        taken: float | None,
        limit: float,
        evidence: tuple[Evidence, ...],
    ) -> CheckResult:
        value = None if taken is None else round(taken, 3)
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if taken is None or taken > limit else Outcome.PASS,
            expected=expected,
            actual=actual,
            evidence=evidence,
            measures=(Measure(name="time to resolve", value=value, limit=limit, note=alert),),
            marks=marked(
                Dimension.HYGIENE,
                0.0 if taken is None else falling(taken, limit),
                f"alert {alert} {actual}",
                f"See whether the condition of {alert} really ended with the fault, and how long its window "
                "lingers.",
            ),
        )

    def _wrong(self, record: AlertRecord, params: Detection, title: str, expected: str) -> CheckResult:
        steady = next((e.at for e in record.recording.of(SteadyState) if e.when == "before"), record.struck)
        teardown = record.recording.phase_began(Phase.TEARDOWN) or record.recording.ended
        wrong = [
            s
            for s in record.spans
            if s.state == "firing"
            and lasts(s, steady)
            and s.start < teardown
            and _forbidden(params, s, record)
        ]
        names = sorted({s.alert for s in wrong})
        evidence = tuple(e for name in names for e in history(record, name))
        if not wrong and record.read_to < (record.over or teardown):
            why = "none fired as far as the data goes, but the data ends before the fault does"
            return unknown(self.name, title, expected, why, Dimension.HYGIENE)
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if wrong else Outcome.PASS,
            expected=expected,
            actual="fired: " + ", ".join(names) if wrong else "none fired",
            evidence=evidence,
            marks=marked(
                Dimension.HYGIENE,
                0.0 if wrong else 1.0,
                "wrong alerts fired: " + ", ".join(names),
                "See whether these alerts report something real that the scenario should expect, or are "
                "too touchy.",
            ),
        )


def _forbidden(params: Detection, firing: AlertSpan, record: AlertRecord) -> bool:
    """Must this not be? Under ``others`` even an alert that must fire is wrong before the injection."""
    if not isinstance(params.must_not_fire, str):
        return firing.alert in params.must_not_fire
    return firing.start < record.struck or firing.alert not in (entry.alert for entry in params.must_fire)


def _both(production: float, pace: float) -> str:
    """A compressed length both ways: ``5m (15s at pace 20)``."""
    return format_duration(production) + (
        f" ({span(production / pace)} at pace {pace:g})" if pace != 1 else ""
    )


CHECK = _DetectionCheck()
