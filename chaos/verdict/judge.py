"""Turns a recording into a verdict. It reads nothing else, and a crash of a check does not stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos.kinds import AnyCheck, NoParams, Part
from chaos.model import run_files
from chaos.model.identity import RUN, ResultKey
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Distance, Evidence, Mark, Outcome, Verdict
from chaos.registry import kinds
from chaos.timeline.damage import Damage
from chaos.timeline.events import GuardrailTripped, RunEnded, RunInterrupted
from chaos.timeline.questions import stretches_of
from chaos.timeline.recording import Recording
from chaos.verdict.score import score

_FILES = {
    run_files.JOURNAL: Part.JOURNAL,
    run_files.LOAD: Part.LOAD,
    run_files.METRICS: Part.METRICS,
    run_files.LEDGER: Part.LEDGER,
    run_files.READBACK: Part.LEDGER,
}
_EXPECTATIONS = "expectations"  # the judge's own result about a scenario
_BROKEN = "broken"  # the question of a result for a check that gave none


def judge(recording: Recording, checks: Mapping[str, AnyCheck] | None = None) -> Verdict:
    """Judges every check without an expectation, and every expected one; ``checks``: all kinds.

    A check that crashes, or gives no result, is INCONCLUSIVE; so is a result that needs a damaged part of the
    recording, and every expectation of a run whose fault showed no effect.
    FAIL > INCONCLUSIVE > PASS; a run that did not finish is ABORTED.
    """
    known = kinds().checks if checks is None else checks
    results = [
        result
        for name, entries in _asked(recording, known)
        for result in _judged(recording, known, name, entries)
    ]
    results = [_undamaged(recording, known, _noting_holds(recording, known, result)) for result in results]
    doubt = _nothing_proven(known, results)
    if doubt:
        results = [
            _void(known, result, doubt) if _rests_on_the_fault(known, result) else result
            for result in results
        ]
    if results and recording.plan.steps and not _asks_something(recording):
        results.append(_nothing_expected())
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
        warm_after=recording.plan.warm_after,
    )


def _asked(recording: Recording, known: Mapping[str, AnyCheck]) -> list[tuple[str, tuple[CheckParams, ...]]]:
    """(check, its expectations) in the order of ``Check.order``; at 0 the expectations, in file order."""
    expected = [(name, tuple(entries)) for name, entries in recording.plan.scenario.expect.items()]
    unasked = [
        (name, (NoParams(),))
        for name, kind in sorted(known.items())
        if not kind.takes_expectation and kind.judged_unasked(recording.plan)
    ]
    asked: list[tuple[str, tuple[CheckParams, ...]]] = [*expected, *unasked]
    return sorted(asked, key=lambda one: known[one[0]].order if one[0] in known else 0)


def _judged(
    recording: Recording, known: Mapping[str, AnyCheck], name: str, entries: Sequence[CheckParams]
) -> list[CheckResult]:
    kind = known.get(name)
    results: list[CheckResult] = []
    for params in entries:
        if kind is None:
            results.append(_silent(name, None, f"no check of the kind {name} is installed"))
            continue
        try:
            given = tuple(kind.judge(recording, params))
        except Exception as error:  # an error in a check says nothing about the system
            given = (_silent(name, kind, f"the check crashed: {type(error).__name__}: {error}"),)
        results += given or (_silent(name, kind, "the check gave no result"),)
    return results or [_silent(name, kind, "nothing was asked of it")]


def _asks_something(recording: Recording) -> bool:
    """Procedures are always judged."""
    scenario = recording.plan.scenario
    return any(scenario.expect.values()) or bool(scenario.procedures)


def _nothing_expected() -> CheckResult:
    """A fault was injected without any expectation: that is not a PASS."""
    why, fix = "nothing was expected of the system", "Say under expect: what must hold."
    return CheckResult(
        check=_EXPECTATIONS,
        key=ResultKey(f"{_EXPECTATIONS}.stated"),
        subject=RUN,
        title="the scenario expects something",
        outcome=Outcome.INCONCLUSIVE,
        expected="at least one check under expect:",
        actual=why,
        marks=(Mark(dimension=Dimension.CONTAINMENT, fraction=None, reason=why, fix=fix),),
        distance=Distance.SYMPTOM,
    )


def _silent(name: str, kind: AnyCheck | None, why: str) -> CheckResult:
    """The result for a check that gave none: INCONCLUSIVE in all of its dimensions."""
    dimensions: tuple[Dimension, ...] = () if kind is None else kind.dimensions
    fix = "This is a defect of the check."
    return CheckResult(
        check=name,
        key=_broken_key(name),
        subject=RUN,
        title=name,
        outcome=Outcome.INCONCLUSIVE,
        expected="a result",
        actual=why,
        marks=tuple(Mark(dimension=d, fraction=None, reason=why, fix=fix) for d in dimensions),
        distance=Distance.SYMPTOM if kind is None else kind.distance,
        cap=kind.unproven if kind is not None and dimensions else None,
    )


def _broken_key(name: str) -> ResultKey:
    return ResultKey(f"{name}.{_BROKEN}")


def _undamaged(recording: Recording, known: Mapping[str, AnyCheck], result: CheckResult) -> CheckResult:
    """The result, unless a part of the recording that it needs is damaged.

    A failed undo or a leftover was observed: damage elsewhere does not change that.
    """
    kind = known.get(result.check)
    reads = tuple(Part) if kind is None else kind.reads
    damage = [str(one) for one in recording.problems if _concerns(one, reads)]
    stands = result.outcome is Outcome.FAIL and kind is not None and kind.failure_stands
    return _void(known, result, "; ".join(damage)) if damage and not stands else result


def _noting_holds(recording: Recording, known: Mapping[str, AnyCheck], result: CheckResult) -> CheckResult:
    """The result; it says so if a limit includes stretches in which the run was on hold."""
    kind = known.get(result.check)
    if kind is None or kind.excludes_holds or all(one.limit is None for one in result.measures):
        return result
    notes = tuple(
        Evidence(
            text=f"the run was held for {one.seconds:.1f} s{one.words}; this limit counts that time",
            at=round(one.start - recording.began, 3),
        )
        for one in stretches_of(recording)
    )
    return result.model_copy(update={"evidence": (*result.evidence, *notes)}) if notes else result


def _concerns(damage: Damage, reads: Sequence[Part]) -> bool:
    """Is one of these parts damaged? A file that holds no part concerns all of them."""
    part = _FILES.get(damage.file)
    return part is None or part in reads


def _nothing_proven(known: Mapping[str, AnyCheck], results: Sequence[CheckResult]) -> str:
    """Why the expectations of this run cannot be judged at all; "" if they can."""
    for result in results:
        kind = known.get(result.check)
        proofs = frozenset() if kind is None else kind.proofs
        proves = result.key in proofs or (proofs and result.key == _broken_key(result.check))
        if proves and result.outcome is not Outcome.PASS:
            return f"{result.title}: {result.actual}"
    return ""


def _rests_on_the_fault(known: Mapping[str, AnyCheck], result: CheckResult) -> bool:
    kind = known.get(result.check)
    return kind is None or result.key not in kind.independent


def _void(known: Mapping[str, AnyCheck], result: CheckResult, why: str) -> CheckResult:
    """The same result as unknown: it keeps the observations, but not the conclusion."""
    if result.outcome is Outcome.INCONCLUSIVE:
        return result
    kind = known.get(result.check)
    return result.model_copy(
        update={
            "outcome": Outcome.INCONCLUSIVE,
            "actual": f"unknown: {why} (seen: {result.actual})",
            "marks": tuple(m.model_copy(update={"fraction": None, "reason": why}) for m in result.marks),
            "cap": kind.unproven if kind is not None and result.marks else None,
        }
    )


def _merged(recording: Recording, results: Sequence[CheckResult]) -> tuple[Outcome, str]:
    stopped = _stopped(recording)
    if stopped:
        return Outcome.ABORTED, stopped
    for outcome, words in ((Outcome.FAIL, "failed"), (Outcome.INCONCLUSIVE, "are inconclusive")):
        found = [result for result in results if result.outcome is outcome]
        if found:
            first = min(found, key=lambda result: result.distance)
            return outcome, f"{len(found)} of {len(results)} checks {words}. {first.title}: {first.actual}."
    if not results:
        return Outcome.INCONCLUSIVE, "nothing was checked"
    return Outcome.PASS, f"all {len(results)} checks passed"


def _stopped(recording: Recording) -> str:
    """Why the run did not finish; "" if it did."""
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
