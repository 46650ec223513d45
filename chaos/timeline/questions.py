"""Answers common questions about a recording. Pure; instants on the run axis. None: not recorded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chaos.model.stack import BreakerFacts
from chaos.timeline.alert_series import identified
from chaos.timeline.events import FaultInjected, FaultIntended, FaultMeasured, FaultReverted, Phase
from chaos.timeline.recording import ALERTS, Recording, Series
from chaos.timeline.steered import HeldStretch, held_stretches

_ALERT_LABELS = ("alertname", "alertstate")
_MATCHER = re.compile(r'(?<!\w)(\w+)\s*=\s*"([^"]*)"')


@dataclass(frozen=True)
class FaultWindow:
    """One fault as it happened."""

    index: int
    start: float  # when it was intended
    injected: float | None
    first_seen: float | None  # when the witness first saw its effect
    end: float | None  # when the undo had ended
    undone: bool  # the undo succeeded
    last_seen: float | None = None  # when the witness last saw the effect, shortly before the undo
    undo_began: float | None = None  # None: not recorded, or a procedure answered the fault


@dataclass(frozen=True)
class AlertSpan:
    """One period of an alert in one state. ``end`` is None if it was in that state at the last reading."""

    alert: str
    state: str  # see ``AlertState``
    start: float
    end: float | None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Transition:
    """A breaker entered ``state``. ``at``: the first scrape that saw it."""

    state: str
    at: float


def fault_windows(recording: Recording) -> tuple[FaultWindow, ...]:
    """Every fault that was intended, in the order of the journal."""
    windows = []
    planned = {step.index for step in recording.plan.steps}
    for intent in recording.of(FaultIntended):
        if intent.index not in planned:
            continue
        injected = next((e.at for e in recording.of(FaultInjected) if e.index == intent.index), None)
        seen = [
            e.at
            for e in recording.of(FaultMeasured)
            if e.index == intent.index and e.when == "during" and e.took_effect
        ]
        reverted = next((e for e in recording.of(FaultReverted) if e.index == intent.index), None)
        windows.append(
            FaultWindow(
                intent.index,
                intent.at,
                injected,
                seen[0] if seen else None,
                reverted.at if reverted else None,
                bool(reverted and reverted.ok),
                seen[-1] if seen else None,
                reverted.at - reverted.took if reverted and reverted.took is not None else None,
            )
        )
    return tuple(windows)


def first_struck(recording: Recording) -> float | None:
    """When the first fault was intended; None if nothing was injected."""
    return min((window.start for window in fault_windows(recording)), default=None)


def fault_span(recording: Recording) -> tuple[float, float] | None:
    """When the first fault was intended and the last undo had ended; None unless every fault has an end."""
    windows = fault_windows(recording)
    ends = [window.end for window in windows if window.end is not None]
    if not windows or len(ends) != len(windows):
        return None
    return min(window.start for window in windows), max(ends)


def alert_spans(recording: Recording) -> tuple[AlertSpan, ...]:
    """The periods in which each alert was pending or firing, from the series ALERTS, sorted by start.

    An inactive alert has no samples: a gap of more than 2.5 evaluation intervals of its group ends a period.
    The end is one interval after the last sample: the first evaluation at which the alert was not active.
    """
    facts = recording.plan.detection
    if facts is None:
        return ()
    read_to = recording.metrics.read_to
    spans: list[AlertSpan] = []
    for series in filter(identified, recording.metrics.named(ALERTS)):
        alert, state = series.labels["alertname"], series.labels["alertstate"]
        labels = tuple(sorted(item for item in series.labels.items() if item[0] not in _ALERT_LABELS))
        rule = facts.rule_behind(alert, series.labels)
        interval = facts.evaluation_interval if rule is None else facts.interval_of(rule)
        step = interval / recording.plan.pace
        for start, last in _stretches(series, 2.5 * step):
            end = None if read_to is not None and last + 2.5 * step > read_to else last + step
            spans.append(AlertSpan(alert, state, start, end, labels))
    return tuple(sorted(spans, key=lambda span: (span.start, span.alert, span.state)))


def _stretches(series: Series, gap: float) -> list[tuple[float, float]]:
    stretches: list[tuple[float, float]] = []
    for instant, _ in series.samples:
        if stretches and instant - stretches[-1][1] <= gap:
            stretches[-1] = (stretches[-1][0], instant)
        else:
            stretches.append((instant, instant))
    return stretches


def breaker_transitions(recording: Recording, facts: BreakerFacts) -> tuple[Transition, ...]:
    """The changes of a breaker's state, as scraped; empty if there is no such series."""
    transitions: list[Transition] = []
    for instant, state in breaker_states(recording, facts):
        if not transitions or transitions[-1].state != state:
            transitions.append(Transition(state, instant))
    return tuple(transitions)


def breaker_states(recording: Recording, facts: BreakerFacts) -> tuple[tuple[float, str], ...]:
    """(instant, state) of every scrape of a breaker's gauge, oldest first.

    The states of several replicas are mixed; ``breaker_histories`` keeps them apart.
    """
    return tuple(
        sorted(scrape for history in breaker_histories(recording, facts) for scrape in history.scrapes)
    )


@dataclass(frozen=True)
class BreakerHistory:
    """The scrapes of one series of a breaker's gauge, which belongs to one replica. Oldest first."""

    labels: tuple[tuple[str, str], ...]
    scrapes: tuple[tuple[float, str], ...]  # instant, name of the state


def breaker_histories(recording: Recording, facts: BreakerFacts) -> tuple[BreakerHistory, ...]:
    """Each series of a breaker's gauge, sorted by labels.

    ``facts.metric`` is a selector: a name, with or without equality matchers in braces. A series belongs to
    the breaker if it was stored under the selector itself or matches it.
    """
    names = {value: name for name, value in facts.states.items()}
    metric, _, matchers = facts.metric.partition("{")
    wanted = dict(_MATCHER.findall(matchers))
    found = [
        BreakerHistory(
            tuple(sorted(series.labels.items())),
            tuple((at, names.get(value, f"unknown ({value:g})")) for at, value in sorted(series.samples)),
        )
        for series in recording.metrics.series
        if series.metric == facts.metric
        or (series.metric == metric.strip() and all(series.labels.get(k) == v for k, v in wanted.items()))
    ]
    return tuple(sorted(found, key=lambda history: history.labels))


def percentile(values: Sequence[float], fraction: float) -> float | None:
    """The nearest-rank percentile; None without values. ``fraction`` in (0, 1]."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * fraction // 1))
    return ordered[min(len(ordered), int(rank)) - 1]


def stretches_of(recording: Recording) -> tuple[HeldStretch, ...]:
    """The periods in which the run was on hold. One that was not resumed lasts until the teardown."""
    teardown = recording.phase_began(Phase.TEARDOWN)
    return held_stretches(recording.events, recording.ended if teardown is None else teardown)
