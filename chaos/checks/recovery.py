"""How long did clients take to recover?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import Field

from chaos.checks.kit import falling, span
from chaos.checks.kit.health import Relapse
from chaos.checks.kit.recovery_course import Outage, course_of, longest_patience
from chaos.checks.kit.slowness import MissedLimit, excuse_harm_after_stall, excuse_slowness
from chaos.kinds import Check, Objection, Part, ScenarioContext, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import BUDGET, CLIENTS, RTO, MeasureKey, ResultKey
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import Cap, CheckResult, Dimension, Measure
from chaos.timeline.events import Phase
from chaos.timeline.questions import fault_windows
from chaos.timeline.recording import Recording
from chaos.timeline.steered import held_between
from chaos.timing import Duration, Limit, Paced, format_duration

WITHIN_RTO, WITHIN_BUDGET = ResultKey("recovery.within_rto"), ResultKey("recovery.within_budget")
NEVER_RECOVERED = Cap(reason="clients were not well again", rank=1)
_FIX = (
    "See in which stage the time went: detection, the dependency's own start, reconnecting (pools, breakers, "
    "back-off), or warming up."
)


class Recovery(CheckParams):
    """How fast clients must recover. The pace compresses waits by policy, but never work."""

    rto: Duration = Field(gt=0, description="policy target: time from the start of the first fault")
    budget: Limit | None = Field(
        default=None, gt=0, description="tight regression bound: time from the end of the last fault"
    )
    waits: Paced = Field(
        default=0.0,
        ge=0,
        description="added to the budget: how long breakers and the like wait by policy before they retry",
    )
    healthy_for: Duration = Field(
        default=10.0, gt=0, description="length of the healthy window that counts as recovery"
    )
    success: float = Field(
        default=0.99, gt=0, le=1, description="minimum share of the load in it served without degradation"
    )

    def limit(self, pace: float) -> float | None:
        """Real seconds from the end of the last fault: the budget and, compressed, the waits of policy."""
        return None if self.budget is None else self.budget + self.waits / pace


class _RecoveryCheck(Check[Recovery]):
    """Judges only what clients see: probes of the steady state and requests of the load.

    Recovery is the first instant of a window of ``healthy_for`` in which every probe was ok and ``success``
    of the requests, and of each kind of request that was served before, were served and not degraded. Good
    answers for a while during the fault are not a recovery, so a window that begins before the fault's end
    must last until ``healthy_for`` after it: clients that were never harmed recovered at the injection. They
    must then stay healthy until the teardown begins.

    RTO counts from the start of the first fault (what the policy means), the budget from the end of the last
    one (what the system itself needs once the cause is gone), which is that of the procedure where one
    answers the fault.

    On a saturated machine the check first leaves out answers that came too late for their clients: if the
    clients were healthy apart from these, the result is open. A system that hangs gives too few others.
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
                "shorten the budget: it is the tighter of the two bounds",
            )
        if params.waits and params.budget is None:
            message = f"waits: {format_duration(params.waits)} has no effect: it is added to a budget"
            yield Objection(("waits",), message, "write budget: as well, or remove it")
        if len(context.scenario.expect.get(self.name, ())) > 1:
            message = "recovery is expected twice, and results could not be told apart"
            yield Objection((), message, "keep one entry: the tighter of the two")
        for service in context.unanswered_services():
            objective = context.stack.objectives.get(service)
            if objective is not None and params.rto > objective.rto:
                yield Objection(
                    ("rto",),
                    f"the RTO {format_duration(params.rto)} is longer than the objective of {service} in "
                    f"stack.yaml, {format_duration(objective.rto)}",
                    "shorten it to the objective, or change the objective",
                )
        if all(condition.http is None for condition in context.scenario.steady_state):
            message = "clients decide about recovery, but the steady state has no http condition"
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
        course, end = course_of(recording, params.success, params.healthy_for), _end(recording)
        start = "the start of the fault"
        anchors = {WITHIN_RTO: _Anchor(RTO, "RTO", course.start, start, params.rto)}
        limit = params.limit(recording.plan.pace)
        if limit is not None:
            anchors[WITHIN_BUDGET] = _Anchor(BUDGET, f"recovered, from {end}", course.end, end, limit)
        yield from (one.settled(partial(_timed, recording, course, anchors[one.key], one)) for one in asked)


