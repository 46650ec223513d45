"""How the outage of a run went, as clients saw it: when they were well again, and whether they stayed so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaos.checks.kit import span
from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.checks.kit.health import ClientHealth, HealthState, Relapse
from chaos.checks.kit.recovery_stages import recovery_stages
from chaos.model.asked import CannotTell, Doubt
from chaos.model.verdict import Evidence, Measure
from chaos.timeline.events import SteadyState
from chaos.timeline.questions import fault_span, stretches_of
from chaos.timeline.recording import Recording
from chaos.timeline.steered import HeldStretch

TAIL = 0.5  # real seconds at the end of a recording in which a probe or the load may not have had its turn


@dataclass(frozen=True)
class Course:
    """How the outage went. Wall clock; ``steady`` None: the clients were not well again in the recording."""

    start: float  # of the first fault
    end: float  # of the last fault
    steady: float | None
    but_for_late: float | None  # the same if what came too late for its client is left out
    cut: Doubt | None  # the recording ends too early to say that they never were
    blind: str | None  # what was missing where they may have been well earlier than ``steady``
    evidence: tuple[Evidence, ...]
    stages: tuple[Measure, ...]
    held: tuple[HeldStretch, ...]  # the run stood still with its faults in place: no time of the system's
    relapse: Relapse | None  # harm after the first healthy window
    unseen: Doubt | None  # why it is unknown whether the clients stayed well


def course_of(recording: Recording, success: float, healthy_for: float) -> Course:
    """``success``: least share of good answers. ``healthy_for``: seconds of a good window.

    Raises ``CannotTell`` where the recording does not say when the fault was, or nothing of the clients.
    """
    whole = fault_span(recording)
    if whole is None:
        raise CannotTell("the recording does not say when the fault began and ended")
    start, end = whole
    health = ClientHealth(recording, success)
    seen = health.seen_until
    if seen is None:
        raise CannotTell("a probe of the steady state, or the load, recorded nothing")
    steady, blind = _first_well(health, start, end, healthy_for)
    patient = ClientHealth(recording, success, late_counts=False)
    but_for_late = steady or _first_well(patient, start, end, healthy_for)[0]
    cut = _cut(recording, health, end)
    relapse, unseen = (
        (None, None) if steady is None else _stayed(recording, health, patient, steady, end, healthy_for)
    )
    evidence, stages = recovery_stages(recording, health, start, end, steady, relapse)
    held = stretches_of(recording)
    return Course(start, end, steady, but_for_late, cut, blind, evidence, stages, held, relapse, unseen)


def _cut(recording: Recording, health: ClientHealth, end: float) -> Doubt | None:
    """Why the recording ends too early to say that clients were never well."""
    if gap := health.unwatched():
        return Doubt(
            f"clients were not well yet when the record of them ends, {span(gap)} before the teardown"
        )
    short = health.recorded_until < end + recording.plan.recovery_limit - _patience(recording)
    if short and not _waited_out(recording):
        return Doubt(
            "clients were not well yet when the recording ends, too early to say that they never were"
        )
    return None


def _patience(recording: Recording) -> float:
    """Real seconds by which the last answers may miss the end of a recording: so long a probe waits."""
    conditions = (condition.http for condition in recording.plan.scenario.steady_state)
    return max((http.timeout for http in conditions if http is not None), default=0.0)


def _waited_out(recording: Recording) -> bool:
    """Did the run itself see the clients well, and so stop waiting? Then it was not cut short: clients
    that were harmed until its end were too few to show in the load as a whole.
    """
    return any(event.when == "after" and event.held for event in recording.of(SteadyState))


def _stayed(
    recording: Recording,
    health: ClientHealth,
    patient: ClientHealth,
    steady: float,
    end: float,
    healthy_for: float,
) -> tuple[Relapse | None, Doubt | None]:
    """What harmed the clients after their first healthy window, or why it is unknown whether anything did.

    ``patient``: the health without what came too late for its client. What harmed them there too comes first.
    """
    until = max(steady, end) + healthy_for
    dead, unasked = health.unseen(steady, until)
    if dead:
        return Relapse(until, f"{', '.join(dead)} was not served again"), None
    if (relapse := health.relapse(until, healthy_for)) is not None:
        return patient.relapse(until, healthy_for) or _late(health, patient, relapse, healthy_for), None
    if unasked:
        why = "was served before the fault and not asked for after the recovery"
        return None, Doubt(f"{', '.join(unasked)} {why}")
    if unknown := health.unknown_before():
        return None, unknown
    if gap := health.unwatched():
        return None, Doubt(f"nothing was recorded of the clients in the last {span(gap)} before the teardown")
    return None, _watched_briefly(recording) or _thin(recording, health, steady)


def _late(health: ClientHealth, patient: ClientHealth, relapse: Relapse, healthy_for: float) -> Relapse:
    """A relapse in which nothing was wrong but that answers came too late: it is one of slowness alone if
    enough others came all the time until the end. A system that hangs answers none.
    """
    start, end = relapse.at - healthy_for / 2, max(health.recorded_until, relapse.at + healthy_for / 2)
    return replace(relapse, only_late=patient.well_throughout(start, end - TAIL, healthy_for / 2))


def _watched_briefly(recording: Recording) -> Doubt | None:
    """Why the recording ends too soon after the recovery to show the relapses that the plan watches for."""
    planned, teardown = recording.plan.relapse_watch, recording.phase_began("teardown")
    held = [one.at for one in recording.of(SteadyState) if one.when == "after" and one.held]
    if not planned or not held or teardown is None or teardown - held[-1] >= planned - TAIL:
        return None
    watched = span(max(0.0, teardown - held[-1]))
    return Doubt(f"a relapse may be missed: clients were watched for {watched} of {span(planned)} after it")


def _thin(recording: Recording, health: ClientHealth, steady: float) -> Doubt | None:
    """Why too little was recorded of the clients once they were well to show a relapse."""
    watched = [(steady, health.seen_until or steady)]
    conditions = (condition for condition in recording.plan.scenario.steady_state if condition.http)
    doubts = [probe_doubt(recording, watched, condition.label) for condition in conditions]
    if recording.plan.scenario.load is not None:
        doubts.append(load_doubt(recording, watched))
    return next((Doubt(f"a relapse may be missed: {doubt}") for doubt in doubts if doubt), None)


def _first_well(
    health: ClientHealth, start: float, end: float, healthy_for: float
) -> tuple[float | None, str | None]:
    """The instant of recovery, and what was missing in the first window before it that cannot be judged."""
    blind: str | None = None
    seen = health.seen_until
    for candidate in health.candidates(start):
        until = max(candidate, end) + healthy_for
        if seen is None or until > seen + TAIL:
            break
        seen_in = health.window(candidate, until)
        if seen_in.state is HealthState.WELL:
            return candidate, blind
        if seen_in.state is HealthState.BLIND and blind is None:
            blind = seen_in.detail
    return None, blind
