"""What the check of breakers objects to before a run."""

from __future__ import annotations

import pytest

from chaos.checks.breaker import CHECK, Breaker
from chaos.kinds import Objection
from chaos.model.scenario import Rate
from chaos.model.stack import BreakerFacts
from tests.recording_builder import FACTS, STACK, RecordingBuilder
from tests.results import context


def problems(expectation: dict[str, object], load: bool = True) -> list[Objection]:
    scenario = RecordingBuilder(load=load).plan.scenario
    params = Breaker.model_validate({"name": "dep", **expectation})
    return list(CHECK.problems(params, context(scenario, STACK, FACTS)))


def test_a_sound_expectation_has_no_problems() -> None:
    assert problems({"closes_within": "2m", "fails_fast_under": "50ms"}) == []


@pytest.mark.parametrize(
    ("expectation", "loc", "words"),
    [
        ({"name": "deb"}, ("name",), "did you mean 'dep'?"),
        ({"path": ["closed", "ajar"]}, ("path", 1), "known: closed, half_open, open"),
        ({"closes_within": "20s"}, ("closes_within",), "write closes_within: 40s or more"),
        ({"path": ["closed", "open"], "closes_within": "2m"}, ("closes_within",), "end the path with closed"),
    ],
)
def test_each_problem_names_its_field(
    expectation: dict[str, object], loc: tuple[str | int, ...], words: str
) -> None:
    (found,) = problems(expectation)
    assert found[0] == loc
    assert words in found[2]


def test_failing_fast_needs_a_load() -> None:
    ((loc, _, _),) = problems({"fails_fast_under": "50ms"}, load=False)
    assert loc == ("fails_fast_under",)


@pytest.mark.parametrize(("hold", "rate", "refused"), [(40, 0.1, True), (40, 0.5, False), (300, 0.1, False)])
def test_failing_fast_needs_enough_answers_while_it_may_be_open(
    hold: float, rate: float, refused: bool
) -> None:
    """The reset time of 30 s counts: the breaker stays open for it."""
    scenario = RecordingBuilder(hold=hold).plan.scenario
    assert scenario.load is not None
    slow = scenario.load.model_copy(update={"rate": Rate(per_second=rate)})
    scenario = scenario.model_copy(update={"load": slow})
    params = Breaker.model_validate({"name": "dep", "fails_fast_under": "50ms"})
    found = list(CHECK.problems(params, context(scenario, STACK, FACTS)))
    assert [one.where for one in found] == ([("fails_fast_under",)] if refused else [])


def test_failing_fast_needs_a_request_that_the_load_asks_for() -> None:
    ((loc, message, _),) = problems({"fails_fast_under": "50ms", "request": "GET /nothing"})
    assert (loc, message) == (("request",), "the load never requests GET /nothing")


def test_a_request_whose_answers_need_not_be_fast_has_no_effect() -> None:
    ((loc, message, _),) = problems({"request": "GET /x"})
    assert (loc, message) == (
        ("request",),
        "request: GET /x has no effect: it says whose answers must be fast",
    )


def test_one_breaker_is_expected_once() -> None:
    entries = (Breaker(name="dep"), Breaker.model_validate({"name": "dep", "opens_within": "9s"}))
    other = Breaker(name="other")
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"expect": {"breaker": (*entries, other)}})
    assert [
        [message for _, message, _ in CHECK.problems(one, context(scenario, STACK, FACTS))] for one in entries
    ] == [["breaker dep is expected twice, and results could not be told apart"]] * 2


def test_a_breaker_without_reset_variable_has_a_smaller_bound() -> None:
    facts = BreakerFacts(metric="m", states={"closed": 0, "open": 1})
    stack = STACK.model_copy(update={"breakers": {"dep": facts}})
    params = Breaker.model_validate(
        {"name": "dep", "path": ["closed", "open", "closed"], "closes_within": "20s"}
    )
    assert list(CHECK.problems(params, context(RecordingBuilder().plan.scenario, stack, FACTS))) == []