@dataclass(frozen=True)
class _Anchor:
    """The instant from which a limit counts. ``at`` is on the run axis, ``limit`` real seconds."""

    key: MeasureKey
    label: str
    at: float
    words: str
    limit: float


def _timed(recording: Recording, course: Outage, anchor: _Anchor, asked: Asked) -> CheckResult:
    held = 0.0 if course.steady is None else held_between(course.held, anchor.at, course.steady)
    taken = None if course.steady is None else max(0.0, course.steady - anchor.at - held)
    if taken is None and course.cut:
        raise CannotTell(course.cut, evidence=course.evidence, measures=course.stages)
    if course.blind and (taken is None or taken > anchor.limit):
        why = f"they may have been well earlier, but too little was recorded: {course.blind}"
        raise CannotTell(why, evidence=course.evidence, measures=course.stages)
    value = None if taken is None else round(taken, 3)
    note = f"from {anchor.words}"
    if held:
        note += f", without {span(held)} in which the run was held"
    measure = Measure(key=anchor.key, label=anchor.label, value=value, limit=anchor.limit, note=note)
    measures = (measure, *course.stages)
    if taken is not None and course.relapse is not None:
        return _relapsed(recording, course, course.relapse, anchor, taken, asked)
    if taken is not None and taken <= anchor.limit and course.unseen:
        raise CannotTell(course.unseen, evidence=course.evidence, measures=course.stages)
    if taken is None or course.steady is None:
        actual = "clients were not well again"
    elif course.steady <= course.start:
        actual = "recovered at once: clients were well throughout"
    else:
        actual = f"well again {span(taken, anchor.limit)} after {anchor.words}"
        actual += f", without {span(held)} in which the run was held" if held else ""
    if taken is not None and taken <= anchor.limit:
        return asked.passed(actual, evidence=course.evidence, measures=measures)
    # Without answers too late for their client they may have recovered in time: slowness explains that.
    steady = course.steady if course.steady is not None else course.but_for_late
    if steady is not None:
        took = max(0.0, steady - anchor.at - held_between(course.held, anchor.at, steady))
        excuse_slowness(
            recording,
            (anchor.at, steady),
            MissedLimit(actual, measured=took, limit=anchor.limit),
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


def _relapsed(
    recording: Recording, course: Outage, relapse: Relapse, anchor: _Anchor, taken: float, asked: Asked
) -> CheckResult:
    """Recovered, and harmed again before the recording ended."""
    harmed = span(relapse.at - anchor.at)
    actual = (
        f"well again {span(taken)} after {anchor.words}, harmed again {harmed} after it: {relapse.detail}"
    )
    measure = Measure(key=anchor.key, label=anchor.label, value=None, limit=anchor.limit, note=actual)
    if relapse.late_for is not None:
        until = recording.phase_began(Phase.TEARDOWN) or recording.ended  # the teardown slows the machine too
        silence = MissedLimit(actual, measured=relapse.late_for, limit=longest_patience(recording))
        excuse_slowness(recording, (relapse.at, until), silence, evidence=course.evidence)
    excuse_harm_after_stall(recording, relapse.at, actual, evidence=course.evidence)
    return asked.failed(
        actual,
        fix="See what broke after the recovery: a restart, a full queue, or a breaker that opened again.",
        fraction=0.0,
        cap=NEVER_RECOVERED,
        evidence=course.evidence,
        measures=(measure, *course.stages),
    )


def _end(recording: Recording) -> str:
    """The start of the budget, for people."""
    window = max(fault_windows(recording), key=lambda window: window.end or 0.0, default=None)
    step = None if window is None else recording.plan.steps[window.index].step
    return "the end of the procedure" if step is not None and step.answer else "the end of the fault"


CHECK = _RecoveryCheck()
