"""The main instants of a run: broken, noticed, undone, over; and what clients saw meanwhile.

It takes an instant from the check that measured it, so that the headline never contradicts the checks, and
from the recording only if no check was asked for it. What an inconclusive check measured is unknown.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from chaos.model.identity import STEADY, TIME_TO_DETECT, MeasureKey, SubjectKind
from chaos.model.verdict import CheckResult, Dimension, Measure, Outcome, Verdict
from chaos.registry import awaited_alerts
from chaos.report.buckets import ClientWindow, seen
from chaos.timeline.events import Phase, RunEnded, RunInterrupted, SteadyState
from chaos.timeline.questions import FaultWindow, fault_windows
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class FirstNotice:
    """The first alert that was to notice. ``after`` counts from the injection; None: never, or unknown."""

    known: bool  # False: it is unknown, or no alert was expected
    expected: tuple[str, ...]
    alert: str | None = None
    at: float | None = None  # since the run began
    after: float | None = None
    within: float | None = None
    late: bool = False  # a check says that it, or another alert that was asked for, did not fire in time
    others: tuple[tuple[str, float | None], ...] = ()  # the other alerts asked for, and when
    unknown: tuple[str, ...] = ()  # alerts whose check is inconclusive; one of them may have fired first


@dataclass(frozen=True)
class Moments:
    """Seconds since the run began; None: it did not happen, or the recording does not say."""

    windows: tuple[FaultWindow, ...]  # on the run axis
    broken: float | None
    undone: float | None  # the last undo or answer; None while any fault was still in place
    answered: bool  # the last one ended with its procedure
    over: float | None  # first instant of the sustained healthy window after the faults
    gave_up: bool  # the wait for recovery ended without it
    late: bool  # it was over, but a check says later than asked for
    unsure: bool  # a check of the recovery is inconclusive
    end: float  # end of the part that matters: over, else the teardown, else the last line
    noticed: FirstNotice
    users: ClientWindow | None
    interrupted: str | None
    error: str | None
    finished: bool


def moments(recording: Recording, verdict: Verdict) -> Moments:
    """Read them off the verdict and the recording; judges nothing."""
    origin = recording.began
    windows = fault_windows(recording)
    broken = min((window.start for window in windows), default=None)
    ends = [window.end for window in windows if window.end is not None]
    undone = max(ends) if windows and len(ends) == len(windows) else None
    last = max(windows, key=lambda window: window.end or 0.0, default=None)
    answers = {planned.index for planned in recording.plan.steps if planned.step.answer}
    recoveries = _recoveries(verdict)
    over, gave_up = _over(recording, recoveries, broken)
    end = over or recording.phase_began(Phase.TEARDOWN) or recording.ended
    ended = next(recording.of(RunEnded), None)
    interrupted = next(recording.of(RunInterrupted), None)
    return Moments(
        windows=windows,
        broken=None if broken is None else broken - origin,
        undone=None if undone is None else undone - origin,
        answered=last is not None and last.index in answers,
        over=None if over is None else over - origin,
        gave_up=gave_up,
        late=any(r.outcome is Outcome.FAIL for r in recoveries),
        unsure=any(r.outcome is Outcome.INCONCLUSIVE for r in recoveries),
        end=end - origin,
        noticed=_noticed(recording, verdict, windows),
        users=None
        if broken is None
        else seen(recording.requests, origin, broken - origin, end - origin, recording.waiting),
        interrupted=interrupted.reason if interrupted else None,
        error=ended.error if ended and ended.error else None,
        finished=ended is not None,
    )


def _measured(results: Iterable[CheckResult], key: MeasureKey) -> list[tuple[CheckResult, Measure]]:
    """The measures of conclusive results: those of the others prove nothing."""
    return [
        (result, found)
        for result in results
        if result.outcome is not Outcome.INCONCLUSIVE and (found := result.measure(key)) is not None
    ]


def _recoveries(verdict: Verdict) -> list[CheckResult]:
    """The results on the recovery of clients."""
    return [
        result
        for result in verdict.checks
        if result.subject.kind is SubjectKind.CLIENTS
        and any(mark.dimension is Dimension.RECOVERY for mark in result.marks)
    ]


def _over(
    recording: Recording, judged: Sequence[CheckResult], broken: float | None
) -> tuple[float | None, bool]:
    """When it was over (on the run axis), and whether it certainly never was."""
    if broken is None:
        return None, False
    if judged:
        found = next((m.value for _, m in _measured(judged, STEADY) if m.value is not None), None)
        if found is not None:
            return broken + found, False
        return None, any(result.outcome is Outcome.FAIL for result in judged)
    after = next((event for event in recording.of(SteadyState) if event.when == "after"), None)
    if after is None:
        return None, False
    return ((after.since or after.at) if after.held else None), not after.held


def _noticed(recording: Recording, verdict: Verdict, windows: tuple[FaultWindow, ...]) -> FirstNotice:
    asked = [result for result in verdict.checks if result.measure(TIME_TO_DETECT) is not None]
    found = _measured(asked, TIME_TO_DETECT)
    expected = awaited_alerts(recording.plan) or tuple(dict.fromkeys(r.subject.name for r in asked))
    struck = min((window.injected or window.start for window in windows), default=None)
    if struck is None or not found:
        return FirstNotice(known=False, expected=expected)
    timed = sorted((m.value, r.subject.name, m.limit) for r, m in found if m.value is not None)
    failed = [m for result, m in found if result.outcome is Outcome.FAIL]
    unknown = _undecided(verdict, expected, {r.subject.name for r, _ in found})
    if timed:
        after, alert, within = timed[0]
        others = tuple((r.subject.name, m.value) for r, m in found if r.subject.name != alert)
        at = struck + after - recording.began
        return FirstNotice(True, expected, alert, at, after, within, bool(failed), others, unknown)
    within = min((m.limit for m in failed if m.limit is not None), default=None)
    known = bool(failed) and not unknown
    return FirstNotice(known=known, expected=expected, within=within, late=bool(failed), unknown=unknown)


def _undecided(verdict: Verdict, expected: Iterable[str], decided: Container[str]) -> tuple[str, ...]:
    """The expected alerts of which no check says whether they fired."""
    open_ = {
        result.subject.name
        for result in verdict.checks
        if result.subject.kind is SubjectKind.ALERT and result.outcome is Outcome.INCONCLUSIVE
    }
    return tuple(name for name in expected if name in open_ and name not in decided)
