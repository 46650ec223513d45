"""The alert history of one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chaos.checks.kit.own_alerts import Origins
from chaos.checks.kit.scrapes import contradiction, silence_doubt
from chaos.checks.kit.slowness import with_saturation
from chaos.checks.kit.unevaluated import not_evaluated
from chaos.checks.kit.words import since_start, span
from chaos.model.alert_states import AlertState
from chaos.model.asked import CannotTell
from chaos.model.identity import EvidenceKind
from chaos.model.plan import Plan
from chaos.model.rules import AlertRule
from chaos.model.verdict import Evidence
from chaos.timeline.events import SteadyState
from chaos.timeline.questions import AlertSpan, alert_spans, fault_span, fault_windows
from chaos.timeline.recording import Recording


class FiringKind(StrEnum):
    """How a firing stretch of an alert that must fire relates to the fault; each case has its own fix."""

    EARLY = "before the injection"
    IN_TIME = "in time"
    LATE = "too late"
    AGAIN = "again, while the fault held"
    AFTER = "after the fault was over"


@dataclass(frozen=True)
class AlertRecord:
    """The data that checks need to judge alerts. Instants are on the run axis, lengths real seconds."""

    recording: Recording
    spans: tuple[AlertSpan, ...]
    struck: float  # when the first fault was intended: it did not cause anything earlier; else: was steady
    injected: float  # when its injection was done: deadlines count from here
    over: float | None  # end of the last fault; None: not in the recording
    read_to: float
    origins: Origins

    @property
    def pace(self) -> float:
        return self.recording.plan.pace

    def lag(self, alert: str, labels: Mapping[str, str] | None = None) -> float:
        """Real seconds by which the slowest rule of an alert with these labels may see something late."""
        facts = self.recording.plan.detection
        return 0.0 if facts is None else facts.learns_within(alert, labels) / self.pace

    def lag_of(self, firing: AlertSpan) -> float:
        """Real seconds by which the rule behind one firing may see something late."""
        facts, rule = self.recording.plan.detection, self.rule_of(firing)
        return self.lag(firing.alert) if facts is None or rule is None else facts.learns_of(rule) / self.pace

    def rule_of(self, firing: AlertSpan) -> AlertRule | None:
        """The rule behind one firing: several may have the name of its alert."""
        facts = self.recording.plan.detection
        return None if facts is None else facts.rule_behind(firing.alert, dict(firing.labels))

    def firing(self, alert: str) -> list[AlertSpan]:
        return [s for s in self.spans if s.alert == alert and s.state == AlertState.FIRING]

    def doubt_silence(self, start: float, end: float, evidence: Iterable[Evidence] = ()) -> None:
        """Raise ``CannotTell`` unless Prometheus looked and evaluated its rules from ``start`` to ``end``."""
        if doubt := silence_doubt(self.recording, start, end):
            raise CannotTell(with_saturation(self.recording, start, end, doubt), evidence=evidence)

    def evidence(self, at: float, text: str, alert: str) -> Evidence:
        return since_start(self.recording, at, text, EvidenceKind.ALERT, alert)


def read_alerts(recording: Recording) -> AlertRecord:
    """The data needed to judge alerts. Raises ``CannotTell`` if the recording lacks it."""
    metrics, facts = recording.metrics, recording.plan.detection
    if facts is None:
        raise CannotTell("the stack has no Prometheus, so there is no alert history")
    if not metrics.complete or metrics.read_from is None or metrics.read_to is None:
        raise CannotTell(f"the alert history could not be read: {metrics.detail or 'no reason recorded'}")
    if not any(series.samples for series in metrics.series):
        raise CannotTell("Prometheus holds no sample of this run, so silence proves nothing")
    struck, injected, what = _beginning(recording)
    if metrics.read_from > struck:
        raise CannotTell(f"the alert history begins after {what}")
    if wrong := contradiction(recording):
        raise CannotTell(f"the alert history contradicts itself: {wrong}")
    if unseen := not_evaluated(recording, metrics.read_from, metrics.read_to):
        raise CannotTell(f"Prometheus did not evaluate its rules: {unseen}")
    whole = fault_span(recording)
    return AlertRecord(
        recording,
        alert_spans(recording),
        struck,
        injected,
        whole[1] if whole else None,
        metrics.read_to,
        Origins(recording),
    )


def _beginning(recording: Recording) -> tuple[float, float, str]:
    """When the first fault was intended, when its injection was done, and the name of that instant. Without
    a fault in the plan, a rehearsal, alerts count from the steady state on.
    """
    if not recording.plan.steps:
        steady = next((e.at for e in recording.of(SteadyState) if e.when == "before"), None)
        if steady is None:
            raise CannotTell("the recording does not say when the steady state was reached")
        return steady, steady, "the steady state"
    windows = fault_windows(recording)
    injected = min((w.injected for w in windows if w.injected is not None), default=None)
    if injected is None:
        raise CannotTell("no fault was injected")
    return min(w.start for w in windows), injected, "the injection"


def lasts(stretch: AlertSpan, instant: float) -> bool:
    """Did it still hold at ``instant`` or later?"""
    return stretch.end is None or stretch.end > instant


def pending_of(record: AlertRecord, firing: AlertSpan) -> AlertSpan | None:
    """The pending stretch that led to a firing one."""
    slack = 2 * record.lag_of(firing)
    led = [
        s
        for s in record.spans
        if s.alert == firing.alert
        and s.state == AlertState.PENDING
        and s.labels == firing.labels
        and s.start < firing.start
        and (s.end is None or abs(s.end - firing.start) <= slack)
    ]
    return led[-1] if led else None


def pending_before(record: AlertRecord, firing: AlertSpan | None) -> bool:
    """Was the alert of a firing stretch pending already when the first fault was injected?"""
    pending = None if firing is None else pending_of(record, firing)
    return pending is not None and pending.start < record.struck


def firing_before(record: AlertRecord, firing: Iterable[AlertSpan]) -> str:
    """Since when an alert was firing when the first fault was injected, in words; "" if it was not."""
    struck = record.struck
    already = next((one for one in firing if one.start < struck and lasts(one, struck)), None)
    return (
        "" if already is None else f"was firing already {span(struck - already.start)} before the injection"
    )


def history(record: AlertRecord, alert: str) -> tuple[Evidence, ...]:
    return tuple(
        record.evidence(instant, f"{alert} {state}", alert)
        for s in record.spans
        if s.alert == alert
        for instant, state in ((s.start, s.state), (s.end, f"no longer {s.state}"))
        if instant is not None and (state != "no longer pending" or not _became_firing(record, s))
    )


def _became_firing(record: AlertRecord, pending: AlertSpan) -> bool:
    return any(pending_of(record, s) == pending for s in record.firing(pending.alert))


def not_comparable(plan: Plan, alert: str, labels: Mapping[str, str] | None = None) -> str:
    """Why an alert with these labels may not be judged at the pace of the run; empty: it may be."""
    return "" if plan.detection is None else plan.detection.not_comparable(alert, plan.pace, labels)
