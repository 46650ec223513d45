"""How long until clients were well again?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from chaos.checks._common import Found, falling, marked, since_start, span, unknown
from chaos.checks._health import ClientHealth, State
from chaos.checks.detection import Detection
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure, Outcome
from chaos.registry import Fault
from chaos.timeline.events import ContainerState
from chaos.timeline.questions import alert_spans, fault_span, fault_windows
from chaos.timeline.recording import Recording
from chaos.timing import Duration, Paced, format_duration


class Recovery(CheckParams):
    """How fast clients must be served well again. Work is never compressed; waiting by policy is."""

    rto: Duration = Field(gt=0, description="policy target, from the start of the first fault")
    budget: Duration | None = Field(
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

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        if self.budget is not None and self.budget > self.rto:
            yield (
                ("budget",),
                f"the budget {format_duration(self.budget)} is longer than the RTO "
                f"{format_duration(self.rto)}",
                "the budget is the tighter bound of the two",
            )
        for service in sorted(
            {
                service
                for step in scenario.timeline
                if isinstance(step, Fault) and step.answer is None  # else its procedure's objective counts
                for service in step.hits(stack)
            }
        ):
            objective = stack.objectives.get(service)
            if objective is not None and self.rto > objective.rto:
                yield (
                    ("rto",),
                    f"the RTO {format_duration(self.rto)} is longer than the objective of {service} in "
                    f"stack.yaml, {format_duration(objective.rto)}",
                    "expect no less than the objective, or change that",
                )
        if all(condition.http is None for condition in scenario.steady_state):
            yield (
                (),
                "recovery is seen by clients, but the steady state has no http condition",
                "add one to steady_state",
            )


RTO = "RTO"  # name of the measure that history and drills look for
LAST_ANSWER = (
    2.0  # real seconds by which the last answers of a recording may miss its end: a probe waits so long
)
TAIL = 0.5  # real seconds at the end of a recording in which a probe or the load may not have had its turn


@dataclass(frozen=True)
class _Course:
    """How the outage went. Wall clock; ``steady`` None: the clients were not well again in the recording."""

    start: float  # of the first fault
    end: float  # of the last fault
    steady: float | None
    cut: bool  # the recording ends too early to say that they never were
    blind: str | None  # what was missing where they may have been well earlier than ``steady``
    evidence: tuple[Evidence, ...]
    stages: tuple[Measure, ...]


class _RecoveryCheck:
    """Seen from the clients' side alone: probes of the steady state and requests of the load.

    Recovered is the first instant of a window of ``healthy_for`` in which every probe was ok and ``success``
    of the requests were served and not degraded. While the fault is in place a spell of good answers is no
    recovery, so a window that begins before the fault's end must last until ``healthy_for`` after it: clients
    that were never harmed have recovered at the instant of the blow.

    RTO counts from the start of the first fault (what the policy means), the budget from the end of the last
    one (what the system itself needs once the cause is gone), which is that of the procedure where one
    answers the fault.
    """

    name = "recovery"
    summary = "clients are served well again within the RTO and the budget"
    params: type[CheckParams] | None = Recovery
    dimensions = (Dimension.RECOVERY,)
    reads = ("journal", "load")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        assert isinstance(params, Recovery)
        asked = [("clients recover within the RTO", f"within {span(params.rto)} of the start of the fault")]
        limit = params.limit(recording.plan.pace)
        if limit is not None:
            asked.append(("clients recover within the budget", f"within {span(limit)} of its end"))
        course = _course(recording, params)
        if isinstance(course, str):
            return tuple(unknown(self.name, *words, course, Dimension.RECOVERY) for words in asked)
        results = [self._timed(course, *asked[0], params.rto, course.start, "the start of the fault", RTO)]
        if limit is not None:
            name = f"recovered, from {_end(recording)}"
            results.append(self._timed(course, *asked[1], limit, course.end, _end(recording), name))
        return tuple(results)

    def _timed(
        self,
        course: _Course,
        title: str,
        expected: str,
        limit: float,
        anchor: float,
        anchor_words: str,
        name: str,
    ) -> CheckResult:
        taken = None if course.steady is None else max(0.0, course.steady - anchor)
        why = ""
        if taken is None and course.cut:
            why = "clients were not well yet when the recording ends, too early to say that they never were"
        elif course.blind and (taken is None or taken > limit):
            why = f"they may have been well earlier, but too little was recorded: {course.blind}"
        if why:
            return unknown(
                self.name, title, expected, why, Dimension.RECOVERY, course.evidence, course.stages
            )
        if taken is None or course.steady is None:
            actual = "clients were not well again"
        elif course.steady <= course.start:
            actual = "recovered at once: clients were well throughout"
        else:
            actual = f"well again {span(taken)} after {anchor_words}"
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.PASS if taken is not None and taken <= limit else Outcome.FAIL,
            expected=expected,
            actual=actual,
            evidence=course.evidence,
            measures=(
                Measure(
                    name=name,
                    value=None if taken is None else round(taken, 3),
                    limit=limit,
                    note=f"from {anchor_words}",
                ),
                *course.stages,
            ),
            marks=marked(
                Dimension.RECOVERY,
                0.0 if taken is None else falling(taken, limit),
                f"{title}: {actual}",
                "See in which stage the time went: detection, the dependency's own start, reconnecting "
                "(pools, breakers, back-off), or warming up.",
            ),
        )


def _end(recording: Recording) -> str:
    """From what the budget counts, for people."""
    window = max(fault_windows(recording), key=lambda window: window.end or 0.0, default=None)
    step = None if window is None else recording.plan.steps[window.index].step
    return "the end of the procedure" if step is not None and step.answer else "the end of the fault"


def _course(recording: Recording, params: Recovery) -> _Course | str:
    whole = fault_span(recording)
    if whole is None:
        return "the recording does not say when the fault began and ended"
    start, end = whole
    health = ClientHealth(recording, params.success)
    seen = health.seen_until
    if seen is None:
        return "a probe of the steady state, or the load, recorded nothing"
    steady, blind = _first_well(health, start, end, params.healthy_for)
    cut = health.recorded_until < end + recording.plan.recovery_limit - LAST_ANSWER
    evidence, stages = _stages(recording, health, start, end, steady)
    return _Course(start, end, steady, cut, blind, evidence, stages)


def _first_well(
    health: ClientHealth, start: float, end: float, healthy_for: float
) -> tuple[float | None, str | None]:
    """The instant of recovery, and what was missing in the first window that nobody could judge before it."""
    blind: str | None = None
    seen = health.seen_until
    for candidate in health.candidates(start):
        until = max(candidate, end) + healthy_for
        if seen is None or until > seen + TAIL:
            break
        glance = health.glance(candidate, until)
        if glance.state is State.WELL:
            return candidate, blind
        if glance.state is State.BLIND and blind is None:
            blind = glance.detail
    return None, blind


def _stages(
    recording: Recording, health: ClientHealth, start: float, end: float, steady: float | None
) -> tuple[tuple[Evidence, ...], tuple[Measure, ...]]:
    """Where the time went: detected, dependency back, reconnected, steady; seconds from the fault's start."""
    back = _dependency_back(recording)
    instants: list[tuple[str, float | None]] = [
        ("fault begins", start),
        ("detected", _detected(recording, start)),
        ("fault ends", end),
        ("dependency back", back),
        ("reconnected", health.first_served(back) if back is not None else None),
        ("steady", steady),
    ]
    evidence = tuple(since_start(recording, at, name) for name, at in instants if at is not None)
    measures = tuple(
        Measure(
            name=name, value=None if at is None else round(max(0.0, at - start), 3), note="from fault start"
        )
        for name, at in instants
        if name not in ("fault begins",)
    )
    return evidence, measures


def _detected(recording: Recording, start: float) -> float | None:
    """When the first alert that must fire was firing."""
    wanted = {
        entry.alert
        for params in recording.plan.scenario.expect.get("detection", ())
        if isinstance(params, Detection)
        for entry in params.must_fire
    }
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


def never_recovered(result: CheckResult) -> bool:
    """Does this result say that clients were not well again at all? It caps the score."""
    return (
        result.check == _RecoveryCheck.name
        and result.outcome is Outcome.FAIL
        and result.measures[0].value is None
    )


CHECK = _RecoveryCheck()
