from __future__ import annotations

import pytest

from chaos.errors import BadInput
from chaos.model.stack import Role, Service, Stack
from chaos.plan import parse_env

STACK = Stack(
    stack="shop",
    services={
        "till": Service(role=Role.APP),
        "back": Service(role=Role.APP),
        "shelf": Service(role=Role.REDIS),
    },
)


def test_a_bare_variable_goes_to_every_app_and_a_named_one_to_its_service() -> None:
    found = parse_env(["MODE=bad", "shelf.SIZE=1=2", "till.URL=http://a.b/c", "EMPTY="], STACK)
    assert found == {
        "till": {"MODE": "bad", "URL": "http://a.b/c", "EMPTY": ""},
        "back": {"MODE": "bad", "EMPTY": ""},
        "shelf": {"SIZE": "1=2"},
    }


def test_every_bad_word_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        parse_env(["MODE", "self.SIZE=1", "1X=2", "till.=3"], STACK)
    assert sorted(problem.message for problem in caught.value.problems) == [
        "'' is no name of a variable",
        "'1X' is no name of a variable",
        "expected VARIABLE=value or service.VARIABLE=value",
        "unknown service 'self'; known: back, shelf, till",
    ]


def test_a_bare_variable_needs_an_app_to_go_to() -> None:
    stack = Stack(stack="shop", services={"shelf": Service(role=Role.REDIS)})
    with pytest.raises(BadInput, match="no service of this stack has role app"):
        parse_env(["MODE=bad"], stack)


def test_the_command_line_comes_after_what_the_scenario_says() -> None:
    given = {"MODE": "calm", "till.URL": "http://a", "shelf.SIZE": "1"}
    assert parse_env(["MODE=bad", "till.URL=http://b"], STACK, given, "s.yaml") == {
        "till": {"MODE": "bad", "URL": "http://b"},
        "back": {"MODE": "bad"},
        "shelf": {"SIZE": "1"},
    }


def test_what_is_wrong_in_the_scenario_is_told_of_the_scenario() -> None:
    with pytest.raises(BadInput) as caught:
        parse_env(["MODE"], STACK, {"self.SIZE": "1"}, "s.yaml")
    assert [problem.file for problem in caught.value.problems] == ["--env MODE", "s.yaml: env"]
