"""The outage of a run as clients saw it: when they recovered, and whether they stayed healthy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaos.checks.kit import span
from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.checks.kit.health import ClientHealth, HealthState, Relapse
from chaos.checks.kit.recovery_stages import recovery_stages
from chaos.model.asked import CannotTell, Doubt
from chaos.model.verdict import Evidence, Measure
from chaos.timeline.events import Phase, SteadyState
from chaos.timeline.questions import fault_span, stretches_of
from chaos.timeline.recording import Recording
from chaos.timeline.steered import HeldStretch

TAIL = 0.5  # real seconds at the end of a recording in which a probe or the load may have sent nothing yet


@dataclass(frozen=True)
class Outage:
    """The outage. Run axis; ``steady`` None: the clients did not recover within the recording."""

    start: float  # of the first fault
    end: float  # of the last fault
    steady: float | None
    but_for_late: float | None  # the same without answers that came too late for their client
    cut: Doubt | None  # the recording ends too early to say that they never recovered
    blind: str | None  # what is missing, if they may have recovered earlier than ``steady``
    evidence: tuple[Evidence, ...]
    stages: tuple[Measure, ...]
    held: tuple[HeldStretch, ...]  # the run was on hold with its faults in place: this time does not count
    relapse: Relapse | None  # harm after the first healthy window
    unseen: Doubt | None  # why it is unknown whether the clients stayed healthy


def course_of(recording: Recording, success: float, healthy_for: float) -> Outage:
    """``success``: minimum share of good answers. ``healthy_for``: seconds of a good window.

    Raises ``CannotTell`` if the recording does not say when the fault was, or has no data about clients.
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
    return Outage(start, end, steady, but_for_late, cut, blind, evidence, stages, held, relapse, unseen)


def _cut(recording: Recording, health: ClientHealth, end: float) -> Doubt | None:
    """Why the recording ends too early to say that clients never recovered."""
    if gap := health.unwatched():
        return Doubt(
            f"clients were not well yet when the record of them ends, {span(gap)} before the teardown"
        )
    short = health.recorded_until < end + recording.plan.recovery_limit - longest_patience(recording)
    if short and not _waited_out(recording):
        return Doubt(
            "clients were not well yet when the recording ends, too early to say that they never were"
        )
    return None


def longest_patience(recording: Recording) -> float:
    """Real seconds for which a probe of the steady state waits for an answer, at most."""
    conditions = (condition.http for condition in recording.plan.scenario.steady_state)
    return max((http.timeout for http in conditions if http is not None), default=0.0)


def _waited_out(recording: Recording) -> bool:
    """Did the run itself see the clients recover, and stop waiting? Then it was not cut short: clients
    harmed until its end were too few to show in the load as a whole.
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
    """The harm to clients after their first healthy window, or why it is unknown whether there was any.

    ``patient``: the health without answers too late for their client. Harm that shows there too comes first.
    """
    until = max(steady, end) + healthy_for
    dead, unasked = health.unseen(steady, until)
    if dead:
        return Relapse(until, f"{', '.join(dead)} was not served again"), None
    if (relapse := health.relapse(steady, until, healthy_for)) is not None:
        again = patient.relapse(steady, until, healthy_for)
        return again or _late(health, patient, relapse, healthy_for), None
    if unasked:
        why = "was served before the fault and not asked for after the recovery"
        return None, Doubt(f"{', '.join(unasked)} {why}")
    if unknown := health.unknown_before():
        return None, unknown
    if gap := health.unwatched():
        return None, Doubt(f"nothing was recorded of the clients in the last {span(gap)} before the teardown")
    return None, _watched_briefly(recording) or _thin(recording, health, steady)


def _late(health: ClientHealth, patient: ClientHealth, relapse: Relapse, healthy_for: float) -> Relapse:
    """A relapse in which answers only came too late: slowness alone may explain it if other answers came as
    well, and the clients were well at the end. A system that hangs answers nothing.
    """
    start, end = relapse.at - healthy_for / 2, max(health.recorded_until, relapse.at + healthy_for / 2)
    return replace(relapse, late_for=patient.silent_for(start, end - TAIL, healthy_for / 2))


def _watched_briefly(recording: Recording) -> Doubt | None:
    """Why the recording ends too soon after the recovery to show the relapses that the plan watches for."""
    planned, teardown = recording.plan.relapse_watch, recording.phase_began(Phase.TEARDOWN)
    held = [one.at for one in recording.of(SteadyState) if one.when == "after" and one.held]
    if not planned or not held or teardown is None or teardown - held[-1] >= planned - TAIL:
        return None
    watched = span(max(0.0, teardown - held[-1]))
    return Doubt(f"a relapse may be missed: clients were watched for {watched} of {span(planned)} after it")


def _thin(recording: Recording, health: ClientHealth, steady: float) -> Doubt | None:
    """Why the recording has too little data about clients after their recovery to show a relapse."""
    watched = [(steady, health.seen_until or steady)]
    conditions = (condition for condition in recording.plan.scenario.steady_state if condition.http)
    doubts = [probe_doubt(recording, watched, condition.label) for condition in conditions]
    if recording.plan.scenario.load is not None:
        doubts.append(load_doubt(recording, watched))
    return next((Doubt(f"a relapse may be missed: {doubt}") for doubt in doubts if doubt), None)


def _first_well(
    health: ClientHealth, start: float, end: float, healthy_for: float
) -> tuple[float | None, str | None]:
    """The instant of recovery, and what is missing in the first earlier window that cannot be judged."""
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
