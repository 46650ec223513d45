from __future__ import annotations

import pytest

from chaos.errors import BadInput
from chaos.model.stack import Service, ServiceRole, Stack
from chaos.model.variables import Variables
from chaos.plan import parse_env

STACK = Stack(
    stack="shop",
    services={
        "till": Service(role=ServiceRole.APP),
        "back": Service(role=ServiceRole.APP),
        "shelf": Service(role=ServiceRole.REDIS),
    },
)
VARIABLES = Variables(
    "compose.yaml",
    {
        "till": frozenset({"MODE", "URL", "EMPTY"}),
        "back": frozenset({"MODE", "EMPTY"}),
        "shelf": frozenset({"SIZE"}),
        "cellar": frozenset({"DEPTH"}),  # of a profile that is not active
    },
)


def test_a_bare_variable_goes_to_every_app_that_has_it_and_a_named_one_to_its_service() -> None:
    found = parse_env(
        ["MODE=bad", "shelf.SIZE=1=2", "till.URL=http://a.b/c", "EMPTY=", "URL=x"], STACK, VARIABLES
    )
    assert found == {
        "till": {"MODE": "bad", "URL": "x", "EMPTY": ""},
        "back": {"MODE": "bad", "EMPTY": ""},
        "shelf": {"SIZE": "1=2"},
    }


def test_every_bad_word_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        parse_env(["MODE", "self.SIZE=1", "1X=2", "till.=3"], STACK, VARIABLES)
    assert sorted(problem.message for problem in caught.value.problems) == [
        "'' is not a valid variable name",
        "'1X' is not a valid variable name",
        "expected VARIABLE=value or service.VARIABLE=value",
        "unknown service 'self'; known: back, shelf, till",
    ]


def test_a_bare_variable_needs_an_app_to_go_to() -> None:
    stack = Stack(stack="shop", services={"shelf": Service(role=ServiceRole.REDIS)})
    with pytest.raises(BadInput, match="no service of this stack has the role app"):
        parse_env(["MODE=bad"], stack, VARIABLES)


def test_the_command_line_comes_after_what_the_scenario_says() -> None:
    given = {"MODE": "calm", "till.URL": "http://a", "shelf.SIZE": "1"}
    assert parse_env(["MODE=bad", "till.URL=http://b"], STACK, VARIABLES, given, "s.yaml") == {
        "till": {"MODE": "bad", "URL": "http://b"},
        "back": {"MODE": "bad"},
        "shelf": {"SIZE": "1"},
    }


def test_what_is_wrong_in_the_scenario_is_reported_of_the_scenario() -> None:
    with pytest.raises(BadInput) as caught:
        parse_env(["MODE"], STACK, VARIABLES, {"self.SIZE": "1"}, "s.yaml")
    assert [problem.file for problem in caught.value.problems] == ["--env MODE", "s.yaml: env"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("SIZE=1", "no service of role app has a variable 'SIZE' in compose.yaml (did you mean shelf.SIZE? "),
        ("MODEL=1", "no service of role app has a variable 'MODEL' in compose.yaml (did you mean MODE? "),
        ("shelf.SIZ=1", "service shelf has no variable 'SIZ' in compose.yaml (did you mean shelf.SIZE? "),
        ("till.SIZE=1", "service till has no variable 'SIZE' in compose.yaml (did you mean shelf.SIZE? "),
        ("back.SIZES=1", "service back has no variable 'SIZES' in compose.yaml (did you mean shelf.SIZE? "),
        ("till.ZZZ=1", "in compose.yaml (declare it there as ZZZ: ${ZZZ:-})"),
        ("DEPTH=1", "(cellar has it, and no profile of the scenario starts that)"),
    ],
)
def test_a_variable_that_no_one_would_read_is_refused(word: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_env(["MODE=bad", word], STACK, VARIABLES)
    (problem,) = caught.value.problems
    assert said in str(problem)


def test_where_it_is_unknown_a_variable_is_handed_on() -> None:
    variables = Variables("compose.yaml", {**VARIABLES.declared, "back": None})
    assert parse_env(["URL=x", "back.NEW=1"], STACK, variables) == {
        "till": {"URL": "x"},
        "back": {"URL": "x", "NEW": "1"},
    }
