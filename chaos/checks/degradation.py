"""Were the answers during the fault the promised degraded ones?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from chaos.checks.kit import span
from chaos.checks.kit.answer_windows import Answers, RequestRate, asked_by_load, asked_by_probe
from chaos.checks.kit.client_answers import ClientAnswer, by_load, by_probe, sort_answers
from chaos.checks.kit.fault_stretches import FaultStretch, fault_stretches, while_objections
from chaos.checks.kit.promise import Degradation, entry_service, load_names
from chaos.checks.kit.promise_result import promise_result
from chaos.collectors.http import HttpProbe
from chaos.figures import percent_of_limit
from chaos.kinds import Check, Collect, CoverageKind, Covered, Objection, Part, ScenarioContext
from chaos.model.answers import statuses_in_words
from chaos.model.asked import Asked
from chaos.model.identity import ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.scenario import ANY, HttpCondition, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timeline.requests import RequestOutcome
from chaos.timing import format_duration

__all__ = ["CHECK", "Degradation"]

AS_PROMISED = ResultKey("degradation.as_promised")


def _answers_to(params: Degradation, context: ScenarioContext) -> Answers:
    settles_in = params.begins_within + context.real(params.fresh_for)
    asking = _asking(params, context.scenario, context.stack)
    return Answers(f"the promise to {params.request}", asking, settles_in, params.while_)


def _asking(params: Degradation, scenario: Scenario, stack: Stack) -> RequestRate:
    """How often clients request it: as often as the load if the load shows it, else as often as a probe."""
    if scenario.load is None or not params.load_shows_it(scenario, stack):
        return asked_by_probe(params.patience(scenario, stack))
    return asked_by_load(params.load_name, scenario, stack)


class _DegradationCheck(Check[Degradation]):
    """Share of the answers that were as promised, and their latency, from the load or a separate probe.

    The stretch begins ``begins_within`` (and the compressed lifetime ``fresh_for`` of a cache) after the
    witness first saw the effect: clients may see failures, time-outs and closed connections before the
    system detects the fault, and 3 s are enough for a failure threshold at a few requests a second. The check
    judges a request in the stretch by its answer, or by the client giving up, before the undo began. A later
    answer may come from the recovered system: a request without an answer at the undo is neither kept nor
    broken, unless it had waited longer than ``within``. If enough of these had waited longer than every
    promised answer took, the result is open: they may be the requests that hang.
    """

    name = "degradation"
    summary = "while the fault lasts, clients get the promised worse-but-working answers"
    params = Degradation
    dimensions = (Dimension.CONTAINMENT,)
    collectors = (HttpProbe,)
    reads = (Part.JOURNAL, Part.LOAD)

    def problems(self, params: Degradation, context: ScenarioContext) -> Iterator[Objection]:
        scenario, stack = context.scenario, context.stack
        yield from while_objections(params.while_, context)
        yield from _answers_to(params, context).objections(context)
        yield from _told_apart(params, scenario)
        if params.load_shows_it(scenario, stack):
            yield from _gives_up_too_early(params, scenario)
            return
        if not params.may_repeat:
            sent = ", ".join(sorted(load_names(scenario, stack))) or "none"
            yield Objection(
                ("request",),
                f"{params.request} changes something, so no probe may repeat it, and the load cannot show "
                f"this answer (its requests: {sent}; of an answer it records status and degraded header)",
                "name a request of the load, and expect status and degraded header only; or write out the "
                "json: that a probe may send again and again",
            )
        elif entry_service(scenario, stack) is None:
            message = "a probe is needed, but no link leads from clients into the stack"
            yield Objection(("request",), message, "add one to stack.yaml")

    def covers(self, params: Degradation, context: ScenarioContext) -> Iterator[Covered]:
        wanted = (context.stack.degraded_header or "").lower()
        for name, value in params.header.items():
            if wanted and name.lower() == wanted:
                yield Covered(CoverageKind.DEGRADED_STATE, value, AS_PROMISED, params.name)

    def remarks(self, params: Degradation, context: ScenarioContext) -> Iterator[str]:
        answers = _answers_to(params, context)
        yield from answers.remarks(context)
        if params.within is not None:
            yield from answers.remarks_on_slow(params.within, context)

    def load_patience(self, params: Degradation, context: ScenarioContext) -> float:
        shown = params.load_shows_it(context.scenario, context.stack)
        return params.patience(context.scenario, context.stack) if shown else 0.0

    def collects(self, params: Degradation, context: ScenarioContext) -> Iterator[Collect]:
        """The promised answer as a separate probe; none if the load already shows it.

        The load records status and degraded header of its requests. Only a probe can see a path that the
        load does not request, a body, or another header.
        """
        scenario, stack = context.scenario, context.stack
        service = entry_service(scenario, stack)
        if service is None or not params.may_repeat or params.load_shows_it(scenario, stack):
            return
        condition = HttpCondition(
            service=service,
            method=params.method,
            path=params.path,
            headers=params.headers,
            json_body=params.json_body,
            status=params.status,
            header=params.header,
            body=params.body,
            without=params.without,
            timeout=format_duration(params.patience(scenario, stack)),
        )
        yield Collect(params.probe_label, HttpProbe(condition=condition))

    def asks(self, plan: Plan, params: Degradation) -> Iterator[Asked]:
        during = "the fault lasts" if params.while_ == (ANY,) else f"{', '.join(params.while_)} in place"
        yield self.asked(
            AS_PROMISED,
            f"{params.name} degrades as promised",
            _promised(params) + f" to {percent_of_limit(params.share)} of the requests while {during}",
            subject=Subject(kind=SubjectKind.REQUEST, name=params.name),
            dimension=Dimension.CONTAINMENT,
        )

    def answers(
        self, recording: Recording, params: Degradation, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        settles_in = params.begins_within + params.fresh_for / recording.plan.pace
        stretches = fault_stretches(recording, params.while_, settles_in)
        found = sort_answers(_answers(recording, params, stretches), stretches, params.within)
        yield promise_result(recording, params, asked[0], stretches, found)


def _told_apart(params: Degradation, scenario: Scenario) -> Iterator[Objection]:
    others = [one for one in scenario.expect.get("degradation", ()) if isinstance(one, Degradation)]
    same = [one for one in others if one.name == params.name]
    if len(same) > 1 and same[0] is not params:
        message = f"there is another promise to {params.name}"
        yield Objection(("request",), message, "tell them apart with label:, or while: with names of steps")


def _gives_up_too_early(params: Degradation, scenario: Scenario) -> Iterator[Objection]:
    """A problem if the load's own time-out is shorter than the promised time."""
    own = None if scenario.load is None else scenario.load.timeout
    if own is not None and params.within is not None and own < params.within:
        promised = format_duration(params.within)
        message = f"the load gives a request up after {format_duration(own)}, before the promised {promised}"
        yield Objection(("within",), message, f"write load: {{timeout: {promised}}} or more")


def _answers(
    recording: Recording, params: Degradation, stretches: Sequence[FaultStretch]
) -> list[ClientAnswer]:
    plan = recording.plan
    if not params.load_shows_it(plan.scenario, plan.stack):
        return by_probe(recording, params.probe_label, params.status)
    wanted = next(iter(params.header.values()), None)

    def kept(one: RequestOutcome) -> bool:
        return one.status in params.status and (wanted is None or one.degraded == wanted)

    return by_load(recording, params.load_name, kept, stretches)


def _promised(params: Degradation) -> str:
    parts = [statuses_in_words(params.status)]
    parts += [f"{name}: {value}" for name, value in params.header.items()]
    if params.body:
        parts.append("body with " + " or ".join(_body_in_words(one) for one in params.body))
    parts += [f"without {key}" for key in params.without]
    if params.within is not None:
        parts.append(f"within {span(params.within)}")
    return ", ".join(parts)


def _body_in_words(body: JsonValue) -> str:
    if isinstance(body, dict):
        return ", ".join(f"{key} = {value}" for key, value in body.items())
    return repr(body)


CHECK = _DegradationCheck()
