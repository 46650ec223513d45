"""Splits the time of an outage into stages: detected, dependency back, reconnected, steady."""

from __future__ import annotations

from chaos.checks.kit import since_start
from chaos.checks.kit.health import ClientHealth, Relapse
from chaos.kinds import Fault
from chaos.model.alert_states import AlertState
from chaos.model.container_states import ContainerStatus, healthy
from chaos.model.identity import STEADY, EvidenceKind, MeasureKey
from chaos.model.verdict import Evidence, Measure
from chaos.registry import awaited_alerts
from chaos.timeline.events import ContainerState
from chaos.timeline.questions import alert_spans, fault_windows
from chaos.timeline.recording import Recording

DETECTED, FAULT_ENDS = MeasureKey("recovery.detected"), MeasureKey("recovery.fault_ends")
BACK, RECONNECTED = MeasureKey("recovery.dependency_back"), MeasureKey("recovery.reconnected")


def recovery_stages(
    recording: Recording,
    health: ClientHealth,
    start: float,
    end: float,
    steady: float | None,
    relapse: Relapse | None,
) -> tuple[tuple[Evidence, ...], tuple[Measure, ...]]:
    """The stages: detected, dependency back, reconnected, steady; in seconds from the fault's start."""
    back = _dependency_back(recording)
    instants: list[tuple[MeasureKey, str, float | None]] = [
        (DETECTED, "detected", _detected(recording, start)),
        (FAULT_ENDS, "fault ends", end),
        (BACK, "dependency back", back),
        (RECONNECTED, "reconnected", health.first_served(back) if back is not None else None),
        (STEADY, "steady again", steady),
    ]
    evidence = [since_start(recording, start, "fault begins", EvidenceKind.STAGE)]
    evidence += [
        since_start(recording, at, label, EvidenceKind.STAGE, key)
        for key, label, at in instants
        if at is not None
    ]
    if relapse is not None:
        text = f"harmed again: {relapse.detail}"
        evidence.append(since_start(recording, relapse.at, text, EvidenceKind.STAGE))
    measures = tuple(
        Measure(
            key=key,
            label=label,
            value=None if at is None or (key == STEADY and relapse) else round(max(0.0, at - start), 3),
            note="from fault start",
        )
        for key, label, at in instants
    )
    return tuple(evidence), measures


def _detected(recording: Recording, start: float) -> float | None:
    """When the first alert that must fire was firing."""
    wanted = awaited_alerts(recording.plan)
    return min(
        (
            s.start
            for s in alert_spans(recording)
            if s.state == AlertState.FIRING and s.alert in wanted and s.start >= start
        ),
        default=None,
    )


def _dependency_back(recording: Recording) -> float | None:
    """When the last broken part was repaired: its container up and healthy, or the fault undone."""
    instants: list[float] = []
    for window in fault_windows(recording):
        step = recording.plan.steps[window.index].step
        services = step.services() if isinstance(step, Fault) else ()
        up = [_up_again(recording, service, window.start) for service in services]
        known = [instant for instant in up if instant is not None]
        if known:
            instants.append(max(known))
        elif window.end is not None:
            instants.append(window.end)
    return max(instants, default=None)


def _up_again(recording: Recording, service: str, since: float) -> float | None:
    """The start of the container's last healthy stretch, if it was down or unhealthy after ``since``."""
    up: float | None = None
    for event in recording.of(ContainerState):
        if event.service != service or event.at < since:
            continue
        if event.state != ContainerStatus.RUNNING or not healthy(event.health):
            up = None
        elif up is None:
            up = event.at
    return up
