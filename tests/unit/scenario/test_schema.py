from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from chaos.scenario.schema import FOLDER, rendered, scenario_schema, stack_schema
from tests.unit.scenario.files import SCENARIO, STACK, TOYS


@pytest.mark.parametrize("name", sorted(rendered()))
def test_the_published_schema_is_up_to_date(name: str) -> None:
    stale = "stale: run python -m chaos.scenario.schema"
    assert (FOLDER / name).read_text(encoding="utf-8") == rendered()[name], stale


def test_a_right_scenario_and_stack_fit() -> None:
    Draft7Validator.check_schema(scenario_schema(TOYS))
    assert Draft7Validator(scenario_schema(TOYS)).is_valid(yaml.safe_load(SCENARIO))
    assert Draft7Validator(stack_schema()).is_valid(yaml.safe_load(STACK))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("titel",), "x"),
        (("load", "rate"), 40),
        (("timeline", 0, "fault"), "box.brake"),
        (("timeline", 0, "at"), 2),
        (("timeline", 0, "at"), "2 min"),
        (("timeline", 0, "link"), "a->b"),
        (("timeline",), []),
        (("expect", "alert"), {}),
        (("expect", "cleanliness"), {}),
        (("expect", "alarm", "gone_within"), "soon"),
        (("expect", "answers", 0, "speed"), 1),
    ],
)
def test_a_mistake_does_not_fit(place: tuple[str | int, ...], value: object) -> None:
    data: Any = copy.deepcopy(yaml.safe_load(SCENARIO))
    here = data
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    assert not Draft7Validator(scenario_schema(TOYS)).is_valid(data)


def test_an_expectation_may_be_one_entry_or_several() -> None:
    data = yaml.safe_load(SCENARIO)
    validator = Draft7Validator(scenario_schema(TOYS))
    data["expect"]["answers"] = data["expect"]["answers"][0]
    assert validator.is_valid(data)
    data["expect"]["answers"] = []
    assert not validator.is_valid(data)
