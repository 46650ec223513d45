"""A question of a check, before and after it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from chaos.model.identity import ResultKey, Subject
from chaos.model.verdict import Cap, CheckResult, Dimension, Distance, Evidence, Mark, Measure, Outcome

FIX_UNKNOWN = "Fix what kept the data out of the recording, and run the scenario again."


@dataclass(frozen=True)
class Doubt:
    """Why the recording has not enough data to answer a question, for people.

    Helpers of checks return one, or None if there is enough data. A check then raises ``CannotTell`` with it,
    unless what it has seen already proves the answer.
    """

    why: str

    def __str__(self) -> str:
        return self.why


class CannotTell(Exception):
    """The recording does not answer a question. A check raises it; ``settle`` makes the result INCONCLUSIVE.

    ``reason``: what is missing. ``evidence`` and ``measures``: what was seen nevertheless.
    """

    def __init__(
        self,
        reason: str | Doubt,
        *,
        evidence: Iterable[Evidence] = (),
        measures: Iterable[Measure] = (),
        fix: str = FIX_UNKNOWN,
    ) -> None:
        super().__init__(str(reason))
        self.reason = str(reason)
        self.evidence = tuple(evidence)
        self.measures = tuple(measures)
        self.fix = fix


@dataclass(frozen=True)
class Asked:
    """One question about one subject. It does not depend on what happened in the run.

    Make it with ``Check.asked``. ``dimension`` None: the answer gives no marks. ``unproven``: the cap of the
    score while the answer is unknown.
    """

    check: str
    key: ResultKey
    subject: Subject
    title: str
    expected: str
    dimension: Dimension | None = None
    distance: Distance = Distance.SYMPTOM
    unproven: Cap | None = None

    def passed(
        self, actual: str, *, evidence: Iterable[Evidence] = (), measures: Iterable[Measure] = ()
    ) -> CheckResult:
        """PASS with full marks."""
        marks = () if self.dimension is None else (Mark(dimension=self.dimension, fraction=1.0),)
        return self._result(Outcome.PASS, actual, evidence, measures, marks)

    def failed(
        self,
        actual: str,
        *,
        fix: str,
        reason: str = "",
        fraction: float = 0.0,
        cap: Cap | None = None,
        evidence: Iterable[Evidence] = (),
        measures: Iterable[Measure] = (),
    ) -> CheckResult:
        """FAIL with ``fraction`` of full marks, 0..1. ``reason``: why points were lost; default: the title
        and ``actual``. ``fix``: what to do about it. ``cap``: an upper bound of the whole score.
        """
        marks: tuple[Mark, ...] = ()
        if self.dimension is not None:
            share = round(min(1.0, max(0.0, fraction)), 6)
            words = {"reason": reason or f"{self.title}: {actual}", "fix": fix} if share < 1.0 else {}
            marks = (Mark(dimension=self.dimension, fraction=share, **words),)
        return self._result(Outcome.FAIL, actual, evidence, measures, marks, cap)

    def unknown(
        self,
        why: str,
        *,
        fix: str = FIX_UNKNOWN,
        evidence: Iterable[Evidence] = (),
        measures: Iterable[Measure] = (),
    ) -> CheckResult:
        """INCONCLUSIVE because of ``why``. Its mark is unknown, so the score shows that it is missing."""
        marks = (
            ()
            if self.dimension is None
            else (Mark(dimension=self.dimension, fraction=None, reason=why, fix=fix),)
        )
        cap = self.unproven if marks else None
        return self._result(Outcome.INCONCLUSIVE, why, evidence, measures, marks, cap)

    def explained(self) -> Asked:
        """The same question, for use where another result explains why it has no answer. It gives no marks,
        and no verdict names it as the cause.
        """
        return replace(self, dimension=None, distance=Distance.SYMPTOM)

    def settled(self, answer: Callable[[], CheckResult]) -> CheckResult:
        """The answer, or INCONCLUSIVE if ``answer`` raises ``CannotTell``."""
        return settle((self,), lambda: (answer(),))[0]

    def _result(
        self,
        outcome: Outcome,
        actual: str,
        evidence: Iterable[Evidence],
        measures: Iterable[Measure],
        marks: tuple[Mark, ...],
        cap: Cap | None = None,
    ) -> CheckResult:
        return CheckResult(
            check=self.check,
            key=self.key,
            subject=self.subject,
            title=self.title,
            outcome=outcome,
            expected=self.expected,
            actual=actual,
            evidence=tuple(evidence),
            measures=tuple(measures),
            marks=marks,
            distance=self.distance,
            cap=cap,
        )


def settle(asked: Sequence[Asked], answers: Callable[[], Iterable[CheckResult]]) -> tuple[CheckResult, ...]:
    """The answers. If ``answers`` raises ``CannotTell``, every question is INCONCLUSIVE for that reason.

    A question without an answer is INCONCLUSIVE as well. Only this function catches ``CannotTell``.
    """
    try:
        given = tuple(answers())
    except CannotTell as doubt:
        return tuple(
            one.unknown(doubt.reason, fix=doubt.fix, evidence=doubt.evidence, measures=doubt.measures)
            for one in asked
        )
    answered = {(result.key, result.subject) for result in given}
    missing = [one for one in asked if (one.key, one.subject) not in answered]
    return given + tuple(one.unknown("the check gave no answer") for one in missing)
