"""Figures of clients, alerts and the machine in a period of a recording, with or without faults. Pure."""

from __future__ import annotations

from chaos.model.alert_states import AlertState
from chaos.model.noise_floor import NoiseFloor
from chaos.timeline.asked import asked_between
from chaos.timeline.before_fault import LEAST_REQUESTS
from chaos.timeline.events import Phase
from chaos.timeline.machine import machine_load
from chaos.timeline.questions import alert_spans, fault_windows, percentile
from chaos.timeline.recording import Recording


def control_floor(recording: Recording) -> NoiseFloor | None:
    """The figures of a control run, from the instant at which its first fault would have begun until the
    recovery phase. None: the run ended before, or its plan has no fault.
    """
    start, end = recording.phase_began(Phase.TIMELINE), recording.phase_began(Phase.RECOVERY)
    steps = recording.plan.steps
    if start is None or end is None or not steps:
        return None
    return measured_between(recording, start + min(step.start for step in steps), end)


def fault_floor(recording: Recording) -> NoiseFloor | None:
    """The same for a run with faults, from first injection to last undo. None: no fault was undone."""
    windows = [one for one in fault_windows(recording) if one.end is not None]
    if not windows:
        return None
    return measured_between(
        recording, min(one.start for one in windows), max(one.end or one.start for one in windows)
    )


def measured_between(recording: Recording, start: float, end: float) -> NoiseFloor:
    """The figures in ``[start, end)``, on the run axis. The planned instant of a request counts."""
    asked = tuple(asked_between(recording, start, end))
    enough = len(asked) >= LEAST_REQUESTS
    latencies = [one.latency for one in asked]
    machine = machine_load(recording, start, end)
    return NoiseFloor(
        run_id=recording.run_id,
        seconds=round(max(0.0, end - start), 3),
        requests=len(asked),
        p50=percentile(latencies, 0.5) if enough else None,
        p95=percentile(latencies, 0.95) if enough else None,
        p99=percentile(latencies, 0.99) if enough else None,
        not_served=sum(not one.served for one in asked) / len(asked) if enough else None,
        degraded=sum(one.served and not one.well for one in asked) / len(asked) if enough else None,
        alerts=_fired(recording, start, end) if recording.metrics.complete else None,
        cpu_busy=machine.cpu_busy,
        longest_lag=machine.longest_lag,
    )


def _fired(recording: Recording, start: float, end: float) -> tuple[str, ...]:
    fired = {
        one.alert
        for one in alert_spans(recording)
        if one.state == AlertState.FIRING and one.start < end and (one.end is None or one.end > start)
    }
    return tuple(sorted(fired))
