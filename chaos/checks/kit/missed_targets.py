"""Did Prometheus get what its rules read? Instants are on the run axis."""

from __future__ import annotations

from chaos.checks.kit.scrapes import SCRAPES
from chaos.kinds import services_hit
from chaos.model.asked import Doubt
from chaos.model.container_states import ContainerStatus
from chaos.model.rules import ScrapeTarget
from chaos.timeline.events import ContainerState
from chaos.timeline.machine import full_stretches
from chaos.timeline.recording import Recording


def missed_target(recording: Recording, gone: float) -> Doubt | None:
    """Why it is unknown whether an alert was gone at ``gone``: every core was busy, and Prometheus had no
    answer in time from a target that ran and that no fault concerned. What its rules read was missing then.

    None: no target was missed, or a busy machine does not explain it.
    """
    plan = recording.plan
    assert plan.detection is not None
    step = plan.detection.scrape_interval / plan.pace
    start, end = gone - SCRAPES * step, gone + SCRAPES * step
    if not full_stretches(recording, start, end):
        return None
    concerned = services_hit((one.step for one in plan.steps), plan.stack)
    for one in recording.metrics.series:
        service = ScrapeTarget(job="", instance=one.labels.get("instance", "")).host
        if one.metric != "up" or service in concerned or service not in plan.stack.services:
            continue
        missed = any(start <= instant <= end and value == 0 for instant, value in one.samples)
        if missed and _ran(recording, service, start, end):
            return Doubt(f"Prometheus had no answer in time from {service} while every core here was busy")
    return None


def _ran(recording: Recording, service: str, start: float, end: float) -> bool:
    """Did its container run throughout? What was not seen is not known to have run."""
    seen = [one for one in recording.of(ContainerState) if one.service == service and one.at <= end]
    before = [one for one in seen if one.at < start]
    within = [one for one in seen if one.at >= start]
    return bool(before) and all(one.state == ContainerStatus.RUNNING for one in (before[-1], *within))
