"""Did each fault take effect, and was it undone?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from chaos.checks.kit import count, since_start, span
from chaos.checks.kit.effects import EffectSeen, effect_seen, measured
from chaos.checks.kit.link_use import link_use
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness, with_saturation
from chaos.kinds import Check, Fault, NoParams, Part
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import EvidenceKind, MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan, PlannedStep
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.verdict import CheckResult, Dimension, Distance, Evidence, Measure
from chaos.timeline.events import FaultInjected, FaultIntended, FaultMeasured, FaultReverted
from chaos.timeline.recording import Recording

EFFECT = ResultKey("fault_effect.takes_effect")
UNDONE = ResultKey("fault_effect.undone")
ANSWERED = ResultKey("fault_effect.answered")
FIRST_EFFECT, HELD = MeasureKey("fault_effect.first_seen"), MeasureKey("fault_effect.held")
_FIX_NO_EFFECT = (
    "Nothing was proven about the system: check that the fault hits what it really uses, and run it again."
)
_FIX_UNDO = "Run `gameday clean`, then see in the journal what the undo answered."
_FIX_ANSWER = "See which step of the procedure failed, or what it did not bring back."


class _FaultEffectCheck(Check[NoParams]):
    """The fault kind itself computes again from the stored measurements whether the fault took effect.

    A fault counts if it took effect for the planned time: the first effect shows soon after the injection,
    and from then to the undo nearly every measurement shows it. A fault of a link, or one that closes links,
    counts only if the application used one of these links meanwhile. Anything less is INCONCLUSIVE, never
    PASS: a system without a real fault has proven nothing. A failed undo, or an effect that continues after
    the undo, is a FAIL. A fault that a procedure answers needs to show its effect only once.
    """

    name = "fault_effect"
    summary = "each fault is seen to take effect while it lasts, and is undone and gone afterwards"
    dimensions = (Dimension.HYGIENE,)
    reads = (Part.JOURNAL,)
    order = -10
    distance = Distance.FAULT
    proofs = frozenset({EFFECT})
    independent = frozenset({EFFECT, UNDONE, ANSWERED})
    failure_stands = True

    def judged_unasked(self, plan: Plan) -> bool:
        """A rehearsal has no fault."""
        return bool(plan.steps)

    def asks(self, plan: Plan, params: NoParams) -> Iterator[Asked]:
        for planned in plan.steps:
            yield from self._pair(planned)

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        for planned in recording.plan.steps:
            effect, after = self._pair(planned)
            undo = self._undone if planned.step.answer is None else self._answered
            yield effect.settled(partial(self._effect, recording, planned, effect))
            yield after.settled(partial(undo, recording, planned, after))

    def _pair(self, planned: PlannedStep) -> tuple[Asked, Asked]:
        """Whether the fault took effect, and whether it was undone or answered."""
        name, answer = planned.step.summary(), planned.step.answer
        subject = Subject(kind=SubjectKind.STEP, name=name)
        expected = "the witness measures the effect while the fault is in place"
        effect = self.asked(EFFECT, f"{name} takes effect", expected, subject=subject)
        if answer is not None:
            expected = f"the effect is gone once {answer} has ended"
            return effect, self.asked(ANSWERED, f"{name} is answered", expected, subject=subject)
        expected = "the undo is read back, and the effect is gone"
        return effect, self.asked(
            UNDONE, f"{name} is undone", expected, subject=subject, dimension=Dimension.HYGIENE
        )

    def _effect(self, recording: Recording, planned: PlannedStep, asked: Asked) -> CheckResult:
        if not _first(recording, FaultIntended, planned.index):
            return asked.explained().unknown("it was never injected", fix=_FIX_NO_EFFECT)
        injected = _first(recording, FaultInjected, planned.index)
        if injected is None:
            raise CannotTell("its injection did not end", fix=_FIX_NO_EFFECT)
        if not isinstance(planned.step, Fault):
            raise CannotTell(f"the fault kind {planned.step.fault} is not installed")
        found = effect_seen(recording, planned, planned.step)
        evidence = [
            _measurement(recording, measured(recording, planned.index, "before")[-1], "before"),
            _measurement(recording, (found.seen or found.during)[0], "during"),
        ]
        measures = [
            Measure(
                key=FIRST_EFFECT, label="first effect after injection", value=_rounded(found.first_after)
            ),
            Measure(key=HELD, label="effect seen for", value=_rounded(found.held), note=_planned_for(found)),
        ]
        if doubt := found.doubt():
            why = with_saturation(recording, injected.at, found.during[-1].at, doubt)
            raise CannotTell(why, evidence=evidence, measures=measures, fix=_FIX_NO_EFFECT)
        evidence += [Evidence(text=text) for text in link_use(recording, planned, planned.step)]
        return asked.passed(
            f"{found.baseline.subject}: {words(found.seen[0].measurement.values)}, "
            f"seen in {len(found.seen)} of {count(len(found.during), 'measurement')}",
            evidence=evidence,
            measures=measures,
        )

    def _undone(self, recording: Recording, planned: PlannedStep, asked: Asked) -> CheckResult:
        intended = _first(recording, FaultIntended, planned.index)
        if intended is None:
            return asked.explained().unknown("it was never injected, so nothing was undone")
        reverted = _first(recording, FaultReverted, planned.index)
        if reverted is None:
            raise CannotTell("the recording does not say that it was undone")
        after = measured(recording, planned.index, "after")
        read_back = f"undo read back: {'ok' if reverted.ok else reverted.detail}"
        evidence = [since_start(recording, reverted.at, read_back)]
        if reverted.ok and not after:
            why = "undone, but the witness measured nothing afterwards"
            raise CannotTell(why, evidence=evidence)
        evidence += [_measurement(recording, event, "after") for event in after[-1:]]
        failed = "" if reverted.ok else reverted.detail or "the undo failed"
        left = failed or _outlived(recording, planned, after, "undo", evidence)
        if left:
            return asked.failed(left, reason=f"not undone: {left}", fix=_FIX_UNDO, evidence=evidence)
        if unknown := _unknown_after(recording, planned, after):
            raise CannotTell(
                f"undone, but whether the effect is gone is unknown: {unknown}", evidence=evidence
            )
        held = span(reverted.at - intended.at)
        return asked.passed(f"undone {held} after it began, and gone", evidence=evidence)

    def _answered(self, recording: Recording, planned: PlannedStep, asked: Asked) -> CheckResult:
        """Only its procedure undoes such a fault; the procedure has a check of its own, with marks."""
        answer = planned.step.answer
        ended = _first(recording, FaultReverted, planned.index)
        if ended is None:
            raise CannotTell(f"the recording does not say that {answer} ended")
        after = measured(recording, planned.index, "after")
        if ended.ok and not after:
            raise CannotTell(f"{answer} ended, but the witness measured nothing then")
        evidence = [since_start(recording, ended.at, f"{answer} ended")]
        evidence += [_measurement(recording, event, "after") for event in after[-1:]]
        failed = "" if ended.ok else ended.detail or f"{answer} failed"
        left = failed or _outlived(recording, planned, after, f"procedure {answer}", evidence)
        if left:
            return asked.failed(left, fix=_FIX_ANSWER, evidence=evidence)
        if unknown := _unknown_after(recording, planned, after):
            why = f"{answer} ended, but whether the effect is gone is unknown: {unknown}"
            raise CannotTell(why, evidence=evidence)
        return asked.passed(f"gone once {answer} had ended", evidence=evidence)


def _outlived(
    recording: Recording,
    planned: PlannedStep,
    after: list[FaultMeasured],
    what: str,
    evidence: Sequence[Evidence],
) -> str:
    """How the effect still shows after ``what``, which was read back; "" if it has ended.

    Raises ``CannotTell`` if this machine was saturated at the last look: the witness may have seen that.
    """
    before = [event.measurement for event in measured(recording, planned.index, "before")]
    last = after[-1]
    there = last.took_effect
    if before and isinstance(planned.step, Fault):
        there = planned.step.took_effect(planned.step.baseline(before), last.measurement)
    if not there:
        return ""
    left = f"the effect outlived the {what}: {words(last.measurement.values)}"
    looking = (last.at - ROUND_TRIP_TIMEOUT, last.at)
    excuse_slowness(recording, looking, MissedLimit(left), evidence=evidence)
    return left


def _unknown_after(recording: Recording, planned: PlannedStep, after: list[FaultMeasured]) -> str:
    """Why the last measurement does not show that the effect is gone; "" if it does.

    A witness that looked at something else, or that got no answer at all, sees no effect either.
    """
    before = [event.measurement for event in measured(recording, planned.index, "before")]
    if not before or not isinstance(planned.step, Fault):
        return ""
    baseline, last = planned.step.baseline(before), after[-1].measurement
    if last.subject != baseline.subject:
        return f"the witness measured {last.subject}, and {baseline.subject} before the fault"
    return planned.step.unmeasured(baseline, last)


def words(values: Mapping[str, str | float | bool | None]) -> str:
    """``state exited, round_trip_s 0.101``."""
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )


def _measurement(recording: Recording, event: FaultMeasured, when: str) -> Evidence:
    text = f"{when}: {words(event.measurement.values)}"
    return since_start(recording, event.at, text, EvidenceKind.MEASUREMENT, event.measurement.subject)


E = TypeVar("E", FaultIntended, FaultInjected, FaultReverted)


def _first(recording: Recording, kind: type[E], index: int) -> E | None:
    return next((event for event in recording.of(kind) if event.index == index), None)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _planned_for(found: EffectSeen) -> str:
    return f"of {span(found.planned)} planned" if found.planned else ""


CHECK = _FaultEffectCheck()
