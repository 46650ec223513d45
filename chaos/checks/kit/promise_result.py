"""Was a promise kept? Turns the sorted answers into a result with evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from math import inf

from chaos.checks.kit.client_answers import JudgedAnswer, SortedAnswers, patience, sparse
from chaos.checks.kit.fault_stretches import FaultStretch
from chaos.checks.kit.promise import Degradation
from chaos.checks.kit.slowness import MissedLimit, excuse_full, excuse_slowness, excuse_stall, with_saturation
from chaos.checks.kit.words import count, falling, since_start, span
from chaos.figures import percent
from chaos.model.asked import Asked, CannotTell, Doubt
from chaos.model.identity import EvidenceKind, MeasureKey
from chaos.model.verdict import CheckResult, Evidence, Measure, Unit
from chaos.model.windows import FEWEST_ANSWERS
from chaos.timeline.questions import percentile
from chaos.timeline.recording import Recording

SHARE, ANSWERS = MeasureKey("degradation.share"), MeasureKey("degradation.answers")
P99 = MeasureKey("degradation.p99")
_ENOUGH_TO_FAIL = 3
"""Number of answers that is enough for FAIL if none is as promised."""
_FIX = (
    "See what the other answers were and which call they waited for: a fallback, time-out or an error "
    "handler is missing there."
)
_LONGER = "let it hold longer than the application waits"
_OR_PROMISE = f"{_LONGER}, or promise a time (within:)"


def promise_result(
    recording: Recording,
    params: Degradation,
    asked: Asked,
    stretches: Sequence[FaultStretch],
    found: SortedAnswers,
) -> CheckResult:
    is_load = params.load_shows_it(recording.plan.scenario, recording.plan.stack)
    source = params.load_name if is_load else params.probe_label
    evidence = _evidence(recording, found, stretches, patience(recording, source, is_load))
    good, number = sum(one.as_promised for one in found.judged), len(found.judged)
    if not found.judged and found.unanswered:
        return _none_answered(params, asked, stretches, found, evidence)
    all_broken = not good and number >= _ENOUGH_TO_FAIL
    why = sparse(recording, source, is_load, stretches)
    if number < FEWEST_ANSWERS:
        why = Doubt(f"only {count(number, 'answer')} between {_words(recording, stretches)}")
    judged = (stretches[0].start, stretches[-1].end)
    if why and not all_broken:
        raise CannotTell(with_saturation(recording, *judged, why), evidence=evidence)
    share, time = good / number, _p99(found)
    late = params.within is not None and time > params.within
    actual = _actual(params, good, number, time)
    measures = _measures(params, found, share, time)
    if share >= params.share and not late:
        if overdue := _overdue(found, good, params):
            raise CannotTell(with_saturation(recording, *judged, overdue), evidence=evidence)
        return asked.passed(actual, evidence=evidence, measures=measures)
    missed, kept = MissedLimit(actual, measured=_longest(found), limit=params.within), partial(_kept, params)
    if _only_late(found, good, params):
        excuse_slowness(recording, judged, missed, evidence=evidence, measures=measures)
        awaited = [(one.answer.asked, _took(one)) for one in found.judged]
        excuse_full(recording, awaited, kept, missed, evidence=evidence, measures=measures)
    answers = [(one.answer.asked, _came(one), _took(one)) for one in found.judged]
    excuse_stall(recording, answers, kept, missed, evidence=evidence, measures=measures)
    fraction = falling(1 - share, 1 - params.share)
    if late and params.within is not None:
        fraction = min(fraction, falling(time, params.within))
    return asked.failed(
        actual,
        reason=f"{params.name}: {actual}",
        fix=_FIX,
        fraction=fraction,
        evidence=evidence,
        measures=measures,
    )


def _actual(params: Degradation, good: int, number: int, p99: float) -> str:
    """What was seen, for people."""
    text = f"{good} of {count(number, 'answer')} as promised ({percent(good / number, params.share)})"
    if params.within is None:
        return text
    return f"{text}, p99 {span(p99, params.within)}" if p99 < inf else f"{text}, more than 1 % never came"


def _only_late(found: SortedAnswers, good: int, params: Degradation) -> bool:
    """Would the promise be kept if late or missing answers had come in time?

    A wrong answer is not slowness; neither is a window without any answer.
    """
    came = sum(one.took is not None for one in found.judged)
    return came > 0 and good / came >= params.share


def _came(one: JudgedAnswer) -> float:
    return inf if one.answer.answered is None else one.answer.answered


def _took(one: JudgedAnswer) -> float:
    """Infinite for what is not as promised."""
    return one.took if one.took is not None and one.as_promised else inf


def _kept(params: Degradation, took: Sequence[float]) -> bool:
    """Do answers that took so long keep the promise? Too few of them keep none."""
    share = sum(one < inf for one in took) / len(took)
    in_time = params.within is None or (percentile(took, 0.99) or 0.0) <= params.within
    return len(took) >= FEWEST_ANSWERS and share >= params.share and in_time


def _none_answered(
    params: Degradation,
    asked: Asked,
    stretches: Sequence[FaultStretch],
    found: SortedAnswers,
    evidence: tuple[Evidence, ...],
) -> CheckResult:
    """No request during the whole fault was answered before the undo."""
    waited, within = max(found.unanswered), params.within
    if within is not None and sum(one > within for one in found.unanswered) >= _ENOUGH_TO_FAIL:
        actual = f"no request was answered within {span(waited, within)}, {span(within)} were promised"
        reason = f"{params.name}: {actual}"
        return asked.failed(actual, reason=reason, fix=_FIX, fraction=0.0, evidence=evidence)
    held = span(sum(one.released - one.injected for one in stretches))
    raise CannotTell(
        f"the fault held {held}; no request was answered within it; {_remedy(params)}",
        evidence=evidence,
        fix=_remedy(params),
    )


def _overdue(found: SortedAnswers, good: int, params: Degradation) -> Doubt | None:
    """Why requests that were still waiting at the undo might break a promise that looks kept."""
    slowest = max((one.took for one in found.judged if one.took is not None and one.as_promised), default=0.0)
    overdue = [waited for waited in found.waiting if waited > slowest]
    if good / (len(found.judged) + len(overdue)) >= params.share:
        return None
    return Doubt(
        f"{count(len(overdue), 'request')} had waited longer than any answer took ({span(slowest)}) when "
        f"the undo began; whether they would have been answered is unknown; {_remedy(params)}"
    )


def _remedy(params: Degradation) -> str:
    return _OR_PROMISE if params.within is None else _LONGER


def _p99(found: SortedAnswers) -> float:
    return percentile([inf if one.took is None else one.took for one in found.judged], 0.99) or 0.0


def _longest(found: SortedAnswers) -> float | None:
    """Seconds within which 99 of 100 requests were answered or given up."""
    answered = [one.took for one in found.judged if one.took is not None]
    return percentile([*answered, *found.unanswered], 0.99)


def _measures(params: Degradation, found: SortedAnswers, share: float, time: float) -> tuple[Measure, ...]:
    measures = [
        Measure(
            key=SHARE, label="answers as promised", value=round(share, 4), unit=Unit.SHARE, limit=params.share
        ),
        Measure(key=ANSWERS, label="answers", value=len(found.judged), unit=Unit.REQUESTS),
    ]
    if params.within is not None:
        value = round(time, 3) if time < inf else None
        measures.append(Measure(key=P99, label="p99 of the answers", value=value, limit=params.within))
    return tuple(measures)


def _evidence(
    recording: Recording, found: SortedAnswers, stretches: Sequence[FaultStretch], waits: float | None
) -> tuple[Evidence, ...]:
    evidence = [since_start(recording, stretches[0].start, f"judged between {_words(recording, stretches)}")]
    if waits is not None:
        evidence.append(Evidence(text=f"a client waited at most {span(waits)} for an answer"))
    kinds = Counter(
        ("as promised: " if one.as_promised else "not as promised: ") + one.answer.seen
        if one.took is not None or one.answer.gave_up
        else "not as promised: no answer within the promised time"
        for one in found.judged
    )
    evidence += [
        Evidence(text=f"{number} x {seen}", kind=EvidenceKind.ANSWER) for seen, number in kinds.most_common(6)
    ]
    if found.waiting:
        waited = f"had waited up to {span(max(found.waiting))} when the undo began: neither kept nor broken"
        evidence.append(Evidence(text=f"{count(len(found.waiting), 'request')} {waited}"))
    first_bad = next((one.answer for one in found.judged if not one.as_promised), None)
    if first_bad is not None:
        evidence.append(since_start(recording, first_bad.asked, f"first not as promised: {first_bad.seen}"))
    return tuple(evidence)


def _words(recording: Recording, stretches: Sequence[FaultStretch]) -> str:
    return " and ".join(
        f"{span(one.start - recording.began)} and {span(one.end - recording.began)} into the run"
        for one in stretches
    )
