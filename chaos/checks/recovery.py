"""How long until clients were well again?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import Field

from chaos.checks.kit import falling, since_start, span
from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.checks.kit.health import ClientHealth, HealthState, Relapse
from chaos.checks.kit.slowness import excuse_slowness
from chaos.kinds import Check, Fault, Objection, Part, ScenarioContext, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import BUDGET, CLIENTS, RTO, STEADY, EvidenceKind, MeasureKey, ResultKey
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import Cap, CheckResult, Dimension, Evidence, Measure
from chaos.registry import awaited_alerts
from chaos.timeline.events import ContainerState, SteadyState
from chaos.timeline.questions import alert_spans, fault_span, fault_windows, stretches_of
from chaos.timeline.recording import Recording
from chaos.timeline.steered import HeldStretch, held_between
from chaos.timing import Duration, Limit, Paced, format_duration

WITHIN_RTO, WITHIN_BUDGET = ResultKey("recovery.within_rto"), ResultKey("recovery.within_budget")
DETECTED, FAULT_ENDS = MeasureKey("recovery.detected"), MeasureKey("recovery.fault_ends")
BACK, RECONNECTED = MeasureKey("recovery.dependency_back"), MeasureKey("recovery.reconnected")
NEVER_RECOVERED = Cap(reason="clients were not well again", rank=1)
_FIX = (
    "See in which stage the time went: detection, the dependency's own start, reconnecting (pools, breakers, "
    "back-off), or warming up."
)


class Recovery(CheckParams):
    """How fast clients must be served well again. Work is never compressed; waiting by policy is."""

    rto: Duration = Field(gt=0, description="policy target, from the start of the first fault")
    budget: Limit | None = Field(
        default=None, gt=0, description="tight regression bound, from the end of the last fault"
    )
    waits: Paced = Field(
        default=0.0,
        ge=0,
        description="added to the budget: what breakers and the like wait by policy before they try again",
    )
    healthy_for: Duration = Field(
        default=10.0, gt=0, description="length of the healthy window that counts as recovered"
    )
    success: float = Field(
        default=0.99, gt=0, le=1, description="least share of the load served and not degraded in it"
    )

    def limit(self, pace: float) -> float | None:
        """Real seconds from the end of the last fault: the budget and, compressed, the waits of policy."""
        return None if self.budget is None else self.budget + self.waits / pace


TAIL = 0.5  # real seconds at the end of a recording in which a probe or the load may not have had its turn


@dataclass(frozen=True)
class _Course:
    """How the outage went. Wall clock; ``steady`` None: the clients were not well again in the recording."""

    start: float  # of the first fault
    end: float  # of the last fault
    steady: float | None
    cut: str  # the recording ends too early to say that they never were
    blind: str | None  # what was missing where they may have been well earlier than ``steady``
    evidence: tuple[Evidence, ...]
    stages: tuple[Measure, ...]
    held: tuple[HeldStretch, ...]  # the run stood still with its faults in place: no time of the system's
    relapse: Relapse | None  # harm after the first healthy window
    unseen: str  # why it is unknown whether the clients stayed well; "" if it is known


class _RecoveryCheck(Check[Recovery]):
    """Seen from the clients' side alone: probes of the steady state and requests of the load.

    Recovered is the first instant of a window of ``healthy_for`` in which every probe was ok and ``success``
    of the requests, and of each kind of request that was served before, were served and not degraded. While
    the fault is in place a spell of good answers is no recovery, so a window that begins before the fault's
    end must last until ``healthy_for`` after it: clients that were never harmed have recovered at the instant
    of the injection. They must then stay well until the teardown begins.

    RTO counts from the start of the first fault (what the policy means), the budget from the end of the last
    one (what the system itself needs once the cause is gone), which is that of the procedure where one
    answers the fault.
    """

    name = "recovery"
    summary = "clients are served well again within the RTO and the budget"
    params = Recovery
    dimensions = (Dimension.RECOVERY,)
    reads = (Part.JOURNAL, Part.LOAD)
    excludes_holds = True

    def problems(self, params: Recovery, context: ScenarioContext) -> Iterator[Objection]:
        if params.budget is not None and params.budget > params.rto:
            yield Objection(
                ("budget",),
                f"the budget {format_duration(params.budget)} is longer than the RTO "
                f"{format_duration(params.rto)}",
                "the budget is the tighter bound of the two",
            )
        for service in context.unanswered_services():
            objective = context.stack.objectives.get(service)
            if objective is not None and params.rto > objective.rto:
                yield Objection(
                    ("rto",),
                    f"the RTO {format_duration(params.rto)} is longer than the objective of {service} in "
                    f"stack.yaml, {format_duration(objective.rto)}",
                    "expect no less than the objective, or change that",
                )
        if all(condition.http is None for condition in context.scenario.steady_state):
            message = "recovery is seen by clients, but the steady state has no http condition"
            yield Objection((), message, "add one to steady_state")

    def wait(self, params: Recovery, pace: float) -> Wait:
        budget = 0.0 if params.budget is None else params.budget
        return Wait(budget + params.waits / pace + params.healthy_for, healthy_for=params.healthy_for)

    def asks(self, plan: Plan, params: Recovery) -> Iterator[Asked]:
        ask = partial(self.asked, subject=CLIENTS, dimension=Dimension.RECOVERY)
        expected = f"within {span(params.rto)} of the start of the fault"
        yield ask(WITHIN_RTO, "clients recover within the RTO", expected)
        limit = params.limit(plan.pace)
        if limit is not None:
            yield ask(WITHIN_BUDGET, "clients recover within the budget", f"within {span(limit)} of its end")

    def answers(
        self, recording: Recording, params: Recovery, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        course, end = _course(recording, params), _end(recording)
        start = "the start of the fault"
        anchors = {WITHIN_RTO: _Anchor(RTO, "RTO", course.start, start, params.rto)}
        limit = params.limit(recording.plan.pace)
        if limit is not None:
            anchors[WITHIN_BUDGET] = _Anchor(BUDGET, f"recovered, from {end}", course.end, end, limit)
        yield from (one.settled(partial(_timed, recording, course, anchors[one.key], one)) for one in asked)


@dataclass(frozen=True)
class _Anchor:
    """From what instant a limit counts. ``at`` is wall clock, ``limit`` real seconds."""

    key: MeasureKey
    label: str
    at: float
    words: str
    limit: float


def _timed(recording: Recording, course: _Course, anchor: _Anchor, asked: Asked) -> CheckResult:
    held = 0.0 if course.steady is None else held_between(course.held, anchor.at, course.steady)
    taken = None if course.steady is None else max(0.0, course.steady - anchor.at - held)
    why = ""
    if taken is None and course.cut:
        why = course.cut
    elif course.blind and (taken is None or taken > anchor.limit):
        why = f"they may have been well earlier, but too little was recorded: {course.blind}"
    if why:
        raise CannotTell(why, evidence=course.evidence, measures=course.stages)
    value = None if taken is None else round(taken, 3)
    note = f"from {anchor.words}"
    if held:
        note += f", without {span(held)} in which the run was held"
    measure = Measure(key=anchor.key, label=anchor.label, value=value, limit=anchor.limit, note=note)
    measures = (measure, *course.stages)
    if taken is not None and course.relapse is not None:
        return _relapsed(course, course.relapse, anchor, taken, asked)
    if taken is not None and taken <= anchor.limit and course.unseen:
        raise CannotTell(course.unseen, evidence=course.evidence, measures=course.stages)
    if taken is None or course.steady is None:
        actual = "clients were not well again"
    elif course.steady <= course.start:
        actual = "recovered at once: clients were well throughout"
    else:
        actual = f"well again {span(taken)} after {anchor.words}"
        actual += f", without {span(held)} in which the run was held" if held else ""
    if taken is not None and taken <= anchor.limit:
        return asked.passed(actual, evidence=course.evidence, measures=measures)
    if course.steady is not None:
        judged = (anchor.at, course.steady)
        excuse_slowness(
            recording,
            *judged,
            actual,
            measured=taken,
            limit=anchor.limit,
            evidence=course.evidence,
            measures=measures,
        )
    return asked.failed(
        actual,
        fix=_FIX,
        fraction=0.0 if taken is None else falling(taken, anchor.limit),
        cap=NEVER_RECOVERED if taken is None else None,
        evidence=course.evidence,
        measures=measures,
    )


def _relapsed(course: _Course, relapse: Relapse, anchor: _Anchor, taken: float, asked: Asked) -> CheckResult:
    """Well again, and harmed once more before the recording ended."""
    harmed = span(relapse.at - anchor.at)
    actual = (
        f"well again {span(taken)} after {anchor.words}, harmed again {harmed} after it: {relapse.detail}"
    )
    measure = Measure(key=anchor.key, label=anchor.label, value=None, limit=anchor.limit, note=actual)
    return asked.failed(
        actual,
        fix="See what broke after the recovery: a restart, a full queue, or a breaker that opened again.",
        fraction=0.0,
        cap=NEVER_RECOVERED,
        evidence=course.evidence,
        measures=(measure, *course.stages),
    )


def _end(recording: Recording) -> str:
    """From what the budget counts, for people."""
    window = max(fault_windows(recording), key=lambda window: window.end or 0.0, default=None)
    step = None if window is None else recording.plan.steps[window.index].step
    return "the end of the procedure" if step is not None and step.answer else "the end of the fault"


def _course(recording: Recording, params: Recovery) -> _Course:
    whole = fault_span(recording)
    if whole is None:
        raise CannotTell("the recording does not say when the fault began and ended")
    start, end = whole
    health = ClientHealth(recording, params.success)
    seen = health.seen_until
    if seen is None:
        raise CannotTell("a probe of the steady state, or the load, recorded nothing")
    steady, blind = _first_well(health, start, end, params.healthy_for)
    cut = _cut(recording, health, end)
    relapse, unseen = (
        (None, "") if steady is None else _stayed(recording, health, steady, end, params.healthy_for)
    )
    evidence, stages = _stages(recording, health, start, end, steady, relapse)
    held = stretches_of(recording)
    return _Course(start, end, steady, cut, blind, evidence, stages, held, relapse, unseen)


def _cut(recording: Recording, health: ClientHealth, end: float) -> str:
    """Why the recording ends too early to say that clients were never well; "": it does not."""
    if gap := health.unwatched():
        return f"clients were not well yet when the record of them ends, {span(gap)} before the teardown"
    short = health.recorded_until < end + recording.plan.recovery_limit - _patience(recording)
    if short and not _waited_out(recording):
        return "clients were not well yet when the recording ends, too early to say that they never were"
    return ""


def _patience(recording: Recording) -> float:
    """Real seconds by which the last answers may miss the end of a recording: so long a probe waits."""
    conditions = (condition.http for condition in recording.plan.scenario.steady_state)
    return max((http.timeout for http in conditions if http is not None), default=0.0)


def _waited_out(recording: Recording) -> bool:
    """Did the run itself take the clients for well, and so wait no longer? Then it was not cut short: who is
    harmed until its end was missed by a look at the load as a whole.
    """
    return any(event.when == "after" and event.held for event in recording.of(SteadyState))


def _stayed(
    recording: Recording, health: ClientHealth, steady: float, end: float, healthy_for: float
) -> tuple[Relapse | None, str]:
    """What harmed the clients after their first healthy window, or why it is unknown whether anything did."""
    until = max(steady, end) + healthy_for
    dead, unasked = health.unseen(steady, until)
    if dead:
        return Relapse(until, f"{', '.join(dead)} was not served again"), ""
    if (relapse := health.relapse(until, healthy_for)) is not None:
        return relapse, ""
    if unasked:
        return None, f"{', '.join(unasked)} was served before the fault and not asked for after the recovery"
    if unknown := health.unknown_before():
        return None, unknown
    if gap := health.unwatched():
        return None, f"nothing was recorded of the clients in the last {span(gap)} before the teardown"
    return None, _thin(recording, health, steady)


def _thin(recording: Recording, health: ClientHealth, steady: float) -> str:
    """Why too little was recorded of the clients once they were well to show a relapse; "": it was enough."""
    watched = [(steady, health.seen_until or steady)]
    conditions = (condition for condition in recording.plan.scenario.steady_state if condition.http)
    doubts = [probe_doubt(recording, watched, condition.label) for condition in conditions]
    if recording.plan.scenario.load is not None:
        doubts.append(load_doubt(recording, watched))
    return next((f"a relapse may be missed: {doubt}" for doubt in doubts if doubt), "")


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


def _stages(
    recording: Recording,
    health: ClientHealth,
    start: float,
    end: float,
    steady: float | None,
    relapse: Relapse | None,
) -> tuple[tuple[Evidence, ...], tuple[Measure, ...]]:
    """Where the time went: detected, dependency back, reconnected, steady; seconds from the fault's start."""
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
            if s.state == "firing" and s.alert in wanted and s.start >= start
        ),
        default=None,
    )


def _dependency_back(recording: Recording) -> float | None:
    """When the last thing that was broken stood again: its container up and healthy, or the fault undone."""
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
    """The start of the container's last healthy stretch, if it was down or ill after ``since``."""
    up: float | None = None
    for event in recording.of(ContainerState):
        if event.service != service or event.at < since:
            continue
        if event.state != "running" or event.health not in ("", "healthy"):
            up = None
        elif up is None:
            up = event.at
    return up


CHECK = _RecoveryCheck()
