"""Computes incidents from the alerts that a stored run recorded, with the same detector. Pure."""

from __future__ import annotations

from chaos.checks.kit.alert_params import detections_of
from chaos.incidents.accuracy import accuracy_of
from chaos.incidents.detector import Watch, advance
from chaos.model.incidents import AlertReading, Incident, WatchedRule
from chaos.model.rules import set_labels
from chaos.timeline.alert_series import alert_series
from chaos.timeline.events import FaultInjected, Phase
from chaos.timeline.recording import UP, Recording

LAST_EVALUATIONS = 2  # intervals: a longer gap before the end of a run resolves the incident
NOT_OVER = "the run ended before the alert resolved"


def incidents_of_run(recording: Recording) -> tuple[Incident, ...]:
    """The incidents of one run, oldest first. ``drill`` of each is the run's id.

    Empty if Prometheus was not read completely, or the run never reached its steady state. An incident that
    resolved before the steady state is left out: the stack was still starting. ``accuracy`` comes from the
    scenario's expectations. ``caused`` is the first injection, or None if the alert fired before it. All
    lengths are real seconds of the run: at pace 20, a rule of five minutes takes 15 seconds.
    """
    metrics = recording.metrics
    if not metrics.complete or metrics.read_from is None or metrics.read_to is None:
        return ()
    injected = min((event.at for event in recording.of(FaultInjected)), default=None)
    steady = recording.phase_began(Phase.TIMELINE)
    reading = _reading(recording)
    step = advance(Watch(source=f"run {recording.run_id}"), reading)
    found = [*step.resolved, *(_at_the_end(one, step.watch, reading) for one in step.watch.open)]
    detection = detections_of(recording.plan.scenario)
    kept = [
        incident
        for incident in sorted(found, key=lambda one: (one.fired, one.alert))
        if steady is not None and (incident.resolved is None or incident.resolved > steady)
    ]
    return tuple(
        incident.model_copy(
            update={
                "drill": recording.run_id,
                "pace": recording.plan.pace,
                "caused": injected if injected is not None and injected <= incident.fired else None,
                "accuracy": accuracy,
            }
        )
        for incident, accuracy in zip(kept, accuracy_of(recording, kept, detection), strict=True)
    )


def _at_the_end(incident: Incident, watch: Watch, reading: AlertReading) -> Incident:
    """``incident``, still open for the detector, as it counts at the end of the run.

    It resolves after a shorter gap than usual (``LAST_EVALUATIONS``), because no more evaluations follow.
    """
    assert watch.last_scrape is not None
    rule = reading.rule_of(incident.labels)
    if rule is not None and watch.last_scrape - incident.last_active > LAST_EVALUATIONS * rule.interval:
        return incident.model_copy(update={"resolved": incident.last_active + rule.interval})
    return incident.model_copy(update={"note": NOT_OVER})


def _reading(recording: Recording) -> AlertReading:
    metrics, plan, facts = recording.metrics, recording.plan, recording.plan.detection
    assert metrics.read_from is not None
    assert metrics.read_to is not None
    rules = facts.rules if facts is not None else ()
    return AlertReading(
        read_from=metrics.read_from,
        complete_to=metrics.read_to,
        scrape_interval=(facts.scrape_interval if facts is not None else 1.0) / plan.pace,
        scrapes=tuple(at for one in metrics.named(UP) for at, _ in one.samples),
        rules=tuple(
            WatchedRule(
                alert=rule.alert,
                labels=dict(set_labels(rule.labels)),
                hold=rule.hold / plan.pace,
                interval=(facts.interval_of(rule) if facts is not None else 1.0) / plan.pace,
                runbook=rule.runbook,
            )
            for rule in rules
        ),
        series=alert_series(metrics.series),
    )
