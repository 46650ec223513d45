"""Lists what a run recorded from two seconds before an instant to two seconds after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from chaos.timeline.events import FaultInjected, FaultIntended, FaultMeasured, FaultReverted, Sample
from chaos.timeline.questions import breaker_histories
from chaos.timeline.recording import ALERTS, Recording

RADIUS = 2.0  # seconds
MOST_LINES = 40


@dataclass(frozen=True)
class RecordingExcerpt:
    """Lines of text for the debrief.

    ``at``: seconds since the epoch. ``problem``: why there are no lines; empty if the recording was read.
    ``faults``, ``alerts``, ``breakers`` and ``logs`` hold at most ``MOST_LINES`` lines each.
    """

    at: float
    faults: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    breakers: tuple[str, ...] = ()
    ledger: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    problem: str = ""


def around(
    recording: Recording, at: float, logs: Mapping[str, tuple[tuple[float, str], ...]]
) -> RecordingExcerpt:
    """Everything that ``recording`` and ``logs`` hold within ``RADIUS`` seconds of ``at``. Pure.

    ``at``: seconds since the epoch. ``logs``: service -> ((instant, line), ...), instants likewise.
    """
    start, end = at - RADIUS, at + RADIUS
    return RecordingExcerpt(
        at,
        _faults(recording, start, end),
        _alerts(recording, start, end),
        _breakers(recording, start, end),
        _ledger(recording, start, end),
        _requests(recording, start, end),
        tuple(
            f"{service}: {line}"
            for service, lines in logs.items()
            for when, line in lines
            if start <= when <= end
        )[:MOST_LINES],
    )


def _faults(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    """First the faults that were in place, then the fault events, with their distance from the instant."""
    names = {planned.index: planned.step.fault for planned in recording.plan.steps}
    began = {event.index: event.at for event in recording.of(FaultInjected) if event.at <= end}
    over = {event.index: event.at for event in recording.of(FaultReverted)}
    found = [
        f"{names.get(index, index)} was in place" for index in began if over.get(index, end + 1) >= start
    ]
    for event in recording.events:
        if start <= event.at <= end and isinstance(
            event, FaultIntended | FaultInjected | FaultMeasured | FaultReverted
        ):
            name = names.get(event.index, event.index)
            happened = event.event.removeprefix("fault_")
            found.append(f"{event.at - (start + RADIUS):+.2f} s {name} {happened}")
    return tuple(found[:MOST_LINES])


def _alerts(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    found = [
        f"{series.labels.get('alertname', series.metric)}: {series.labels.get('alertstate', '')}"
        for series in recording.metrics.named(ALERTS)
        if any(start <= at <= end for at, _ in series.samples)
    ]
    return tuple(dict.fromkeys(found))[:MOST_LINES]


def _breakers(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    """The states of each breaker that stack.yaml declares, once for each replica with different ones."""
    found = []
    for name, facts in recording.plan.stack.breakers.items():
        for history in breaker_histories(recording, facts):
            states = dict.fromkeys(state for at, state in history.scrapes if start <= at <= end)
            if states:
                found.append(f"{name}: {' → '.join(states)}")
    return tuple(dict.fromkeys(found))[:MOST_LINES]


def _ledger(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    counts = Counter((op.ledger, op.op) for op in recording.ledger if start <= op.at <= end)
    return tuple(f"{ledger}: {count} {op}" for (ledger, op), count in sorted(counts.items()))


def _requests(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    every = recording.requests
    rows = zip(every.intended, every.outcome, strict=True)
    inside = [every.outcomes[place] for at, place in rows if start <= at <= end]
    failed = Counter(one.error or f"status {one.status}" for one in inside if not one.served)
    wrong = Counter(
        f"{one.probe}: {one.detail or 'unhealthy'}, which was not expected"
        for one in recording.of(Sample)
        if start <= one.at <= end and not one.ok
    )
    lines = [f"{len(inside)} requests, {sum(failed.values())} not served"] if inside else []
    lines += [f"{count} x {why}" for why, count in failed.most_common(5)]
    lines += [f"{count} x {seen}" for seen, count in wrong.most_common(5)]
    return tuple(lines)
