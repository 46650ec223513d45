"""Did the right alerts fire in time, did no other fire, and did they resolve?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from chaos.checks.kit import span
from chaos.checks.kit.alert_bounds import alert_objections, no_such_labels, resolve_objections
from chaos.checks.kit.alert_params import Detection as Detection
from chaos.checks.kit.alert_params import MustFire, must_fire_elsewhere, must_fire_of
from chaos.checks.kit.alerts import not_comparable, read_alerts
from chaos.checks.kit.awaited import Awaited
from chaos.checks.kit.firings import fires, keeps_firing
from chaos.checks.kit.resolving import resolves
from chaos.checks.kit.scrapes import LONGEST_HOLE
from chaos.checks.kit.selectors import alive
from chaos.checks.kit.wrong_alerts import none_wrong
from chaos.kinds import (
    AlertDeadline,
    Check,
    CoverageKind,
    Covered,
    Objection,
    Part,
    RealLimit,
    ScenarioContext,
    UnknownName,
    Wait,
)
from chaos.model.asked import Asked
from chaos.model.identity import ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.rules import AlertRule, PaceEffect
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timing import format_duration

FIRES, RESOLVES = ResultKey("detection.fires"), ResultKey("detection.resolves")
KEEPS, ALIVE = ResultKey("detection.keeps_firing"), ResultKey("detection.selectors")
NO_OTHER = ResultKey("detection.no_other")
_FIX_PACE = "Run the scenario with --pace 1."
_EFFECT = {
    PaceEffect.SAME: "the same at every pace",
    PaceEffect.TRANSLATED: "translated",
    PaceEffect.LOST: "not comparable",
}


class _DetectionCheck(Check[Detection]):
    """Instants come from Prometheus's own ALERTS series, so they do not depend on polling.

    Time to detect counts from the injection of the first fault. A firing stretch counts if it began after
    that, and no later than one scrape and one evaluation after the end of the last fault: a later alert did
    not detect the fault while it lasted. An alert that was pending before the injection proves nothing.
    An unexpected alert is wrong if it fires at any instant between the steady state and the teardown; an
    alert that must fire is wrong if it fires before the injection.
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
        elsewhere = must_fire_elsewhere(params, context.scenario)
        for place, entry in enumerate(params.must_fire):
            loc = ("must_fire", place, "alert")
            if entry.alert not in known:
                yield UnknownName.of(loc, "alert", entry.alert, known)
                continue
            if names.index(entry.alert) != place:
                yield Objection(loc, f"alert {entry.alert!r} is listed twice", "keep one of the two")
            elif any((one.alert, one.labels) == (entry.alert, entry.labels) for one in elsewhere):
                message = f"alert {entry.alert!r} is in another entry of detection too"
                yield Objection(loc, message, "keep one of the two, or give them different labels")
            yield from alert_objections(place, entry, context, detection)
            if context.scenario.timeline:
                yield from resolve_objections(entry, params.must_resolve_within, detection)
        if not params.must_fire and params.must_not_fire == ():
            message = "nothing is expected of any alert"
            yield Objection((), message, "name alerts under must_fire, or write must_not_fire: others")
        listed = () if isinstance(params.must_not_fire, str) else params.must_not_fire
        for place, forbidden in enumerate(listed):
            where, alert = ("must_not_fire", place), forbidden.alert
            if alert not in known:
                yield UnknownName.of(where, "alert", alert, known)
            elif not detection.rules_of(alert, forbidden.labels):
                yield no_such_labels((*where, "labels"), alert, detection)
            if any(forbidden.may_be(entry) for entry in (*params.must_fire, *elsewhere)):
                message = f"alert {alert!r} must fire and must not fire"
                yield Objection(where, message, "remove it from one of the two lists")

    def alert_deadlines(self, params: Detection) -> Iterator[AlertDeadline]:
        for entry in params.must_fire:
            yield AlertDeadline(entry.alert, entry.within, params.must_resolve_within, entry.labels)

    def covers(self, params: Detection, context: ScenarioContext) -> Iterator[Covered]:
        if context.detection is None or not context.scenario.timeline:
            return
        for alert in sorted({entry.alert for entry in params.must_fire}):
            yield Covered(CoverageKind.ALERT_FIRES, alert, FIRES, alert)
        fire = {entry.alert for entry in must_fire_of(params, context.scenario)}
        if isinstance(params.must_not_fire, str):
            silent = {rule.alert for rule in context.detection.rules} - context.detection.reading_nothing
        else:
            silent = {entry.alert for entry in params.must_not_fire}
        for alert in sorted(silent - fire):
            yield Covered(CoverageKind.ALERT_STAYS_SILENT, alert, NO_OTHER)

    def limits(self, params: Detection) -> Iterator[RealLimit]:
        yield RealLimit("alerts: longest hole in the scrapes", LONGEST_HOLE)

    def remarks(self, params: Detection, context: ScenarioContext) -> Iterator[str]:
        """Effects of the pace on the rules: an alert that means something else at this pace is not judged."""
        if context.detection is None or context.pace in (None, 1):
            return
        for rule in context.detection.rules:
            why = rule.not_comparable(context.pace or 1)
            if why:
                yield f"alert {rule.alert} is not comparable at this pace and is not judged: {why}"
                continue
            awaited = rule.alert in (entry.alert for entry in params.must_fire)
            for note in rule.pace_notes:
                if note.effect is PaceEffect.SAME and not awaited:
                    continue  # irrelevant to most scenarios
                yield f"alert {rule.alert}: {note.part} is {_EFFECT[note.effect]}: {note.text}"

    def wait(self, params: Detection, pace: float) -> Wait:
        return Wait(needed=params.must_resolve_within / pace)

    def asks(self, plan: Plan, params: Detection) -> Iterator[Asked]:
        for entry in params.must_fire:
            real = plan.fires_within(entry.alert, entry.within, entry.labels)
            yield self.asked(
                FIRES,
                f"alert {entry.alert} fires",
                f"within {_both(entry.within, real, plan.pace)} of the injection",
                subject=_alert(entry.alert),
                dimension=Dimension.DETECTION,
            )
        for entry in params.must_fire:
            if not entry.may_flap:
                yield self.asked(
                    KEEPS,
                    f"alert {entry.alert} goes on firing",
                    "without a break until the fault ends",
                    subject=_alert(entry.alert),
                    dimension=Dimension.DETECTION,
                )
        for entry in params.must_fire:
            limit = plan.resolves_within(entry.alert, params.must_resolve_within, entry.labels)
            yield self.asked(
                RESOLVES,
                f"alert {entry.alert} resolves",
                f"within {_both(params.must_resolve_within, limit, plan.pace)} of the end of the fault",
                subject=_alert(entry.alert),
                dimension=Dimension.HYGIENE,
            )
        forbidden = params.must_not_fire
        which = (
            "no unexpected alert"
            if isinstance(forbidden, str)
            else f"none of {', '.join(one.alert for one in forbidden)}"
        )
        yield self.asked(
            NO_OTHER,
            "no wrong alert fires",
            f"{which} between the steady state and the teardown{_left_out(plan)}",
            dimension=Dimension.HYGIENE,
        )
        if _judged(plan, params):
            yield self.asked(
                ALIVE,
                "the alerts read series that exist",
                "each selector of a rule whose metric there is selects a series",
                dimension=Dimension.DETECTION,
            )

    def answers(
        self, recording: Recording, params: Detection, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        record = read_alerts(recording)
        plan = recording.plan
        awaited = {entry.alert: _awaited(plan, params, entry) for entry in params.must_fire}
        by_key = {FIRES: fires, KEEPS: keeps_firing, RESOLVES: resolves}
        for one in asked:
            alert = one.subject.name
            labels = awaited[alert].labels if alert in awaited else None
            if one.key in by_key and (why := not_comparable(plan, alert, labels)):
                yield one.unknown(f"not comparable at pace {plan.pace:g}: {why}", fix=_FIX_PACE)
            elif one.key in by_key:
                yield one.settled(partial(by_key[one.key], record, awaited[alert], one))
            elif one.key == NO_OTHER:
                yield one.settled(partial(none_wrong, record, params, one))
            else:
                yield one.settled(partial(alive, recording, _judged(plan, params), one))


def _alert(name: str) -> Subject:
    return Subject(kind=SubjectKind.ALERT, name=name)


def _judged(plan: Plan, params: Detection) -> tuple[AlertRule, ...]:
    """The rules with an expectation that can be judged at the pace of the run."""
    facts = plan.detection
    if facts is None:
        return ()
    rules = facts.rules
    if not isinstance(params.must_not_fire, str):
        named = [(one.alert, one.labels) for one in params.must_fire]
        named += [(one.alert, one.labels) for one in params.must_not_fire]
        meant = [rule for alert, labels in named for rule in facts.rules_of(alert, labels)]
        rules = tuple(rule for rule in rules if rule in meant)
    return tuple(rule for rule in rules if rule.selectors and not rule.not_comparable(plan.pace))


def _awaited(plan: Plan, params: Detection, entry: MustFire) -> Awaited:
    within = plan.fires_within(entry.alert, entry.within, entry.labels)
    resolves_within = plan.resolves_within(entry.alert, params.must_resolve_within, entry.labels)
    return Awaited(entry.alert, within, resolves_within, entry.labels)


def _both(production: float, real: float, pace: float) -> str:
    """A compressed length in both forms: ``5m (15s at pace 20)``. ``real``: seconds that the check uses."""
    if pace == 1 and real == production:
        return format_duration(production)
    return f"{format_duration(production)} ({span(real)} at pace {pace:g})"


def _left_out(plan: Plan) -> str:
    """A sentence that names the alerts that are not judged at this pace."""
    rules = plan.detection.rules if plan.detection is not None else ()
    names = dict.fromkeys(rule.alert for rule in rules if rule.not_comparable(plan.pace))
    return f"; not comparable at this pace, so not judged: {', '.join(names)}" if names else ""


CHECK = _DetectionCheck()
