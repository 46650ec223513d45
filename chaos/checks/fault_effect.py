"""Did each fault really take effect, and was it undone?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from chaos.checks._common import count, marked, since_start, span, unknown
from chaos.model.plan import Plan, PlannedStep
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Measure, Outcome
from chaos.registry import Fault
from chaos.timeline.events import FaultInjected, FaultIntended, FaultMeasured, FaultReverted
from chaos.timeline.recording import Recording

NEVER_INJECTED = "it was never injected"
_FIX_NO_EFFECT = (
    "Nothing was proven about the system: check that the fault hits what it really uses, and run it again."
)
_FIX_UNDO = "Run `gameday clean`, then see in the journal what the undo answered."


class _FaultEffectCheck:
    """Whether a fault bites is computed anew from the stored measurements, by the fault kind itself.

    No effect is INCONCLUSIVE, never PASS: a system that was not hurt has proven nothing. An undo that
    failed, or an effect that outlived its undo, is a FAIL. A fault that a procedure answers is undone by it.
    """

    name = "fault_effect"
    summary = "each fault is seen to bite while it lasts, and is undone and gone afterwards"
    params: type[CheckParams] | None = None
    dimensions = (Dimension.HYGIENE,)
    reads = ("journal",)

    def applies(self, plan: Plan) -> bool:
        """A rehearsal breaks nothing."""
        return bool(plan.steps)

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return tuple(
            result
            for step in recording.plan.steps
            for result in (self._effect(recording, step), self._undone(recording, step))
        )

    def _effect(self, recording: Recording, planned: PlannedStep) -> CheckResult:
        title = effect_title(planned)
        expected = "the witness measures the effect while the fault is in place"
        if not _first(recording, FaultIntended, planned.index):
            return unknown(self.name, title, expected, NEVER_INJECTED, fix=_FIX_NO_EFFECT)
        if not _first(recording, FaultInjected, planned.index):
            return unknown(
                self.name, title, expected, "its injection did not come to an end", fix=_FIX_NO_EFFECT
            )
        if not isinstance(planned.step, Fault):
            return unknown(
                self.name, title, expected, f"the fault kind {planned.step.fault} is not installed"
            )
        before = _measured(recording, planned.index, "before")
        during = _measured(recording, planned.index, "during")
        if not before or not during:
            missing = "before" if not before else "during"
            return unknown(self.name, title, expected, f"the witness measured nothing {missing} the fault")
        baseline = before[-1].measurement
        biting = [event for event in during if planned.step.bites(baseline, event.measurement)]
        shown = (biting or during)[0]
        evidence = (
            since_start(recording, before[-1].at, f"before: {words(baseline.values)}"),
            since_start(recording, shown.at, f"during: {words(shown.measurement.values)}"),
        )
        if not biting:
            why = f"no effect in {count(len(during), 'measurement')} of {baseline.subject}"
            return unknown(self.name, title, expected, why, evidence=evidence, fix=_FIX_NO_EFFECT)
        injected = _first(recording, FaultInjected, planned.index)
        assert injected is not None
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.PASS,
            expected=expected,
            actual=f"{baseline.subject}: {words(biting[0].measurement.values)}, "
            f"seen in {len(biting)} of {count(len(during), 'measurement')}",
            evidence=evidence,
            measures=(
                Measure(name="first bite after injection", value=round(biting[0].at - injected.at, 3)),
            ),
        )

    def _undone(self, recording: Recording, planned: PlannedStep) -> CheckResult:
        answer = planned.step.answer
        if answer is not None:
            return self._answered(recording, planned, answer)
        title, expected = (
            f"{planned.step.summary()} is undone",
            "the undo is read back, and the effect is gone",
        )
        if not _first(recording, FaultIntended, planned.index):
            return unknown(self.name, title, expected, "it was never injected, so nothing was undone")
        reverted = _first(recording, FaultReverted, planned.index)
        if reverted is None:
            why = "the recording does not say that it was undone"
            return unknown(self.name, title, expected, why, Dimension.HYGIENE)
        after = _measured(recording, planned.index, "after")
        evidence = [
            since_start(recording, reverted.at, f"undo read back: {'ok' if reverted.ok else reverted.detail}")
        ]
        if reverted.ok and not after:
            why = "undone, but the witness measured nothing afterwards"
            return unknown(self.name, title, expected, why, Dimension.HYGIENE, tuple(evidence))
        left = (
            reverted.detail or "the undo failed"
            if not reverted.ok
            else self._still(recording, planned, after)
        )
        if after:
            evidence.append(
                since_start(recording, after[-1].at, f"after: {words(after[-1].measurement.values)}")
            )
        start = _first(recording, FaultIntended, planned.index)
        assert start is not None
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if left else Outcome.PASS,
            expected=expected,
            actual=left or f"undone {span(reverted.at - start.at)} after it began, and gone",
            evidence=tuple(evidence),
            marks=marked(Dimension.HYGIENE, 0.0 if left else 1.0, f"not undone: {left}", _FIX_UNDO),
        )

    def _answered(self, recording: Recording, planned: PlannedStep, answer: str) -> CheckResult:
        """Nobody but its procedure undoes such a fault; that one has a check of its own, with marks."""
        title, expected = (
            f"{planned.step.summary()} is answered",
            f"the effect is gone once {answer} has ended",
        )
        ended = _first(recording, FaultReverted, planned.index)
        if ended is None:
            return unknown(self.name, title, expected, f"the recording does not say that {answer} ended")
        after = _measured(recording, planned.index, "after")
        if ended.ok and not after:
            return unknown(
                self.name, title, expected, f"{answer} ended, but the witness measured nothing then"
            )
        evidence = [since_start(recording, ended.at, f"{answer} ended")]
        if after:
            seen = words(after[-1].measurement.values)
            evidence.append(since_start(recording, after[-1].at, f"after: {seen}"))
        failed = "" if ended.ok else ended.detail or f"{answer} failed"
        left = failed or self._still(recording, planned, after)
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if left else Outcome.PASS,
            expected=expected,
            actual=left or f"gone once {answer} had ended",
            evidence=tuple(evidence),
        )

    def _still(self, recording: Recording, planned: PlannedStep, after: list[FaultMeasured]) -> str:
        before = _measured(recording, planned.index, "before")
        last = after[-1]
        bites = last.bites
        if before and isinstance(planned.step, Fault):
            bites = planned.step.bites(before[-1].measurement, last.measurement)
        what = "undo" if planned.step.answer is None else f"procedure {planned.step.answer}"
        return f"the effect outlived the {what}: {words(last.measurement.values)}" if bites else ""


def effect_title(planned: PlannedStep) -> str:
    """Title of the result that says whether a fault took effect."""
    return f"{planned.step.summary()} takes effect"


def words(values: Mapping[str, str | float | bool | None]) -> str:
    """``state exited, round_trip_s 0.101``."""
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )


E = TypeVar("E", FaultIntended, FaultInjected, FaultReverted)


def _first(recording: Recording, kind: type[E], index: int) -> E | None:
    return next((event for event in recording.of(kind) if event.index == index), None)


def _measured(recording: Recording, index: int, when: str) -> list[FaultMeasured]:
    return [event for event in recording.of(FaultMeasured) if event.index == index and event.when == when]


CHECK = _FaultEffectCheck()
