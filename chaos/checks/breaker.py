"""Did the circuit breaker open, fail fast, and close again?"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from chaos.checks._common import Found, count, falling, marked, span, unknown
from chaos.checks._states import BreakerRecord, Walk, read_breaker, reset_time
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import BreakerFacts, Stack
from chaos.model.verdict import CheckResult, Dimension, Measure, Outcome
from chaos.suggestions import known_words
from chaos.timeline.questions import percentile
from chaos.timeline.recording import Recording
from chaos.timing import Duration, Paced, format_duration


class Breaker(CheckParams):
    """The states that a breaker of the stack must go through, and how fast."""

    name: str = Field(description="a breaker of stack.yaml")
    path: tuple[str, ...] = Field(default=("closed", "open", "half_open", "closed"), min_length=2)
    opens_within: Duration | None = Field(
        default=None, gt=0, description="real time from the injection of the first fault"
    )
    fails_fast_under: Duration | None = Field(
        default=None, gt=0, description="p95 latency of the answers while it is open, real time"
    )
    closes_within: Paced | None = Field(
        default=None, gt=0, description="production time from the end of the last fault to closed for good"
    )
    request: str | None = Field(
        default=None, description="METHOD /path whose answers must be fast; default: all degraded ones"
    )

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        facts = stack.breakers.get(self.name)
        if facts is None:
            yield ("name",), f"unknown breaker {self.name!r}", known_words(self.name, list(stack.breakers))
            return
        for place, state in enumerate(self.path):
            if state not in facts.states:
                yield ("path", place), f"unknown state {state!r}", known_words(state, list(facts.states))
        if self.closes_within is not None:
            yield from self._impossible(self.closes_within, facts, stack, detection)
        if self.fails_fast_under is not None and scenario.load is None:
            yield (
                ("fails_fast_under",),
                "only a load can show how fast answers are",
                "add load: to the scenario",
            )

    def _impossible(
        self, closes_within: float, facts: BreakerFacts, stack: Stack, detection: DetectionFacts | None
    ) -> Iterator[Found]:
        if self.path[-1] != "closed":
            yield (
                ("closes_within",),
                "the path does not end closed",
                "end the path with closed, or drop closes_within",
            )
        bound = (reset_time(facts, stack) or 0.0) + (detection.scrape_interval if detection else 0.0)
        if closes_within < bound:
            yield (
                ("closes_within",),
                f"cannot be promised: reset time and one scrape alone take {format_duration(bound)}",
                f"write closes_within: {format_duration(bound)} or more",
            )


FEWEST_ANSWERS = 10  # below this a p95 says nothing
_NEVER = "never opened"


class _BreakerCheck:
    """States come from the gauge as Prometheus scraped it, so an instant is known to within one scrape.

    Path: repeated open/half_open trials are dropped, then the states must be exactly the path; a breaker that
    closes while the fault still holds is wrong. A path that does not lead back to its first state is a
    beginning only: what comes after it is not judged. Half-open may be shorter than a scrape: where no scrape
    saw it, it is taken for granted only if the breaker had been open for at least its reset time (a breaker
    that closes earlier cannot have waited for a trial), and the result says so. Open is taken for granted
    before half-open, which nothing else leads to.

    Failing fast is a matter of the breaker only where the machine can be fast: when requests were slower than
    the limit before the fault already, and are at most twice as slow while it is open, nobody can tell.

    Instants: a limit is met if even the scrape that first saw the state is inside it, missed if the last
    scrape that saw the old state is already beyond it, and cannot be told in between.
    """

    name = "breaker"
    summary = "the circuit breaker opens, fails fast while open, and closes again, all in time"
    params: type[CheckParams] | None = Breaker
    dimensions = (Dimension.CONTAINMENT,)
    reads = ("journal", "metrics", "load")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        assert isinstance(params, Breaker)
        asked = self._asked(recording, params)
        record = read_breaker(recording, params.name)
        if isinstance(record, str):
            return tuple(
                unknown(self.name, *words, record, Dimension.CONTAINMENT) for words in asked.values()
            )
        judged = {
            "path": self._path,
            "opens": self._opens,
            "fast": self._fails_fast,
            "closes": self._closes,
        }
        return tuple(judged[part](record, params, *words) for part, words in asked.items())

    def _asked(self, recording: Recording, params: Breaker) -> dict[str, tuple[str, str]]:
        """(title, expected) of every result: what is asked does not depend on what happened."""
        asked = {"path": (f"breaker {params.name} goes its way", " -> ".join(params.path))}
        if params.opens_within is not None:
            limit = span(params.opens_within)
            asked["opens"] = (f"breaker {params.name} opens", f"within {limit} of the injection")
        if params.fails_fast_under is not None:
            limit = span(params.fails_fast_under)
            whose = params.request or "degraded and failed requests"
            asked["fast"] = (f"breaker {params.name} fails fast", f"p95 of {whose} under {limit} while open")
        if params.closes_within is not None:
            limit = span(params.closes_within / recording.plan.pace)
            asked["closes"] = (f"breaker {params.name} closes", f"within {limit} of the end of the fault")
        return asked

    def _path(self, record: BreakerRecord, params: Breaker, title: str, expected: str) -> CheckResult:
        walk = record.walk(params.path)
        if walk.unsure:
            return self._unknown(record, title, expected, walk.unsure)
        if walk.wrong and walk.unfinished and not self._settled(record, params):
            return self._unknown(record, title, expected, f"{walk.wrong}, and the data ends too early")
        return self._result(
            record,
            title,
            expected,
            walk.wrong or walk.told(),
            1.0 if not walk.wrong else 0.0,
            bool(walk.wrong),
            (Measure(name="open for", value=_open_for(walk)),),
        )

    def _settled(self, record: BreakerRecord, params: Breaker) -> bool:
        """Does the data go on long enough after the fault for a breaker to have closed? One that had not
        opened by the end of the fault has no reason left to.
        """
        if record.over is not None and record.opening() is None:
            return record.last >= record.over
        patience = params.closes_within or 2 * (record.reset or 0.0) * record.pace
        return record.over is not None and record.last >= record.over + patience / record.pace

    def _opens(self, record: BreakerRecord, params: Breaker, title: str, expected: str) -> CheckResult:
        assert params.opens_within is not None
        opening = record.opening()
        if opening is None:
            return self._never(record, title, expected)
        latest = max(0.0, opening[1] - record.injected)
        earliest = max(0.0, opening[0] - record.injected)
        return self._timed(
            record, title, expected, (earliest, latest), params.opens_within, "opened", "the injection"
        )

    def _closes(self, record: BreakerRecord, params: Breaker, title: str, expected: str) -> CheckResult:
        assert params.closes_within is not None
        limit = params.closes_within / record.pace
        if record.opening() is None:
            return self._never(record, title, expected)
        if record.over is None:
            return self._unknown(record, title, expected, "the recording does not say when the fault ended")
        closing = record.closing()
        if closing is None:
            if record.last < record.over + limit:
                why = "had not closed when the data ends, and its deadline had not passed"
                return self._unknown(record, title, expected, why)
            return self._result(record, title, expected, "never closed again", 0.0, True)
        between = (max(0.0, closing[0] - record.over), max(0.0, closing[1] - record.over))
        return self._timed(record, title, expected, between, limit, "closed", "the end of the fault")

    def _timed(
        self,
        record: BreakerRecord,
        title: str,
        expected: str,
        between: tuple[float, float],
        limit: float,
        verb: str,
        anchor: str,
    ) -> CheckResult:
        earliest, latest = between
        actual = f"{verb} {span(latest)} after {anchor}, at the latest"
        measures = (
            Measure(
                name=verb,
                value=round(latest, 3),
                limit=limit,
                note=f"at the latest; not before {span(earliest)}",
            ),
        )
        if earliest <= limit < latest:
            why = (
                f"{verb} between {span(earliest)} and {span(latest)} after {anchor}: scrapes are too far "
                "apart to tell"
            )
            return self._unknown(record, title, expected, why, measures)
        return self._result(record, title, expected, actual, falling(latest, limit), latest > limit, measures)

    def _fails_fast(self, record: BreakerRecord, params: Breaker, title: str, expected: str) -> CheckResult:
        assert params.fails_fast_under is not None
        if record.opening() is None:
            return self._never(record, title, expected)
        stretch = record.open_stretch()
        if stretch is None:
            return self._unknown(record, title, expected, "no scrape saw it open, only half-open")
        latencies = [
            request.latency
            for request in record.recording.requests
            if stretch[0] <= request.intended <= stretch[1]
            and (request.degraded is not None or not request.served)
            and params.request in (None, request.name)
        ]
        p95 = percentile(latencies, 0.95)
        if record.over is None:
            return self._unknown(record, title, expected, "the recording ends before the fault does")
        if p95 is None or len(latencies) < FEWEST_ANSWERS:
            why = f"only {count(len(latencies), 'answer')} while it was open"
            return self._unknown(record, title, expected, why)
        before = _p95_before(record)
        measures = (
            Measure(name="p95 while open", value=round(p95, 4), limit=params.fails_fast_under),
            Measure(name="answers while open", value=len(latencies), unit="requests"),
            Measure(name="p95 before the fault", value=None if before is None else round(before, 4)),
        )
        actual = f"p95 {span(p95)} of {count(len(latencies), 'answer')}"
        if (
            before is not None
            and params.fails_fast_under < before
            and params.fails_fast_under < p95 <= 2 * before
        ):
            why = f"{actual}, but {span(before)} before the fault already: the machine is too slow to tell"
            return self._unknown(record, title, expected, why, measures)
        fraction, slow = falling(p95, params.fails_fast_under), p95 > params.fails_fast_under
        return self._result(record, title, expected, actual, fraction, slow, measures)

    def _never(self, record: BreakerRecord, title: str, expected: str) -> CheckResult:
        if record.over is None or record.last < record.over:
            return self._unknown(record, title, expected, f"{_NEVER} as far as the data goes")
        return self._result(record, title, expected, _NEVER, 0.0, True)

    def _unknown(
        self, record: BreakerRecord, title: str, expected: str, why: str, measures: tuple[Measure, ...] = ()
    ) -> CheckResult:
        return unknown(self.name, title, expected, why, Dimension.CONTAINMENT, record.evidence(), measures)

    def _result(
        self,
        record: BreakerRecord,
        title: str,
        expected: str,
        actual: str,
        fraction: float,
        failed: bool,
        measures: tuple[Measure, ...] = (),
    ) -> CheckResult:
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if failed else Outcome.PASS,
            expected=expected,
            actual=actual,
            evidence=record.evidence(),
            measures=measures,
            marks=marked(
                Dimension.CONTAINMENT,
                fraction,
                f"{title}: {actual}",
                "Look at the breaker around this dependency: failure threshold, call time-out, reset time, "
                "and whether every call goes through it.",
            ),
        )


def _p95_before(record: BreakerRecord) -> float | None:
    """p95 of the requests served well before the injection; None if there are too few."""
    healthy = [
        request.latency
        for request in record.recording.requests
        if request.finished < record.injected and request.served and request.degraded is None
    ]
    return percentile(healthy, 0.95) if len(healthy) >= FEWEST_ANSWERS else None


def _open_for(walk: Walk) -> float | None:
    return round(walk.open_for, 3) if walk.open_for is not None else None


CHECK = _BreakerCheck()
