"""Did an alert that must fire do so in time, and without a break? Real seconds."""

from __future__ import annotations

from chaos.checks.kit.alerts import AlertRecord, firing_before, pending_before, pending_of
from chaos.checks.kit.awaited import Awaited, evidence_of, for_others
from chaos.checks.kit.clock_steps import clock_doubt
from chaos.checks.kit.missed_targets import missed_target
from chaos.checks.kit.rule_truth import not_its_own
from chaos.checks.kit.scrapes import gone_doubt
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness
from chaos.checks.kit.words import falling, span
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import TIME_TO_DETECT, MeasureKey
from chaos.model.verdict import CheckResult, Evidence, Measure
from chaos.timeline.questions import AlertSpan, fault_windows

BOUND = MeasureKey("detection.bound")
KEPT_FIRING = MeasureKey("detection.kept_firing")


def fires(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """Did it fire in time? Another result says whether it kept firing."""
    alert, within = awaited.alert, awaited.within
    spans, evidence = awaited.firing(record), evidence_of(record, awaited)
    first = next((s for s in spans if s.start >= record.struck), None)
    why = _no_detection(record, awaited, spans, first, evidence)
    if first is None or why:
        return asked.failed(
            why,
            reason=f"alert {alert} {why}",
            fix=_fix_fires(alert),
            evidence=evidence,
            measures=_detected(record, awaited, None),
        )
    if pending_before(record, first):
        why = "was pending already before the injection, so its firing proves nothing"
        raise CannotTell(why, evidence=evidence)
    taken = max(0.0, first.start - record.injected)
    _doubt_clock(record, first.start, taken, within, evidence)
    if doubt := not_its_own(record, first):
        raise CannotTell(doubt, evidence=evidence)
    measures = _detected(record, awaited, taken)
    actual = f"fired {span(taken, within)} after the injection"
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


def _no_detection(
    record: AlertRecord,
    awaited: Awaited,
    spans: list[AlertSpan],
    first: AlertSpan | None,
    evidence: tuple[Evidence, ...],
) -> str:
    """Why its firings do not show that it detected the fault, however late; empty if ``first`` may show it.
    Raises ``CannotTell`` if the data does not say.
    """
    deadline = record.injected + awaited.within
    lag = record.lag(awaited.alert, awaited.labels) if first is None else record.lag_of(first)
    latest = deadline if record.over is None else min(deadline, record.over + lag)
    record.doubt_silence(record.struck, latest if first is None else min(first.start, latest), evidence)
    if already := firing_before(record, spans):
        return already
    if first is None:
        if record.read_to < latest:
            why = "had not fired when the data ends, and its deadline had not passed"
            raise CannotTell(why, evidence=evidence)
        _doubt_clock(record, latest, None, awaited.within, evidence)
        why = "never fired" + (" (it did before the injection)" if spans else "")
        return why + for_others(record, awaited, evidence)
    if record.over is not None and first.start > record.over + lag:
        why = f"fired only {span(first.start - record.over)} after the fault was over"
        _doubt_lateness(record, first, latest - record.injected, why, evidence)
        return why
    return ""


def _doubt_lateness(
    record: AlertRecord, first: AlertSpan, allowed: float, late: str, evidence: tuple[Evidence, ...]
) -> None:
    """Raise ``CannotTell`` if the wall clock or a saturated machine may have made a firing so late.
    ``allowed``: seconds after the injection.
    """
    taken = first.start - record.injected
    _doubt_clock(record, first.start, taken, allowed, evidence)
    missed = MissedLimit(late, measured=taken, limit=allowed)
    excuse_slowness(record.recording, (record.injected, first.start), missed, evidence=evidence)


def _doubt_clock(
    record: AlertRecord, until: float, taken: float | None, within: float, evidence: tuple[Evidence, ...]
) -> None:
    """Raise ``CannotTell`` if a change of the wall clock may have decided the result."""
    if doubt := clock_doubt(record.recording, record.struck, until, taken, within):
        raise CannotTell(doubt, evidence=evidence)


def keeps_firing(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """After it fired, did it keep firing until the undo of the first fault that it may have detected?"""
    alert, evidence = awaited.alert, evidence_of(record, awaited)
    spans = [s for s in awaited.firing(record) if s.start >= record.struck]
    first = next((s for s in spans if s.start <= _seen_until(record, record.lag_of(s))), None)
    if first is None:
        after = _seen_until(record, record.lag(alert, awaited.labels))
        _require_silence(record, awaited, after, evidence)
        why = "it did not fire while the fault held"
        if spans:
            _doubt_lateness(record, spans[0], after - record.injected, why, evidence)
        return asked.explained().failed(why, fix=_fix_fires(alert))
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
    rule = None if again is None else record.rule_of(again)
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


def _seen_until(record: AlertRecord, lag: float) -> float:
    """The last instant at which a firing may show the fault. ``lag``: of the rule behind it."""
    return record.struck if record.over is None else record.over + lag


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
    for_others(record, awaited, evidence)
    if record.over is None or record.read_to < until:
        raise CannotTell("it had not fired when the data ends", evidence=evidence)
    record.doubt_silence(record.struck, until, evidence)


def _at(record: AlertRecord, instant: float) -> str:
    return span(instant - record.recording.began)


def _fix_fires(alert: str) -> str:
    return (
        f"Check that the expression of {alert} sees this fault, its metric is scraped, and that its window "
        "and `for` fit the deadline."
    )


def _detected(record: AlertRecord, awaited: Awaited, taken: float | None) -> tuple[Measure, ...]:
    """The time to detect in real seconds, and the minimum that the rules allow if they are known."""
    alert, within = awaited.alert, awaited.within
    value = None if taken is None else round(taken, 3)
    measure = Measure(key=TIME_TO_DETECT, label="time to detect", value=value, limit=within, note=alert)
    facts = record.recording.plan.detection
    if facts is None or facts.rule(alert) is None:
        return (measure,)
    bound = round(facts.bound(alert, awaited.labels) / record.pace, 3)
    return (measure, Measure(key=BOUND, label="theoretical bound", value=bound, note=alert))
