"""The results for one alert that must fire: in time, without a break, and resolved. Real seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chaos.checks.kit.alerts import AlertRecord, FiringKind, history, lasts, pending_of
from chaos.checks.kit.clock_steps import clock_doubt
from chaos.checks.kit.missed_targets import missed_target
from chaos.checks.kit.own_alerts import Origin, shown
from chaos.checks.kit.rule_truth import not_its_own
from chaos.checks.kit.scrapes import gone_doubt
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness
from chaos.checks.kit.words import falling, span
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import TIME_TO_DETECT, MeasureKey
from chaos.model.verdict import CheckResult, Evidence, Measure
from chaos.timeline.questions import AlertSpan, fault_windows

BOUND = MeasureKey("detection.bound")
TIME_TO_RESOLVE = MeasureKey("detection.time_to_resolve")
KEPT_FIRING = MeasureKey("detection.kept_firing")


@dataclass(frozen=True)
class Awaited:
    """One alert that must fire. ``labels`` None: the labels of a target of the stack."""

    alert: str
    within: float  # of the injection
    resolves_within: float  # of the end of the last fault
    labels: Mapping[str, str] | None = None

    def matches(self, record: AlertRecord, stretch: AlertSpan) -> bool:
        if self.labels is not None:
            own = dict(stretch.labels)
            return all(own.get(name) == value for name, value in self.labels.items())
        return record.origins.of(dict(stretch.labels)) is Origin.OWN

    def firing(self, record: AlertRecord) -> list[AlertSpan]:
        """Its firing stretches, oldest first."""
        return [one for one in record.firing(self.alert) if self.matches(record, one)]


def fires(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """Did it fire in time? Another result says whether it kept firing."""
    alert, within = awaited.alert, awaited.within
    deadline = record.injected + within
    latest = deadline if record.over is None else min(deadline, record.over + record.lag(alert))
    spans, evidence = awaited.firing(record), _evidence(record, awaited)
    already = next((s for s in spans if s.start < record.struck and lasts(s, record.struck)), None)
    first = next((s for s in spans if s.start >= record.struck), None)
    record.doubt_silence(record.struck, latest if first is None else min(first.start, latest), evidence)
    why = ""
    if already is not None:
        why = f"was firing already {span(record.struck - already.start)} before the injection"
    elif first is not None and record.over is not None and first.start > record.over + record.lag(alert):
        why = f"fired only {span(first.start - record.over)} after the fault was over"
    elif first is None and record.read_to < latest:
        why = "had not fired when the data ends, and its deadline had not passed"
        raise CannotTell(why, evidence=evidence)
    elif first is None:
        _doubt_clock(record, latest, None, within, evidence)
        why = "never fired" + (" (it did before the injection)" if spans else "")
        why += _for_others(record, awaited, evidence)
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
    _doubt_clock(record, first.start, taken, within, evidence)
    if doubt := not_its_own(record, first):
        raise CannotTell(doubt, evidence=evidence)
    measures = _detected(record, alert, taken, within)
    actual = f"fired {span(taken)} after the injection"
    if taken <= within:
        return asked.passed(actual, evidence=evidence, measures=measures)
    judged = (record.injected, first.start)
    excuse_slowness(
        record.recording,
        judged,
        MissedLimit(f"{actual}, too late", measured=taken, limit=within),
        evidence=evidence,
        measures=measures,
    )
    return asked.failed(
        f"{actual}, too late",
        reason=f"alert {alert} {actual}, too late",
        fix=_fix_fires(alert),
        fraction=falling(taken, within),
        evidence=evidence,
        measures=measures,
    )


def _doubt_clock(
    record: AlertRecord, until: float, taken: float | None, within: float, evidence: tuple[Evidence, ...]
) -> None:
    """Raise ``CannotTell`` if a change of the wall clock may have decided the result."""
    if doubt := clock_doubt(record.recording, record.struck, until, taken, within):
        raise CannotTell(doubt, evidence=evidence)


def keeps_firing(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """After it fired, did it keep firing until the undo of the first fault that it may have detected?"""
    alert, evidence = awaited.alert, _evidence(record, awaited)
    after = record.struck if record.over is None else record.over + record.lag(alert)
    spans = [s for s in awaited.firing(record) if s.start >= record.struck]
    first = next((s for s in spans if s.start <= after), None)
    if first is None:
        _require_silence(record, awaited, after, evidence)
        return asked.explained().failed("it did not fire while the fault held", fix=_fix_fires(alert))
    until = _holds_until(record, first)
    if until is None:
        return asked.passed("it fired as the fault was over", evidence=evidence)
    end = _unbroken(first, spans)
    if end is None or end >= until:
        if record.read_to < until:
            raise CannotTell("the data ends before the fault does", evidence=evidence)
        record.doubt_silence(first.start, until, evidence)
        return asked.passed("it went on firing until the fault ended", evidence=evidence)
    record.doubt_silence(first.start, until, evidence)
    again = next((s for s in spans if s.start > end), None)
    rule = record.rule(alert)
    if again is not None and rule is not None and rule.hold > 0 and not _pending_since(record, again, end):
        why = "it fires again without having been pending again: evaluations are missing"
        raise CannotTell(why, evidence=evidence)
    back = until if again is None else min(until, again.start)
    if doubt := gone_doubt(record.recording, end, back) or missed_target(record.recording, end):
        raise CannotTell(f"whether it was gone is unknown: {doubt}", evidence=evidence)
    gone = f"gone from {_at(record, end)}"
    gone += f" to {_at(record, again.start)}" if again is not None and again.start < until else ""
    actual = f"fired at {_at(record, first.start)}, and was {gone} while the fault held"
    kept = Measure(key=KEPT_FIRING, label="kept firing", value=round(end - first.start, 3), note=alert)
    return asked.failed(
        actual,
        reason=f"alert {alert} {actual}",
        fix=f"See why the expression of {alert} did not hold on: a wider window, keep_firing_for, or a gauge "
        "instead of a rate. Where it may come and go, write may_flap: true.",
        fraction=(end - first.start) / (until - first.start),
        evidence=evidence,
        measures=(kept,),
    )


def resolves(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """Did it resolve in time after the last fault?"""
    alert, limit = awaited.alert, awaited.resolves_within
    spans = [s for s in awaited.firing(record) if lasts(s, record.struck)]
    evidence = _evidence(record, awaited)
    if record.over is None or (not spans and record.read_to < record.over):
        raise CannotTell("the data ends before the fault does", evidence=evidence)
    gone = None if any(s.end is None for s in spans) else max((s.end or 0.0 for s in spans), default=None)
    if spans and gone is None and record.read_to < record.over + limit:
        why = "it was firing when the data ends, and its deadline had not passed"
        raise CannotTell(why, evidence=evidence)
    if not spans:
        _for_others(record, awaited, evidence)
    last = record.over if gone is None else max(gone, record.over)
    record.doubt_silence(max(record.struck, min(s.start for s in spans)) if spans else record.struck, last)
    taken = None if gone is None else max(0.0, gone - record.over)
    if not spans:
        actual = "never fired, so it never resolved"
    elif taken is None:
        actual = "was still firing at the end of the data"
    else:
        actual = f"resolved {span(taken)} after the end of the fault"
        actual = actual if taken else "resolved before the fault was over"
    value = None if taken is None else round(taken, 3)
    measures = [Measure(key=TIME_TO_RESOLVE, label="time to resolve", value=value, limit=limit, note=alert)]
    if taken is not None and taken <= limit:
        return asked.passed(actual, evidence=evidence, measures=measures)
    if taken is not None:
        judged = (record.over, record.over + taken)
        excuse_slowness(
            record.recording,
            judged,
            MissedLimit(actual, measured=taken, limit=limit),
            evidence=evidence,
            measures=measures,
        )
    return asked.failed(
        actual,
        reason=f"alert {alert} {actual}",
        fix=f"See whether the condition of {alert} really ended with the fault, and how long its window "
        "lingers.",
        fraction=0.0 if taken is None else falling(taken, limit),
        evidence=evidence,
        measures=measures,
    )


def kind_of(record: AlertRecord, awaited: Awaited, stretch: AlertSpan) -> FiringKind:
    """How a firing stretch of an alert that must fire relates to the fault."""
    alert = awaited.alert
    if stretch.start < record.struck:
        return FiringKind.EARLY
    if record.over is not None and stretch.start > record.over + record.lag(alert):
        return FiringKind.AFTER
    first = min(s.start for s in awaited.firing(record) if s.start >= record.struck)
    if stretch.start > first:
        return FiringKind.AGAIN
    return FiringKind.IN_TIME if first <= record.injected + awaited.within else FiringKind.LATE


def _holds_until(record: AlertRecord, first: AlertSpan) -> float | None:
    """When the first of the faults in place at its firing was last seen; None: no fault was in place."""
    windows = fault_windows(record.recording)
    held = [w for w in windows if w.start <= first.start and (w.end is None or w.end > first.start)]
    ends = [w.last_seen for w in held if w.last_seen is not None]
    return min((end for end in ends if end > first.start), default=None)


def _unbroken(first: AlertSpan, spans: list[AlertSpan]) -> float | None:
    """The end of its firing without a break from ``first`` on, in any series; None: to the last reading."""
    end = first.end
    for one in spans:
        if end is None or one.start > end:
            break
        end = None if one.end is None else max(end, one.end)
    return end


def _pending_since(record: AlertRecord, again: AlertSpan, gone: float) -> bool:
    """Was it pending between ``gone`` and firing again? A rule with ``for`` must be, if it had resolved."""
    pending = pending_of(record, again)
    return pending is not None and pending.start >= gone


def _require_silence(
    record: AlertRecord, awaited: Awaited, until: float, evidence: tuple[Evidence, ...]
) -> None:
    """Raise ``CannotTell`` unless the data shows that it did not fire from the injection to ``until``."""
    _for_others(record, awaited, evidence)
    if record.over is None or record.read_to < until:
        raise CannotTell("it had not fired when the data ends", evidence=evidence)
    record.doubt_silence(record.struck, until, evidence)


def _for_others(record: AlertRecord, awaited: Awaited, evidence: tuple[Evidence, ...]) -> str:
    """Its firings with other labels, in words. ``CannotTell`` if one of them may be the expected one."""
    others = [s for s in record.firing(awaited.alert) if lasts(s, record.struck)]
    if not others:
        return ""
    labels = "; ".join(dict.fromkeys(shown(dict(s.labels)) or "no job, no instance" for s in others))
    if awaited.labels is not None:
        return f" with the labels that were asked for; it fired for {labels}"
    if any(record.origins.of(dict(s.labels)) is Origin.UNKNOWN for s in others):
        raise CannotTell(
            f"it fired for {labels} only, which no target of the stack has, so it may be another system's",
            evidence=evidence,
            fix="Where it is this stack's alert, say so: add labels: to its entry of must_fire.",
        )
    return f" for a target of the stack; it fired for {labels}"


def _evidence(record: AlertRecord, awaited: Awaited) -> tuple[Evidence, ...]:
    """The history of the alert, with each firing that was not in time."""
    classified: Iterator[tuple[AlertSpan, FiringKind]] = (
        (s, kind_of(record, awaited, s)) for s in awaited.firing(record)
    )
    odd = tuple(
        record.evidence(s.start, f"{awaited.alert} fired {kind.value}", awaited.alert)
        for s, kind in classified
        if kind is not FiringKind.IN_TIME
    )
    return (*history(record, awaited.alert), *odd)


def _at(record: AlertRecord, instant: float) -> str:
    return span(instant - record.recording.began)


def _fix_fires(alert: str) -> str:
    return (
        f"Check that the expression of {alert} sees this fault, its metric is scraped, and that its window "
        "and `for` fit the deadline."
    )


def _detected(record: AlertRecord, alert: str, taken: float | None, within: float) -> tuple[Measure, ...]:
    """The time to detect in real seconds, and the minimum that the rules allow if they are known."""
    value = None if taken is None else round(taken, 3)
    measure = Measure(key=TIME_TO_DETECT, label="time to detect", value=value, limit=within, note=alert)
    facts = record.recording.plan.detection
    if facts is None or facts.rule(alert) is None:
        return (measure,)
    bound = round(facts.bound(alert) / record.pace, 3)
    return (measure, Measure(key=BOUND, label="theoretical bound", value=bound, note=alert))
