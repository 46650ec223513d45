"""The alert history of one run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chaos.checks.kit.words import since_start, span
from chaos.model.asked import CannotTell
from chaos.model.identity import EvidenceKind
from chaos.model.verdict import Evidence
from chaos.timeline.questions import AlertSpan, alert_spans, fault_span, fault_windows
from chaos.timeline.recording import Recording

LONGEST_HOLE = 3.0  # real seconds without a scrape, at the least: a busy machine delays some


@dataclass(frozen=True)
class AlertRecord:
    """What the alerts of one recording are judged by. Instants are wall clock, lengths real seconds."""

    recording: Recording
    spans: tuple[AlertSpan, ...]
    struck: float  # when the first fault was intended: what was so before is not its doing
    injected: float  # when its injection was done: deadlines count from here
    over: float | None  # end of the last fault; None: not in the recording
    read_to: float

    @property
    def pace(self) -> float:
        return self.recording.plan.pace

    def lag(self, alert: str) -> float:
        """Real seconds by which the rules behind an alert may learn of something late."""
        facts = self.recording.plan.detection
        return 0.0 if facts is None else facts.learns_within(alert) / self.pace

    def firing(self, alert: str) -> list[AlertSpan]:
        return [s for s in self.spans if s.alert == alert and s.state == "firing"]

    def evidence(self, at: float, text: str, alert: str) -> Evidence:
        return since_start(self.recording, at, text, EvidenceKind.ALERT, alert)


def read_alerts(recording: Recording) -> AlertRecord:
    """What is needed to judge alerts. Raises ``CannotTell`` where it is not in the recording."""
    metrics, facts = recording.metrics, recording.plan.detection
    if facts is None:
        raise CannotTell("the stack has no Prometheus, so there is no alert history")
    if not metrics.complete or metrics.read_from is None or metrics.read_to is None:
        raise CannotTell(f"the alert history could not be read: {metrics.detail or 'no reason recorded'}")
    if not any(series.samples for series in metrics.series):
        raise CannotTell("Prometheus holds no sample of this run, so silence proves nothing")
    windows = fault_windows(recording)
    injected = min((w.injected for w in windows if w.injected is not None), default=None)
    if injected is None:
        raise CannotTell("no fault was injected")
    struck = min(w.start for w in windows)
    if metrics.read_from > struck:
        raise CannotTell("the alert history begins after the injection")
    whole = fault_span(recording)
    step = (facts.scrape_interval + facts.evaluation_interval) / recording.plan.pace
    hole = _hole(recording, struck, metrics.read_to, max(LONGEST_HOLE, 4 * step))
    if hole is not None:
        raise CannotTell(f"Prometheus scraped nothing for {span(hole)}, so it could not have noticed")
    return AlertRecord(
        recording,
        alert_spans(recording),
        struck,
        injected,
        whole[1] if whole else None,
        metrics.read_to,
    )


def _hole(recording: Recording, start: float, end: float, most: float) -> float | None:
    """The longest stretch of ``[start, end]`` without a scrape of anything, if it is longer than ``most``.

    ``up`` has a sample for every scrape, also for that of a target that is down.
    """
    ups = (series for series in recording.metrics.series if series.metric == "up")
    scrapes = sorted({instant for series in ups for instant, _ in series.samples if start < instant < end})
    longest = max(later - earlier for earlier, later in pairwise((start, *scrapes, end)))
    return longest if longest > most else None


def lasts(stretch: AlertSpan, instant: float) -> bool:
    """Was it still so at ``instant`` or later?"""
    return stretch.end is None or stretch.end > instant


def pending_of(record: AlertRecord, firing: AlertSpan) -> AlertSpan | None:
    """The pending stretch that led to a firing one."""
    slack = 2 * record.lag(firing.alert)
    led = [
        s
        for s in record.spans
        if s.alert == firing.alert
        and s.state == "pending"
        and s.labels == firing.labels
        and s.start < firing.start
        and (s.end is None or abs(s.end - firing.start) <= slack)
    ]
    return led[-1] if led else None


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
