"""Were the answers during the fault the promised, worse-but-working ones?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, JsonValue

from chaos.checks.kit import count, falling, since_start, span
from chaos.checks.kit.answer_windows import PROBE, Answers, Asking, asked_by_load
from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.collectors.http import HttpProbe
from chaos.kinds import Check, Collect, Objection, Part, ScenarioContext
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import EvidenceKind, MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams, HttpCondition, Scenario
from chaos.model.stack import CLIENTS, Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure
from chaos.model.windows import FEWEST_ANSWERS
from chaos.timeline.events import Sample
from chaos.timeline.questions import FaultWindow, fault_windows
from chaos.timeline.recording import Recording, Request
from chaos.timing import Limit, Paced

AS_PROMISED = ResultKey("degradation.as_promised")
SHARE, ANSWERS = MeasureKey("degradation.share"), MeasureKey("degradation.answers")
FEW_ALL_BROKEN = 3  # so many answers, none of which is as promised, are enough for FAIL
_FIX = (
    "See what the other answers were and which call they waited for: a fallback, time-out or an error "
    "handler is missing there."
)


class Degradation(CheckParams):
    """One request and the answer that is promised to it while the fault lasts."""

    request: str = Field(pattern=r"^[A-Z]+ /\S*$", description="METHOD /path, as the load profile names it")
    while_: Literal["fault"] = Field(default="fault", alias="while")
    status: int = Field(ge=100, le=599)
    header: dict[str, str] = Field(
        default={}, description="headers that the answer must carry, with their values"
    )
    body: dict[str, JsonValue] | None = Field(
        default=None, description="keys that the JSON answer must hold, with their values"
    )
    begins_within: Limit = Field(
        default=3.0, ge=0, description="real time after the first effect in which answers may still differ"
    )
    fresh_for: Paced = Field(
        default=0.0, ge=0, description="production time for which a cache may still give fresh answers"
    )
    share: float = Field(
        default=0.99, gt=0, le=1, description="least share of the answers that must be as promised"
    )

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """Path and query, as a probe asks for them."""
        return self.request.partition(" ")[2]

    @property
    def load_name(self) -> str:
        """The name that the load gives the request: without the query."""
        return self.request.partition("?")[0]

    @property
    def probe_label(self) -> str:
        """The probe's name in the recording, where one is needed."""
        return f"degradation: {self.request}"

    def load_shows_it(self, scenario: Scenario, stack: Stack) -> bool:
        """Does the load ask for this, and does what it records of an answer suffice?"""
        if self.body is not None or any(not _is_degraded_header(name, stack) for name in self.header):
            return False
        return self.load_name in _load_names(scenario, stack)


def entry_service(scenario: Scenario, stack: Stack) -> str | None:
    """The service that clients call: target of the load's entry link, else of the first link from clients."""
    if scenario.load is not None and scenario.load.profile in stack.load:
        return stack.load[scenario.load.profile].entry.target
    return next((link.target for link in stack.link_names() if link.client == CLIENTS), None)


def _load_names(scenario: Scenario, stack: Stack) -> set[str]:
    if scenario.load is None or scenario.load.profile not in stack.load:
        return set()
    return {request.request.partition("?")[0] for request in stack.load[scenario.load.profile].requests}


def _answers_to(params: Degradation, context: ScenarioContext) -> Answers:
    settles_in = params.begins_within + context.real(params.fresh_for)
    asking = _asking(params, context.scenario, context.stack)
    return Answers(f"the promise to {params.request}", asking, settles_in)


def _asking(params: Degradation, scenario: Scenario, stack: Stack) -> Asking:
    """How often clients ask for it: as the load does where that shows it, else as a probe does."""
    if scenario.load is None or not params.load_shows_it(scenario, stack):
        return PROBE
    return asked_by_load(params.load_name, scenario, stack)


def _is_degraded_header(name: str, stack: Stack) -> bool:
    return stack.degraded_header is not None and name.lower() == stack.degraded_header.lower()


@dataclass(frozen=True)
class _Answer:
    """One answer to one client, wherever it was recorded. Wall clock."""

    asked: float
    answered: float
    as_promised: bool
    seen: str  # what it was, in words


