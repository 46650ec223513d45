"""Did an alert that must fire resolve in time after the last fault? Real seconds."""

from __future__ import annotations

from chaos.checks.kit.alerts import AlertRecord, lasts
from chaos.checks.kit.awaited import Awaited, evidence_of, for_others
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness
from chaos.checks.kit.words import falling, span
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import MeasureKey
from chaos.model.verdict import CheckResult, Measure

TIME_TO_RESOLVE = MeasureKey("detection.time_to_resolve")


def resolves(record: AlertRecord, awaited: Awaited, asked: Asked) -> CheckResult:
    """Did it resolve in time after the last fault?"""
    alert, limit = awaited.alert, awaited.resolves_within
    spans = [s for s in awaited.firing(record) if lasts(s, record.struck)]
    evidence = evidence_of(record, awaited)
    if record.over is None or (not spans and record.read_to < record.over):
        raise CannotTell("the data ends before the fault does", evidence=evidence)
    gone = None if any(s.end is None for s in spans) else max((s.end or 0.0 for s in spans), default=None)
    if spans and gone is None and record.read_to < record.over + limit:
        why = "it was firing when the data ends, and its deadline had not passed"
        raise CannotTell(why, evidence=evidence)
    if not spans:
        for_others(record, awaited, evidence)
    last = record.over if gone is None else max(gone, record.over)
    record.doubt_silence(max(record.struck, min(s.start for s in spans)) if spans else record.struck, last)
    taken = None if gone is None else max(0.0, gone - record.over)
    if not spans:
        actual = "never fired, so it never resolved"
    elif taken is None:
        actual = "was still firing at the end of the data"
    else:
        actual = f"resolved {span(taken, limit)} after the end of the fault"
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
