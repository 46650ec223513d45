"""Did the circuit breaker open, fail fast, and close again?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf

from pydantic import Field

from chaos.checks.kit import count, falling, span
from chaos.checks.kit.breaker_bounds import closing_too_early, too_few_answers
from chaos.checks.kit.breakers import (
    BOTH_SIDES,
    HALF_OPEN,
    OPEN,
    BreakerRecord,
    PathComparison,
    read_breakers,
)
from chaos.checks.kit.density import load_doubt
from chaos.checks.kit.open_answers import answers_while_open, hung_while_open, p95_before
from chaos.checks.kit.slowness import MissedLimit, excuse_full, excuse_slowness
from chaos.kinds import Check, Objection, Part, ScenarioContext, UnknownName, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Measure, Unit
from chaos.model.windows import FEWEST_ANSWERS
from chaos.timeline.questions import percentile
from chaos.timeline.recording import Recording
from chaos.timing import Limit, Paced

PATH, OPENS = ResultKey("breaker.path"), ResultKey("breaker.opens")
FAILS_FAST, CLOSES = ResultKey("breaker.fails_fast"), ResultKey("breaker.closes")
OPEN_FOR = MeasureKey("breaker.open_for")
OPENED, CLOSED = MeasureKey("breaker.opened"), MeasureKey("breaker.closed")
P95_OPEN, ANSWERS_OPEN = MeasureKey("breaker.p95_open"), MeasureKey("breaker.answers_open")
P95_BEFORE = MeasureKey("breaker.p95_before")
_NEVER, _OPEN_TO_THE_END = "never opened", "never closed again"
_FIX = (
    "Look at the breaker around this dependency: failure threshold, call time-out, reset time, and whether "
    "every call goes through it."
)


class Breaker(CheckParams):
    """The states that a breaker of the stack must pass through, and how fast."""

    name: str = Field(description="a breaker of stack.yaml")
    path: tuple[str, ...] = Field(default=("closed", "open", "half_open", "closed"), min_length=2)
    opens_within: Limit | None = Field(
        default=None, gt=0, description="real time after the injection of the first fault"
    )
    fails_fast_under: Limit | None = Field(
        default=None, gt=0, description="p95 latency of the answers while it is open, real time"
    )
    closes_within: Paced | None = Field(
        default=None, gt=0, description="production time from the end of the last fault until it stays closed"
    )
    request: str | None = Field(
        default=None, description="METHOD /path whose answers must be fast; default: all degraded answers"
    )


class _BreakerCheck(Check[Breaker]):
    """States come from the gauge that Prometheus scraped, so an instant is known to within one scrape.

    Path: repeated open/half_open trials are dropped, then the states must be exactly the path; a breaker that
    closes while the fault still holds is wrong. A path that does not lead back to its first state is only a
    beginning: later states are not judged. Half-open may be shorter than a scrape. If no scrape saw it, the
    check assumes it only if the breaker had been open for at least its reset time (a breaker that closes
    earlier cannot have waited for a trial), and the result says so. The check assumes open before half-open,
    because no other state leads to half-open.

    A request that never got an answer took at least as long as it waited.

    Failing fast depends on the breaker only if the machine can be fast: if requests were slower than the
    limit before the fault, and are at most twice as slow while it is open, the result is unknown.

    Instants: a limit is met if even the scrape that first saw the state is inside it, missed if the last
    scrape that saw the old state is already beyond it, and is unknown in between.
    """

    name = "breaker"
    summary = "the circuit breaker opens, fails fast while open, and closes again, all in time"
    params = Breaker
    dimensions = (Dimension.CONTAINMENT,)
    reads = (Part.JOURNAL, Part.METRICS, Part.LOAD)

    def problems(self, params: Breaker, context: ScenarioContext) -> Iterator[Objection]:
        stack = context.stack
        facts = stack.breakers.get(params.name)
        if facts is None:
            yield UnknownName.of(("name",), "breaker", params.name, stack.breakers)
            return
        for place, state in enumerate(params.path):
            if state not in facts.states:
                yield UnknownName.of(("path", place), "state", state, facts.states)
        if params.closes_within is not None:
            yield from closing_too_early(params.path, params.closes_within, facts, stack, context.detection)
        if params.fails_fast_under is not None:
            yield from too_few_answers(params.request, facts, context)
        elif params.request is not None:
            message = f"request: {params.request} has no effect: it says whose answers must be fast"
            yield Objection(("request",), message, "write fails_fast_under: as well, or remove it")
        same = [one for one in context.scenario.expect.get(self.name, ()) if _name_of(one) == params.name]
        if len(same) > 1:
            message = f"breaker {params.name} is expected twice, and results could not be told apart"
            yield Objection(("name",), message, "keep one entry: the tighter of the two")

    def wait(self, params: Breaker, pace: float) -> Wait:
        return Wait(needed=(params.closes_within or 0.0) / pace)

    def asks(self, plan: Plan, params: Breaker) -> Iterator[Asked]:
        name = params.name
        subject = Subject(kind=SubjectKind.BREAKER, name=name)
        ask = partial(self.asked, subject=subject, dimension=Dimension.CONTAINMENT)
        yield ask(PATH, f"breaker {name} passes through the expected states", " -> ".join(params.path))
        if params.opens_within is not None:
            limit = span(params.opens_within)
            yield ask(OPENS, f"breaker {name} opens", f"within {limit} of the injection")
        if params.fails_fast_under is not None:
            limit, whose = span(params.fails_fast_under), params.request or "degraded and failed requests"
            yield ask(FAILS_FAST, f"breaker {name} fails fast", f"p95 of {whose} under {limit} while open")
        if params.closes_within is not None:
            limit = span(params.closes_within / plan.pace)
            yield ask(CLOSES, f"breaker {name} closes", f"within {limit} of the end of the fault")

    def answers(self, recording: Recording, params: Breaker, asked: Sequence[Asked]) -> Iterator[CheckResult]:
        records = read_breakers(recording, params.name)
        by_key: dict[ResultKey, Callable[[BreakerRecord, Breaker, Asked], CheckResult]] = {
            PATH: _path,
            OPENS: _opens,
            FAILS_FAST: _fails_fast,
            CLOSES: _closes,
        }
        for one in asked:
            answer = by_key[one.key]
            replicas = [one.settled(partial(answer, record, params, one)) for record in records]
            yield _of_all(one, replicas)


def _name_of(params: CheckParams) -> str:
    return params.name if isinstance(params, Breaker) else ""


def _of_all(asked: Asked, replicas: Sequence[CheckResult]) -> CheckResult:
    """One answer for all replicas, without mixing their histories. If they differ the result is unknown: a
    replica that received no request has no reason to open.
    """
    outcomes = {result.outcome for result in replicas}
    if len(outcomes) == 1:
        return replicas[0]
    said = "; ".join(f"{result.outcome.lower()}: {result.actual}" for result in replicas)
    evidence = [fact for result in replicas for fact in result.evidence]
    return asked.unknown(f"its {len(replicas)} replicas differ: {said}", evidence=evidence)


def _path(record: BreakerRecord, params: Breaker, asked: Asked) -> CheckResult:
    found = record.compare(params.path)
    if found.unsure:
        raise _doubt(record, found.unsure)
    if found.wrong and found.unfinished and not _settled(record, params):
        raise _doubt(record, f"{found.wrong}, and the data ends too early")
    measures = (Measure(key=OPEN_FOR, label="open for", value=_open_for(found)),)
    if not found.wrong or found.unfinished:  # what was seen to be wrong stays wrong
        _require_seen(record, max(record.over or record.injected, record.stays[-1].first))
    if found.wrong:
        record.excuse_relapse(params.path, found.wrong)
        return _failed(record, asked, found.wrong, 0.0, measures)
    if params.path[-1] == params.path[0]:  # a later state would be wrong
        _require_watched_on(record)
    return asked.passed(found.words(), evidence=record.evidence(), measures=measures)


def _require_seen(record: BreakerRecord, end: float) -> None:
    """Raise ``CannotTell`` if states between the injection and ``end`` may have gone unseen."""
    if hole := record.hole(record.injected, end):
        raise _doubt(record, str(hole))


def _require_watched_on(record: BreakerRecord) -> None:
    """Raise ``CannotTell`` if the breaker may have left its last state unseen."""
    since = record.stays[-1].first
    between = record.hole(since, record.last, BOTH_SIDES)
    if hole := between or record.hole(record.last, record.watched_to):
        raise _doubt(record, f"{hole} after it was {record.stays[-1].state} again")


def _settled(record: BreakerRecord, params: Breaker) -> bool:
    """Do the data continue long enough after the fault for a breaker to close? One that had not opened by the
    end of the fault no longer has a reason to open.
    """
    if record.over is not None and record.opening() is None:
        return record.last >= record.over
    patience = params.closes_within or 2 * (record.reset or 0.0) * record.pace
    return record.over is not None and record.last >= record.over + patience / record.pace


def _opens(record: BreakerRecord, params: Breaker, asked: Asked) -> CheckResult:
    assert params.opens_within is not None
    _require_closed_before(record)
    opening = record.opening()
    if opening is None:
        return _never(record, asked)
    latest = max(0.0, opening[1] - record.injected)
    earliest = max(0.0, opening[0] - record.injected)
    return _timed(record, asked, _OPENING, (earliest, latest), params.opens_within)


def _require_closed_before(record: BreakerRecord) -> None:
    """Raise ``CannotTell`` if it was open when the fault began: it did not open because of the fault."""
    state = record.stays[0].state
    if state in (OPEN, HALF_OPEN):
        raise _doubt(record, f"was {state} already before the injection")


def _closes(record: BreakerRecord, params: Breaker, asked: Asked) -> CheckResult:
    assert params.closes_within is not None
    limit = params.closes_within / record.pace
    _require_closed_before(record)
    if record.opening() is None:
        return _never(record, asked)
    if record.over is None:
        raise _doubt(record, "the recording does not say when the fault ended")
    closing = record.closing()
    if closing is None:
        if record.last < record.over + limit:
            raise _doubt(record, "had not closed when the data ends, and its deadline had not passed")
        record.excuse_relapse(params.path, _OPEN_TO_THE_END)
        return _failed(record, asked, _OPEN_TO_THE_END, 0.0)
    between = (max(0.0, closing[0] - record.over), max(0.0, closing[1] - record.over))
    return _timed(record, asked, _CLOSING, between, limit)


@dataclass(frozen=True)
class _Transition:
    """The opening or the closing of a breaker. ``after``: what its limit counts from."""

    key: MeasureKey
    label: str
    verb: str
    after: str


_OPENING = _Transition(OPENED, "time to open", "opened", "the injection")
_CLOSING = _Transition(CLOSED, "time to close", "closed", "the end of the fault")


def _timed(
    record: BreakerRecord, asked: Asked, change: _Transition, between: tuple[float, float], limit: float
) -> CheckResult:
    """``between``: the scrapes around the change. It and ``limit``: real seconds after ``change.after``."""
    earliest, latest = between
    note = f"at the latest; not before {span(earliest)}"
    measures = (Measure(key=change.key, label=change.label, value=round(latest, 3), limit=limit, note=note),)
    if earliest <= limit < latest:
        why = (
            f"{change.verb} between {span(earliest)} and {span(latest)} after {change.after}: scrapes are "
            "too far apart to tell"
        )
        raise _doubt(record, why, measures)
    actual = f"{change.verb} {span(latest)} after {change.after}, at the latest"
    if latest > limit:
        since = record.injected if change is _OPENING else record.over or record.injected
        missed = MissedLimit(actual, measured=latest, limit=limit)
        _excuse(record, (since, since + latest), missed, measures)
        return _failed(record, asked, actual, falling(latest, limit), measures)
    if change is _CLOSING:  # it must stay closed
        _require_watched_on(record)
    return asked.passed(actual, evidence=record.evidence(), measures=measures)


def _fails_fast(record: BreakerRecord, params: Breaker, asked: Asked) -> CheckResult:
    limit = params.fails_fast_under
    assert limit is not None
    _require_closed_before(record)
    if record.opening() is None:
        return _never(record, asked)
    stretch = _open_stretch(record)
    hung = hung_while_open(record.recording, stretch, params.request)
    answered = answers_while_open(record.recording, stretch, params.request)
    answers = [*answered, *(one for one in hung if one[1] > limit)]
    latencies = [latency for _, latency in answers]
    p95 = percentile(latencies, 0.95)
    if record.over is None:
        raise _doubt(record, "the recording ends before the fault does")
    if p95 is None or len(latencies) < FEWEST_ANSWERS:
        raise _doubt(record, f"only {count(len(latencies), 'answer')} while it was open")
    before = p95_before(record.recording, record.injected)
    known = None if before is None else round(before, 4)
    measures = (
        Measure(key=P95_OPEN, label="p95 while open", value=round(p95, 4), limit=limit),
        Measure(key=ANSWERS_OPEN, label="answers while open", value=len(latencies), unit=Unit.REQUESTS),
        Measure(key=P95_BEFORE, label="p95 before the fault", value=known),
    )
    actual = f"p95 {span(p95)} of {count(len(latencies), 'answer')}"
    if hung:
        actual += f", {len(hung)} of which had not come when the load was stopped"
    if before is not None and limit < before and limit < p95 <= 2 * before:
        why = f"{actual}, but {span(before)} before the fault already: the machine is too slow to tell"
        raise _doubt(record, why, measures)
    if p95 > limit:
        missed = MissedLimit(actual, measured=p95, limit=limit)
        _excuse(record, stretch, missed, measures)
        excuse_full(
            record.recording,
            answers,
            lambda rest: len(rest) >= FEWEST_ANSWERS and (percentile(rest, 0.95) or 0.0) <= limit,
            missed,
            evidence=record.evidence(),
            measures=measures,
        )
        return _failed(record, asked, actual, falling(p95, limit), measures)
    if thin := load_doubt(record.recording, [stretch], params.request):
        raise _doubt(record, thin.why, measures)
    if (percentile([*latencies, *(inf for _, waited in hung if waited <= limit)], 0.95) or 0.0) > limit:
        raise _doubt(record, f"{actual}: they may have been too slow", measures)
    return asked.passed(actual, evidence=record.evidence(), measures=measures)


def _open_stretch(record: BreakerRecord) -> tuple[float, float]:
    stretch = record.open_stretch()
    if stretch is None:
        raise _doubt(record, "no scrape saw it open, only half-open")
    return stretch


def _never(record: BreakerRecord, asked: Asked) -> CheckResult:
    if record.over is None or record.last < record.over:
        raise _doubt(record, f"{_NEVER} as far as the data goes")
    _require_seen(record, record.over)
    return _failed(record, asked, _NEVER, 0.0)


def _excuse(
    record: BreakerRecord,
    judged: tuple[float, float],
    missed: MissedLimit,
    measures: tuple[Measure, ...],
) -> None:
    excuse_slowness(record.recording, judged, missed, evidence=record.evidence(), measures=measures)


def _doubt(record: BreakerRecord, why: str, measures: tuple[Measure, ...] = ()) -> CannotTell:
    return CannotTell(why, evidence=record.evidence(), measures=measures)


def _failed(
    record: BreakerRecord, asked: Asked, actual: str, fraction: float, measures: tuple[Measure, ...] = ()
) -> CheckResult:
    evidence = record.evidence()
    return asked.failed(actual, fix=_FIX, fraction=fraction, evidence=evidence, measures=measures)


def _open_for(found: PathComparison) -> float | None:
    return round(found.open_for, 3) if found.open_for is not None else None


CHECK = _BreakerCheck()
