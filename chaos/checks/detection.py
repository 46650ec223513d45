"""Did the right alerts fire in time, no other, and did they resolve?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

from pydantic import Field

from chaos.checks.kit import falling, span
from chaos.checks.kit.alert_bounds import alert_objections, resolve_objections
from chaos.checks.kit.alerts import LONGEST_HOLE, AlertRecord, history, lasts, pending_of, read_alerts
from chaos.kinds import AlertDeadline, Check, Objection, Part, RealLimit, ScenarioContext, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.base import Frozen
from chaos.model.identity import TIME_TO_DETECT, MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.rules import PaceEffect
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Measure
from chaos.suggestions import known_words
from chaos.timeline.events import Phase, SteadyState
from chaos.timeline.questions import AlertSpan
from chaos.timeline.recording import Recording
from chaos.timing import Paced, format_duration

FIRES, RESOLVES = ResultKey("detection.fires"), ResultKey("detection.resolves")
NO_OTHER = ResultKey("detection.no_other")
BOUND = MeasureKey("detection.bound")
TIME_TO_RESOLVE = MeasureKey("detection.time_to_resolve")
_FIX_PACE = "Run the scenario with --pace 1."
_EFFECT = {
    PaceEffect.SAME: "the same at every pace",
    PaceEffect.TRANSLATED: "translated",
    PaceEffect.LOST: "not comparable",
}


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


class _DetectionCheck(Check[Detection]):
    """Instants come from Prometheus's own ALERTS series, so polling does not blur them.

    Time to detect counts from the injection of the first fault. A firing stretch counts when it began after
    that and no later than one scrape and one evaluation after the end of the last fault: later is not
    noticed while it mattered. An alert whose pending stretch began before the injection proves nothing.
    An alert is wrong when it is firing at any instant between the steady state and the teardown, and one that
    must fire is wrong before the injection.
    """

    name = "detection"
    summary = "the right alerts fire in time, no other fires, and they resolve"
    params = Detection
    dimensions = (Dimension.DETECTION, Dimension.HYGIENE)
    reads = (Part.JOURNAL, Part.METRICS)

    def problems(self, params: Detection, context: ScenarioContext) -> Iterator[Objection]:
        detection = context.detection
        if detection is None:
            message = "alerts are expected, but the stack has no Prometheus"
            yield Objection((), message, "add prometheus: to stack.yaml")
            return
        known = [rule.alert for rule in detection.rules]
        names = [entry.alert for entry in params.must_fire]
        for place, entry in enumerate(params.must_fire):
            loc = ("must_fire", place, "alert")
            if entry.alert not in known:
                yield Objection(loc, f"unknown alert {entry.alert!r}", known_words(entry.alert, known))
                continue
            if names.index(entry.alert) != place:
                yield Objection(loc, f"alert {entry.alert!r} is listed twice", "keep one of the two")
            yield from alert_objections(place, entry.alert, entry.within, context, detection)
            if context.scenario.timeline:
                yield from resolve_objections(entry.alert, params.must_resolve_within, detection)
        if not params.must_fire and params.must_not_fire == ():
            message = "nothing is expected of any alert"
            yield Objection((), message, "name alerts under must_fire, or write must_not_fire: others")
        for place, alert in enumerate(() if isinstance(params.must_not_fire, str) else params.must_not_fire):
            where = ("must_not_fire", place)
            if alert not in known:
                yield Objection(where, f"unknown alert {alert!r}", known_words(alert, known))
            if alert in names:
                message = f"alert {alert!r} must fire and must not fire"
                yield Objection(where, message, "drop it from one of the two lists")

    def alert_deadlines(self, params: Detection) -> Iterator[AlertDeadline]:
        for entry in params.must_fire:
            yield AlertDeadline(entry.alert, entry.within, params.must_resolve_within)

    def limits(self, params: Detection) -> Iterator[RealLimit]:
        yield RealLimit("alerts: longest hole in the scrapes", LONGEST_HOLE)

    def remarks(self, params: Detection, context: ScenarioContext) -> Iterator[str]:
        """What the pace makes of the rules: no alert is judged that means something else here."""
        if context.detection is None or context.pace in (None, 1):
            return
        for rule in context.detection.rules:
            why = context.detection.not_comparable(rule.alert, context.pace or 1)
            if why:
                yield f"alert {rule.alert} is not comparable at this pace and is not judged: {why}"
                continue
            awaited = rule.alert in (entry.alert for entry in params.must_fire)
            for note in rule.pace_notes:
                if note.effect is PaceEffect.SAME and not awaited:
                    continue  # of no matter to most scenarios
                yield f"alert {rule.alert}: {note.part} is {_EFFECT[note.effect]}: {note.text}"

    def wait(self, params: Detection, pace: float) -> Wait:
        return Wait(needed=params.must_resolve_within / pace)

    def asks(self, plan: Plan, params: Detection) -> Iterator[Asked]:
        for entry in params.must_fire:
            yield self.asked(
                FIRES,
                f"alert {entry.alert} fires",
                f"within {_both(entry.within, _fires_within(plan, entry), plan.pace)} of the injection",
                subject=_alert(entry.alert),
                dimension=Dimension.DETECTION,
            )
        for entry in params.must_fire:
            limit = _resolves_within(plan, params, entry.alert)
            yield self.asked(
                RESOLVES,
                f"alert {entry.alert} resolves",
                f"within {_both(params.must_resolve_within, limit, plan.pace)} of the end of the fault",
                subject=_alert(entry.alert),
                dimension=Dimension.HYGIENE,
            )
        forbidden = params.must_not_fire
        which = "no unexpected alert" if isinstance(forbidden, str) else "none of " + ", ".join(forbidden)
        yield self.asked(
            NO_OTHER,
            "no wrong alert fires",
            f"{which} between the steady state and the teardown{_left_out(plan)}",
            dimension=Dimension.HYGIENE,
        )

    def answers(
        self, recording: Recording, params: Detection, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        record = read_alerts(recording)
        plan = recording.plan
        within = {entry.alert: _fires_within(plan, entry) for entry in params.must_fire}
        for one in asked:
            alert = one.subject.name
            if one.key in (FIRES, RESOLVES) and (why := _not_comparable(plan, alert)):
                yield one.unknown(f"not comparable at pace {plan.pace:g}: {why}", fix=_FIX_PACE)
            elif one.key == FIRES:
                yield one.settled(partial(self._fires, record, within[alert], one))
            elif one.key == RESOLVES:
                limit = _resolves_within(plan, params, alert)
                yield one.settled(partial(self._resolves, record, limit, one))
            else:
                yield one.settled(partial(self._wrong, record, params, one))

    def _fires(self, record: AlertRecord, within: float, asked: Asked) -> CheckResult:
        """``within``: real seconds."""
        alert = asked.subject.name
        deadline = record.injected + within
        latest = deadline if record.over is None else min(deadline, record.over + record.lag(alert))
        spans, evidence = record.firing(alert), history(record, alert)
        already = next((s for s in spans if s.start < record.struck and lasts(s, record.struck)), None)
        first = next((s for s in spans if s.start >= record.struck), None)
        why = ""
        if already is not None:
            why = f"was firing already {span(record.struck - already.start)} before the injection"
        elif first is not None and record.over is not None and first.start > record.over + record.lag(alert):
            why = f"fired only {span(first.start - record.over)} after the fault was over"
        elif first is None and record.read_to < latest:
            why = "had not fired when the data ends, and its deadline had not passed"
            raise CannotTell(why, evidence=evidence)
        elif first is None:
            why = "never fired" + (" (it did before the injection)" if spans else "")
        if why or first is None:
            return asked.failed(
                why,
                reason=f"alert {alert} {why}",
                fix=_fix_fires(alert),
                evidence=evidence,
                measures=_detected(record, alert, None, within),
            )
        pending = pending_of(record, first)
        if pending is not None and pending.start < record.struck:
            why = "was pending already before the injection, so its firing proves nothing"
            raise CannotTell(why, evidence=evidence)
        taken = max(0.0, first.start - record.injected)
        measures = _detected(record, alert, taken, within)
        actual = f"fired {span(taken)} after the injection"
        if taken <= within:
            return asked.passed(actual, evidence=evidence, measures=measures)
        return asked.failed(
            f"{actual}, too late",
            reason=f"alert {alert} {actual}, too late",
            fix=_fix_fires(alert),
            fraction=falling(taken, within),
            evidence=evidence,
            measures=measures,
        )

    def _resolves(self, record: AlertRecord, limit: float, asked: Asked) -> CheckResult:
        """``limit``: real seconds."""
        alert = asked.subject.name
        spans = [s for s in record.firing(alert) if lasts(s, record.struck)]
        evidence = history(record, alert)
        if record.over is None or (not spans and record.read_to < record.over):
            raise CannotTell("the data ends before the fault does", evidence=evidence)
        gone = None if any(s.end is None for s in spans) else max((s.end or 0.0 for s in spans), default=None)
        if spans and gone is None and record.read_to < record.over + limit:
            why = "it was firing when the data ends, and its deadline had not passed"
            raise CannotTell(why, evidence=evidence)
        taken = None if gone is None else max(0.0, gone - record.over)
        if not spans:
            actual = "never fired, so it never resolved"
        elif taken is None:
            actual = "was still firing at the end of the data"
        else:
            actual = f"resolved {span(taken)} after the end of the fault"
            actual = actual if taken else "resolved before the fault was over"
        value = None if taken is None else round(taken, 3)
        measures = [
            Measure(key=TIME_TO_RESOLVE, label="time to resolve", value=value, limit=limit, note=alert)
        ]
        if taken is not None and taken <= limit:
            return asked.passed(actual, evidence=evidence, measures=measures)
        return asked.failed(
            actual,
            reason=f"alert {alert} {actual}",
            fix=f"See whether the condition of {alert} really ended with the fault, and how long its window "
            "lingers.",
            fraction=0.0 if taken is None else falling(taken, limit),
            evidence=evidence,
            measures=measures,
        )

    def _wrong(self, record: AlertRecord, params: Detection, asked: Asked) -> CheckResult:
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
        if not wrong and record.read_to < (record.over or teardown):
            raise CannotTell("none fired as far as the data goes, but the data ends before the fault does")
        if not wrong:
            return asked.passed("none fired")
        listed = ", ".join(names)
        return asked.failed(
            f"fired: {listed}",
            reason=f"wrong alerts fired: {listed}",
            fix="See whether these alerts report something real that the scenario should expect, or are "
            "too sensitive.",
            evidence=[fact for name in names for fact in history(record, name)],
        )


def _alert(name: str) -> Subject:
    return Subject(kind=SubjectKind.ALERT, name=name)


def _fix_fires(alert: str) -> str:
    return (
        f"Check that the expression of {alert} sees this fault, its metric is scraped, and that its window "
        "and `for` fit the deadline."
    )


def _detected(record: AlertRecord, alert: str, taken: float | None, within: float) -> tuple[Measure, ...]:
    """The time to detect in real seconds, and the least that the rules allow where they are known."""
    value = None if taken is None else round(taken, 3)
    measure = Measure(key=TIME_TO_DETECT, label="time to detect", value=value, limit=within, note=alert)
    facts = record.recording.plan.detection
    if facts is None or facts.rule(alert) is None:
        return (measure,)
    bound = round(facts.bound(alert) / record.pace, 3)
    return (measure, Measure(key=BOUND, label="theoretical bound", value=bound, note=alert))


def _forbidden(params: Detection, firing: AlertSpan, record: AlertRecord) -> bool:
    """Must this not be? Under ``others`` even an alert that must fire is wrong before the injection.

    An alert that means something else at this pace is never wrong.
    """
    if _not_comparable(record.recording.plan, firing.alert):
        return False
    if not isinstance(params.must_not_fire, str):
        return firing.alert in params.must_not_fire
    return firing.start < record.struck or firing.alert not in (entry.alert for entry in params.must_fire)


def _both(production: float, real: float, pace: float) -> str:
    """A compressed length both ways: ``5m (15s at pace 20)``. ``real``: seconds that are judged by."""
    if pace == 1 and real == production:
        return format_duration(production)
    return f"{format_duration(production)} ({span(real)} at pace {pace:g})"


def _fires_within(plan: Plan, entry: MustFire) -> float:
    """Real seconds: the plan's, which leave the alert the least time beyond its bound."""
    deadline = plan.deadline(entry.alert)
    return entry.within / plan.pace if deadline is None else deadline.within


def _resolves_within(plan: Plan, params: Detection, alert: str) -> float:
    """Real seconds, as for firing; plans of earlier versions do not hold them."""
    deadline = plan.deadline(alert)
    planned = None if deadline is None else deadline.resolves_within
    return params.must_resolve_within / plan.pace if planned is None else planned


def _not_comparable(plan: Plan, alert: str) -> str:
    return "" if plan.detection is None else plan.detection.not_comparable(alert, plan.pace)


def _left_out(plan: Plan) -> str:
    """Which alerts are not judged at this pace, in words."""
    rules = plan.detection.rules if plan.detection is not None else ()
    names = [rule.alert for rule in rules if _not_comparable(plan, rule.alert)]
    return f"; not comparable at this pace, so not judged: {', '.join(names)}" if names else ""


CHECK = _DetectionCheck()
