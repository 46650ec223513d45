"""Did the system work before the fault, and does it work again afterwards?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from statistics import median

from chaos.checks.kit import count, since_start, span
from chaos.checks.kit.before_injection import harmed_before, lost_before, struck_at
from chaos.checks.kit.density import probe_doubt
from chaos.checks.kit.health import ClientHealth, HealthState
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness, with_saturation
from chaos.kinds import Check, NoParams, Part
from chaos.model.alert_states import AlertState
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import EvidenceKind, MeasureKey, ResultKey
from chaos.model.plan import Plan
from chaos.model.verdict import Cap, CheckResult, Dimension, Distance, Evidence, Measure
from chaos.registry import expectations
from chaos.timeline.events import Sample, SteadyState
from chaos.timeline.questions import alert_spans
from chaos.timeline.recording import Recording

BEFORE, AFTER = ResultKey("steady_state.before"), ResultKey("steady_state.after")
LONGEST_HOLE = 1.0  # seconds without a sample that raise no doubt, however short the window is
INTERVALS = 5.0  # usual sample intervals without a sample that raise no doubt either
MOST_OF_IT = 0.45  # share of the window without a sample of a condition from which on the state is in doubt
GOOD_SHARE = 0.99  # of the load's requests served and not degraded; the run itself waits for the same share
HELD = MeasureKey("steady_state.held")
_FIX = "See which condition did not hold and what it answered; read its service's log."
_LOST = Cap(reason="the steady state did not come back", rank=4)


class _SteadyStateCheck(Check[NoParams]):
    """The steady state must hold before the injection and again after recovery.

    Before: if it did not hold, gameday injected nothing, so the result is INCONCLUSIVE. After: FAIL.
    The check compares the runner's record with the samples: each condition needs a sample, and no sample in
    the window that held may contradict it. The state must also hold from then to the injection, and the load
    must be served: a run that recovers from other harm does not show how the system handles the fault.
    On a saturated machine a state that was missed only because answers came too late for the client is open.
    """

    name = "steady_state"
    summary = "the steady state holds before injection and again after recovery"
    dimensions = (Dimension.RECOVERY,)
    reads = (Part.JOURNAL,)
    order = -20
    proofs = frozenset({BEFORE})
    independent = frozenset({BEFORE})

    def asks(self, plan: Plan, params: NoParams) -> Iterator[Asked]:
        conditions = plan.scenario.steady_state
        expected = f"{count(len(conditions), 'condition')} hold: " + ", ".join(c.label for c in conditions)
        yield self.asked(BEFORE, "steady state before injection", expected, distance=Distance.PRECONDITION)
        yield self.asked(
            AFTER,
            "steady state after recovery",
            expected,
            dimension=Dimension.RECOVERY,
            distance=Distance.AFTERMATH,
        )

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        yield from (one.settled(partial(self._answer, recording, one)) for one in asked)

    def _answer(self, recording: Recording, asked: Asked) -> CheckResult:
        when = "before" if asked.key == BEFORE else "after"
        found = [event for event in recording.of(SteadyState) if event.when == when]
        event = found[-1] if found else None  # the last one: preparing may have disturbed it
        if event is None:
            raise CannotTell("the recording does not say whether it was reached")
        failing = [_condition(f"did not hold: {failing}") for failing in event.failing]
        if not event.held and asked.key == BEFORE:
            raise CannotTell("not reached before the deadline, so nothing was injected", evidence=failing)
        if not event.held:
            actual = f"not reached again by {span(event.at - recording.began)} into the run"
            if _well_but_for_late(recording, event):
                since = event.at - recording.plan.healthy_for
                excuse_slowness(recording, (since, event.at), MissedLimit(actual), evidence=failing)
            return asked.failed(
                actual,
                reason="the steady state did not come back",
                fix=_FIX,
                evidence=failing,
                cap=None if _recovery_is_expected(recording.plan) else _LOST,
            )
        doubts = _doubts(recording, event)
        if asked.key == BEFORE:
            doubts += lost_before(recording, event)
        if doubts:
            until = max(event.at, struck_at(recording))
            why = with_saturation(recording, event.at, until, "the samples do not confirm that it held")
            raise CannotTell(why, evidence=[_condition(doubt) for doubt in doubts])
        if asked.key == AFTER and (harm := harmed_before(recording)):
            raise CannotTell(f"held again, but {harm}: that is not the fault's effect")
        since = event.since if event.since is not None else event.at
        return asked.passed(
            f"held from {span(since - recording.began)} into the run",
            evidence=[since_start(recording, since, "first instant of the window that held")],
            measures=[Measure(key=HELD, label=f"held {when}", value=round(event.at - since, 3))],
        )


def _well_but_for_late(recording: Recording, event: SteadyState) -> bool:
    """Did everything hold in the end, except for answers that came too late for the client?"""
    since = event.at - recording.plan.healthy_for
    clients = ClientHealth(recording, GOOD_SHARE, late_counts=False)
    others = (one.label for one in recording.plan.scenario.steady_state if one.http is None)
    return (
        clients.window(since, event.at).state is HealthState.WELL
        and all(one.ok for label in others for one in recording.samples(label) if since <= one.at <= event.at)
        and not any(
            one.state == AlertState.FIRING and one.start <= event.at and (one.end is None or one.end >= since)
            for one in alert_spans(recording)
        )
    )


def _recovery_is_expected(plan: Plan) -> bool:
    """Does an expectation decide about recovery? A lingering alert delays the steady state, not recovery."""
    return any(Dimension.RECOVERY in check.dimensions for check, _ in expectations(plan.scenario))


def _condition(text: str) -> Evidence:
    return Evidence(text=text, kind=EvidenceKind.CONDITION)


def _doubts(recording: Recording, event: SteadyState) -> list[str]:
    """Samples that contradict an event that says "held"."""
    since = event.since if event.since is not None else event.at
    doubts = []
    for condition in recording.plan.scenario.steady_state:
        samples = [sample for sample in recording.samples(condition.label) if sample.at <= event.at]
        if not samples:
            doubts.append(f"no sample of {condition.label}")
        elif bad := [s for s in samples if not s.ok and s.at >= since]:
            doubts.append(f"{condition.label}: {bad[0].detail or 'not ok'}, {count(len(bad), 'sample')}")
        elif not samples[-1].ok:
            doubts.append(f"the last sample of {condition.label} was not ok: {samples[-1].detail}")
        elif not any(sample.at >= since for sample in samples):
            doubts.append(f"no sample of {condition.label} in the window that held")
        elif condition.http is not None and event.since is not None:
            thin = probe_doubt(recording, [(since, event.at)], condition.label)
            doubts += [thin.why] if thin else _scattered(condition.label, samples, since, event.at)
    return doubts


def _scattered(label: str, samples: Sequence[Sample], since: float, at: float) -> list[str]:
    """A doubt if about half of a short window is between two samples of a condition that is otherwise sampled
    far more often.
    """
    instants = [since, *(s.started for s in samples if since <= s.started <= at), at]
    hole = max(later - earlier for earlier, later in pairwise(instants))
    usual = median(b.started - a.started for a, b in pairwise(samples)) if len(samples) > 1 else at - since
    if hole <= max(LONGEST_HOLE, MOST_OF_IT * (at - since), INTERVALS * usual):
        return []
    return [f"no sample of {label} for {span(hole)} of the {span(at - since)} in which it held"]


CHECK = _SteadyStateCheck()
