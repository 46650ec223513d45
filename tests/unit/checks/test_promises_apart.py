"""Several promises in one run: while which faults each holds, and how they are distinguished."""

from __future__ import annotations

from chaos.checks.degradation import CHECK, Degradation
from chaos.kinds import Objection
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.recording import Recording
from tests.recording_builder import FACTS, STACK, RecordingBuilder, ToyKill, judged
from tests.results import context

OK, DOWN = {"request": "GET /items", "status": 200}, {"request": "GET /items", "status": 503}


def only(recording: Recording, **words: object) -> CheckResult:
    (result,) = judged(CHECK, recording, Degradation.model_validate(words)).values()
    return result


def two() -> RecordingBuilder:
    """first holds from 20 to 40, second from 30 to 50. The answers fail only while both hold."""
    builder = (
        RecordingBuilder(names=("first", "second"))
        .steady(10)
        .fault(20, 40, took=0.1)
        .fault(30, 50, 1, took=0.1)
    )
    return builder.load(5, 31).load(31, 40, status=503).load(40, 55)


def test_each_answer_counts_once_however_many_faults_overlap() -> None:
    result = only(two().end(), **OK)
    assert result.evidence[0].text == "judged between 23.3 s and 49.3 s into the run"
    answers = next(one for one in result.measures if one.key == "degradation.answers")
    assert answers.value == 520


def test_while_a_step_while_several_and_while_all() -> None:
    recording = two().end()
    judged_between = {
        "first": "judged between 23.3 s and 39.3 s into the run",
        "second": "judged between 33.3 s and 49.3 s into the run",
        "all": "judged between 33.3 s and 39.3 s into the run",
    }
    for chosen, words in judged_between.items():
        assert only(recording, **OK, **{"while": chosen}).evidence[0].text == words
    both = only(recording, **DOWN, **{"while": "all"})
    assert both.outcome is Outcome.PASS
    assert only(recording, **OK, **{"while": "all"}).outcome is Outcome.FAIL
    several = only(recording, **OK, **{"while": ["first", "second"]})
    assert several.evidence[0].text == "judged between 23.3 s and 49.3 s into the run"


def test_all_of_a_run_in_which_one_fault_did_not_take_effect_is_unknown() -> None:
    builder = (
        RecordingBuilder(names=("first", "second"))
        .steady(10)
        .fault(20, 40)
        .fault(30, 50, 1, took_effect=False)
    )
    assert only(builder.load(5, 55).end(), **OK, **{"while": "all"}).outcome is Outcome.INCONCLUSIVE


def objections(*entries: dict[str, object], names: tuple[str, ...] = ("first", "second")) -> list[Objection]:
    params = tuple(Degradation.model_validate(entry) for entry in entries)
    scenario = RecordingBuilder({"degradation": params}, names=names).plan.scenario
    return [found for one in params for found in CHECK.problems(one, context(scenario, STACK, FACTS))]


def test_two_promises_about_one_request_need_names_of_their_own() -> None:
    ((where, message, fix),) = objections(OK, DOWN)
    assert where == ("request",)
    assert message == "there is another promise to GET /items"
    assert "label:" in fix
    assert objections(OK, {**DOWN, "label": "later"}) == []
    assert objections({**OK, "while": "first"}, {**DOWN, "while": "second"}) == []


def test_names_of_promises_keep_results_and_probes_apart() -> None:
    one = Degradation.model_validate({**OK, "body": {"a": 1}, "label": "cached"})
    two_ = Degradation.model_validate({**OK, "body": {"b": 1}, "while": ["first", "second"]})
    assert one.probe_label == "degradation: GET /items (cached)"
    assert two_.probe_label == "degradation: GET /items while first, second"
    scenario = RecordingBuilder(names=("first", "second")).plan.scenario
    names = [
        collect.name
        for params in (one, two_)
        for collect in CHECK.collects(params, context(scenario, STACK, FACTS))
    ]
    assert names == [one.probe_label, two_.probe_label]


def test_a_step_that_no_timeline_has_is_refused() -> None:
    ((where, message, fix), *_) = objections({**OK, "while": "frist"})
    assert where == ("while",)
    assert message == "unknown step 'frist'"
    assert "first" in fix


def test_faults_that_are_never_in_place_at_once_are_refused() -> None:
    steps = tuple(
        ToyKill.model_validate({"at": at, "for": "5m", "name": name})
        for at, name in (("1m", "a"), ("7m", "b"))
    )
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"timeline": steps})
    params = Degradation.model_validate({**OK, "while": "all"})
    assert "the faults are never all in place at once" in [
        found.message for found in CHECK.problems(params, context(scenario, STACK, FACTS))
    ]
