"""From a recording to its verdict. Nothing else is read, and no check can take the judge down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from chaos.checks.fault_effect import NEVER_INJECTED, effect_title
from chaos.checks.steady_state import AFTER, BEFORE
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Mark, Outcome, Verdict
from chaos.registry import CheckKind, kinds
from chaos.timeline.events import GuardrailTripped, RunEnded, RunInterrupted
from chaos.timeline.recording import Recording
from chaos.verdict.score import score

_FIRST = ("steady_state", "fault_effect")  # the order in which a reader asks
_BY_THEMSELVES = ("steady_state", "fault_effect", "left_clean")  # judged even where the fault proved nothing
_FILES = {
    "journal.jsonl": "journal",
    "load.jsonl": "load",
    "metrics.json": "metrics",
    "ledger.jsonl": "ledger",
    "readback.json": "ledger",
}
_ALL = tuple(dict.fromkeys(_FILES.values()))


@runtime_checkable
class _Marks(Protocol):
    """What a check kind may say of itself: the dimensions in which it gives marks."""

    dimensions: tuple[Dimension, ...]


@runtime_checkable
class _Reads(Protocol):
    """What a check kind may say of itself: the parts of the recording that it rests on."""

    reads: tuple[str, ...]  # of journal, load, metrics, ledger


@runtime_checkable
class _Applies(Protocol):
    """What an always judged check kind may say of itself: which plans it has anything to say about."""

    def applies(self, plan: Plan) -> bool: ...


def judge(recording: Recording, checks: Mapping[str, CheckKind] | None = None) -> Verdict:
    """Every check that is always judged, and every one that the scenario expects; ``checks``: all kinds.

    A check that crashes, or says nothing, is INCONCLUSIVE; so is whatever rests on a damaged part of the
    recording, and every expectation of a run in which the system was not seen to be hurt.
    FAIL > INCONCLUSIVE > PASS; a run that did not go to its end is ABORTED.
    """
    known = kinds().checks if checks is None else checks
    results = [
        result
        for name, entries in _asked(recording, known)
        for result in _judged(recording, known, name, entries)
    ]
    results = [_undamaged(recording, known, result) for result in results]
    doubt = _nothing_proven(recording, results)
    if doubt:
        results = [_void(result, doubt) if _rests_on_the_fault(result) else result for result in results]
    outcome, reason = _merged(recording, results)
    number = score(results)
    if outcome is Outcome.ABORTED:
        number = number.model_copy(update={"certifiable": False})
    return Verdict(
        scenario=recording.plan.scenario.scenario,
        outcome=outcome,
        reason=reason,
        score=number,
        checks=tuple(results),
    )


def _asked(
    recording: Recording, known: Mapping[str, CheckKind]
) -> list[tuple[str, tuple[CheckParams | None, ...]]]:
    """(check, its expectations) in the order in which a reader asks."""
    always = sorted(
        name
        for name, kind in known.items()
        if kind.params is None and (not isinstance(kind, _Applies) or kind.applies(recording.plan))
    )
    first: list[tuple[str, tuple[CheckParams | None, ...]]] = [
        (name, (None,)) for name in _FIRST if name in always
    ]
    expected = [(name, tuple(entries)) for name, entries in recording.plan.scenario.expect.items()]
    return [*first, *expected, *((name, (None,)) for name in always if name not in _FIRST)]


def _judged(
    recording: Recording, known: Mapping[str, CheckKind], name: str, entries: Sequence[CheckParams | None]
) -> list[CheckResult]:
    kind = known.get(name)
    results: list[CheckResult] = []
    for params in entries:
        if kind is None:
            results.append(_silent(name, (), f"no check of the kind {name} is installed"))
            continue
        try:
            said = kind.judge(recording, params)
        except Exception as error:  # whatever a check trips over: that is no statement about the system
            said = (_silent(name, _dimensions(kind), f"the check crashed: {type(error).__name__}: {error}"),)
        results += said or (_silent(name, _dimensions(kind), "the check said nothing"),)
    return results or [_silent(name, () if kind is None else _dimensions(kind), "nothing was asked of it")]


def _silent(name: str, dimensions: tuple[Dimension, ...], why: str) -> CheckResult:
    return CheckResult(
        check=name,
        title=name,
        outcome=Outcome.INCONCLUSIVE,
        expected="a result",
        actual=why,
        marks=tuple(
            Mark(dimension=d, fraction=None, reason=why, fix="This is a defect of the check.")
            for d in dimensions
        ),
    )


def _dimensions(kind: CheckKind) -> tuple[Dimension, ...]:
    return kind.dimensions if isinstance(kind, _Marks) else ()


def _undamaged(recording: Recording, known: Mapping[str, CheckKind], result: CheckResult) -> CheckResult:
    """The result, unless a part of the recording that it rests on is damaged.

    A failed undo or a thing left behind was seen: no damage elsewhere makes that unseen.
    """
    kind = known.get(result.check)
    reads = kind.reads if isinstance(kind, _Reads) else _ALL
    damage = [problem for problem in recording.problems if _part(problem) in (*reads, "")]
    seen = result.outcome is Outcome.FAIL and result.check in ("fault_effect", "left_clean")
    return _void(result, "; ".join(damage)) if damage and not seen else result


def _part(problem: str) -> str:
    """Which part of the recording a problem is about; "" when it does not say: then about all of it."""
    name = problem.partition(":")[0]
    return "logs" if name.startswith("logs/") else _FILES.get(name, "")


def _nothing_proven(recording: Recording, results: Sequence[CheckResult]) -> str:
    """Why the expectations of this run cannot be judged at all; "" if they can."""
    proofs = {BEFORE, *(effect_title(planned) for planned in recording.plan.steps)}
    for result in results:
        before = result.check == "steady_state" and "before" in result.title
        effect = result.check == "fault_effect" and (result.title in proofs or result.title == "fault_effect")
        if (before or effect) and result.outcome is not Outcome.PASS:
            return f"{result.title}: {result.actual}"
    return ""


def _rests_on_the_fault(result: CheckResult) -> bool:
    return result.check not in _BY_THEMSELVES or result.title == AFTER


def _void(result: CheckResult, why: str) -> CheckResult:
    """The same result when nobody can tell: what was seen stays, what was concluded from it does not."""
    if result.outcome is Outcome.INCONCLUSIVE:
        return result
    return result.model_copy(
        update={
            "outcome": Outcome.INCONCLUSIVE,
            "actual": f"cannot be told: {why} (seen: {result.actual})",
            "marks": tuple(m.model_copy(update={"fraction": None, "reason": why}) for m in result.marks),
        }
    )


def _merged(recording: Recording, results: Sequence[CheckResult]) -> tuple[Outcome, str]:
    stopped = _stopped(recording)
    if stopped:
        return Outcome.ABORTED, stopped
    for outcome, words in ((Outcome.FAIL, "failed"), (Outcome.INCONCLUSIVE, "cannot be told")):
        found = [result for result in results if result.outcome is outcome]
        if found:
            first = min(found, key=_distance)
            return outcome, f"{len(found)} of {len(results)} checks {words}. {first.title}: {first.actual}."
    if not results:
        return Outcome.INCONCLUSIVE, "nothing was checked"
    return Outcome.PASS, f"all {len(results)} checks passed"


def _distance(result: CheckResult) -> int:
    """How far a result is from the cause: what is named first explains the others, and follows from none.

    Results of the same distance stay in the order in which a reader asks.
    """
    if result.check == "steady_state":
        return 5 if result.title == AFTER else 0
    if result.check == "fault_effect" and result.actual.startswith(NEVER_INJECTED):
        return 4
    return {"backups": 1, "fault_effect": 2, "procedure": 3}.get(result.check, 4)


def _stopped(recording: Recording) -> str:
    """Why the run did not go to its end; "" if it did."""
    tripped = next(recording.of(GuardrailTripped), None)
    if tripped is not None:
        return f"guardrail {tripped.probe} tripped at {tripped.value:g} % (bound {tripped.bound:g} %)"
    interrupted = next(recording.of(RunInterrupted), None)
    if interrupted is not None:
        return f"the run was interrupted: {interrupted.reason}"
    ended = next(recording.of(RunEnded), None)
    if ended is None:
        return "the recording has no last line: the harness was killed"
    if ended.error:
        return f"the harness or the stack broke: {ended.error}"
    return ""