class _DegradationCheck(Check[Degradation]):
    """Share of the answers that were as promised, from the load's requests or from a probe of its own.

    The window begins ``begins_within`` (and the compressed lifetime ``fresh_for`` of a cache) after the
    witness first saw the effect: a client may meet the first failures, time-outs and the closing of
    connections before the system has noticed, and 3 s are enough for a threshold of failures at a load of a
    few requests a second. It ends when the witness last saw it, because the undo takes effect
    some time before it is read back; with a single measurement it ends at the undo. What was asked inside the
    window but answered after it counts only if it had been waiting for longer than ``begins_within`` by then,
    so that hanging until the fault is over does not go unseen; a shorter wait says nothing: the undo may have
    served it.
    """

    name = "degradation"
    summary = "while the fault lasts, clients get the promised worse-but-working answers"
    params = Degradation
    dimensions = (Dimension.CONTAINMENT,)
    reads = (Part.JOURNAL, Part.LOAD)

    def problems(self, params: Degradation, context: ScenarioContext) -> Iterator[Objection]:
        scenario, stack = context.scenario, context.stack
        yield from _answers_to(params, context).objections(context)
        if params.load_shows_it(scenario, stack):
            return
        if params.method not in ("GET", "HEAD"):
            sent = ", ".join(sorted(_load_names(scenario, stack))) or "none"
            yield Objection(
                ("request",),
                f"{params.request} changes something, so no probe may repeat it, and the load cannot show "
                f"this answer (its requests: {sent}; of an answer it records status and degraded header)",
                "name a request of the load, and expect status and degraded header only",
            )
        elif entry_service(scenario, stack) is None:
            message = "a probe is needed, but no link leads from clients into the stack"
            yield Objection(("request",), message, "add one to stack.yaml")

    def remarks(self, params: Degradation, context: ScenarioContext) -> Iterator[str]:
        yield from _answers_to(params, context).remarks(context)

    def collects(self, params: Degradation, context: ScenarioContext) -> Iterator[Collect]:
        """The promised answer as a probe of its own; none where the load alone shows it.

        The load records status and degraded header of its own requests. A path that it does not ask for,
        a body or another header can be seen by a probe only, and a probe may only read: GET and HEAD.
        """
        scenario, stack = context.scenario, context.stack
        service = entry_service(scenario, stack)
        if service is None or params.method not in ("GET", "HEAD") or params.load_shows_it(scenario, stack):
            return
        condition = HttpCondition(
            service=service,
            method=params.method,
            path=params.path,
            status=params.status,
            header=params.header,
            json_equals=params.body,
        )
        yield Collect(params.probe_label, HttpProbe(condition=condition))

    def asks(self, plan: Plan, params: Degradation) -> Iterator[Asked]:
        yield self.asked(
            AS_PROMISED,
            f"{params.request} degrades as promised",
            _promised(params) + f" to {params.share:.0%} of the requests while the fault lasts",
            subject=Subject(kind=SubjectKind.REQUEST, name=params.request),
            dimension=Dimension.CONTAINMENT,
        )

    def answers(
        self, recording: Recording, params: Degradation, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        windows = _windows(recording, params)
        answers = [a for window in windows for a in _inside(_answers(recording, params), window, params)]
        good = sum(answer.as_promised for answer in answers)
        if (good or len(answers) < FEW_ALL_BROKEN) and (why := _too_few(recording, params, windows, answers)):
            raise CannotTell(why)
        share = good / len(answers)
        actual = f"{good} of {count(len(answers), 'answer')} as promised ({_percent(share)})"
        evidence = _evidence(recording, answers, windows)
        measures = (
            Measure(
                key=SHARE,
                label="answers as promised",
                value=round(share, 4),
                unit="share",
                limit=params.share,
            ),
            Measure(key=ANSWERS, label="answers", value=len(answers), unit="requests"),
        )
        if share >= params.share:
            yield asked[0].passed(actual, evidence=evidence, measures=measures)
            return
        yield asked[0].failed(
            actual,
            reason=f"{params.request}: {actual}",
            fix=_FIX,
            fraction=falling(1 - share, 1 - params.share),
            evidence=evidence,
            measures=measures,
        )


def _too_few(
    recording: Recording,
    params: Degradation,
    windows: Sequence[tuple[float, float]],
    answers: Sequence[_Answer],
) -> str:
    """Why the answers say too little, each window by itself; empty: they do not."""
    if len(answers) < FEWEST_ANSWERS:
        return f"only {count(len(answers), 'answer')} between {_words(recording, windows)}"
    if params.load_shows_it(recording.plan.scenario, recording.plan.stack):
        return load_doubt(recording, windows, params.load_name)
    return probe_doubt(recording, windows, params.probe_label)


def _windows(recording: Recording, params: Degradation) -> list[tuple[float, float]]:
    """The stretches in which answers are judged. Raises ``CannotTell`` if there are none."""
    faults = fault_windows(recording)
    if any(fault.end is None for fault in faults):
        raise CannotTell("the recording ends before the fault does")
    windows = [
        window for fault in faults if (window := _window(fault, params, recording.plan.pace)) is not None
    ]
    if not windows and any(fault.bit is not None for fault in faults):
        raise CannotTell("the effect did not last longer than answers may take to change")
    if not windows:
        raise CannotTell("the fault was not seen to take effect")
    return windows


def _window(window: FaultWindow, params: Degradation, pace: float) -> tuple[float, float] | None:
    if window.bit is None or window.last_bit is None:
        return None
    end = window.last_bit if window.last_bit > window.bit else window.end
    start = window.bit + params.begins_within + params.fresh_for / pace
    return (start, end) if end is not None and end > start else None


def _answers(recording: Recording, params: Degradation) -> list[_Answer]:
    plan = recording.plan
    if params.load_shows_it(plan.scenario, plan.stack):
        wanted = next(iter(params.header.values()), None)
        return [
            _Answer(request.intended, request.finished, _as_promised(request, params, wanted), _seen(request))
            for request in recording.requests
            if request.name == params.load_name
        ]
    return [
        _Answer(sample.started, sample.at, sample.ok, _seen_by_probe(sample))
        for sample in recording.samples(params.probe_label)
    ]


def _as_promised(request: Request, params: Degradation, wanted: str | None) -> bool:
    return request.status == params.status and (wanted is None or request.degraded == wanted)


def _seen(request: Request) -> str:
    if request.status == 0:
        return request.error or "no answer"
    return f"{request.status}" + (f" degraded: {request.degraded}" if request.degraded is not None else "")


def _seen_by_probe(sample: Sample) -> str:
    if sample.ok:
        return f"{sample.status} as promised"
    return sample.detail or (f"status {sample.status}" if sample.status else "no answer")


def _inside(answers: list[_Answer], window: tuple[float, float], params: Degradation) -> list[_Answer]:
    start, end = window
    inside = []
    for answer in answers:
        if not start <= answer.asked < end:
            continue
        if answer.answered <= end:
            inside.append(answer)
        elif end - answer.asked > params.begins_within:
            waited = span(answer.answered - answer.asked)
            inside.append(replace(answer, seen=f"{answer.seen} after {waited}, past the fault"))
    return inside


def _evidence(
    recording: Recording, answers: list[_Answer], windows: list[tuple[float, float]]
) -> tuple[Evidence, ...]:
    kinds = Counter(("as promised: " if a.as_promised else "not as promised: ") + a.seen for a in answers)
    evidence = [since_start(recording, windows[0][0], f"judged between {_words(recording, windows)}")]
    evidence += [
        Evidence(text=f"{number} x {seen}", kind=EvidenceKind.ANSWER) for seen, number in kinds.most_common(6)
    ]
    first_bad = next((a for a in answers if not a.as_promised), None)
    if first_bad is not None:
        evidence.append(since_start(recording, first_bad.asked, f"first not as promised: {first_bad.seen}"))
    return tuple(evidence)


def _words(recording: Recording, windows: Sequence[tuple[float, float]]) -> str:
    return " and ".join(
        f"{span(start - recording.began)} and {span(end - recording.began)} into the run"
        for start, end in windows
    )


def _promised(params: Degradation) -> str:
    parts = [f"status {params.status}"]
    parts += [f"{name}: {value}" for name, value in params.header.items()]
    if params.body is not None:
        parts.append("body with " + ", ".join(f"{key} = {value}" for key, value in params.body.items()))
    return ", ".join(parts)


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.9995 else ("100%" if share == 1 else ">99.9%")


CHECK = _DegradationCheck()
