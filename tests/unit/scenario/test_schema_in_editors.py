"""What an editor's YAML server takes from the published schemas: keys to complete, mistakes to mark."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from chaos.registry import kinds
from chaos.scenario.schema import FOLDER

SCENARIO = {
    "scenario": "a",
    "title": "A",
    "stack": "shop",
    "steady_state": [{"http": {"service": "web", "path": "/", "status": 200}}],
    "timeline": [{"at": "1m", "fault": "link.down", "link": "web->db", "for": "2m"}],
}
STACK = {
    "stack": "shop",
    "compose": "compose.yml",
    "services": {"web": {"role": "app"}},
    "links": {"clients->web": 80},
}


def published(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def marks(name: str, document: dict[str, Any], change: dict[str, Any]) -> list[str]:
    """The messages with which an editor marks the changed document."""
    wrong = copy.deepcopy(document) | change
    return [error.message for error in Draft7Validator(published(name)).iter_errors(wrong)]


@pytest.mark.parametrize(
    ("name", "document", "change", "said"),
    [
        ("scenario", SCENARIO, {"titel": "x"}, "'titel' was unexpected"),
        ("scenario", SCENARIO, {"severity": "bad"}, "'bad' is not"),
        ("scenario", SCENARIO, {"tags": "one"}, "'one' is not of type 'array'"),
        ("stack", STACK, {"linsk": {}}, "'linsk' was unexpected"),
        ("stack", STACK, {"data": "all"}, "'all' is not one of ['empty', 'copy']"),
        ("stack", STACK, {"networks": "many"}, "'many' is not of type 'integer'"),
    ],
)
def test_a_mistake_is_marked(name: str, document: dict[str, Any], change: dict[str, Any], said: str) -> None:
    assert marks(name, document, {}) == []
    assert said in "\n".join(marks(name, document, change))


def test_keys_and_their_meaning_can_be_completed() -> None:
    keys = published("stack")["properties"]
    assert {"services", "links", "load", "data", "use_as_is", "start_within"} <= keys.keys()
    assert "a copy made before the start" in keys["data"]["description"]


def test_every_kind_of_fault_and_check_can_be_completed() -> None:
    text = json.dumps(published("scenario"))
    assert [name for name in kinds().faults if f'"{name}"' not in text] == []
    asked = [name for name, kind in kinds().checks.items() if kind.takes_expectation]
    assert [name for name in asked if f'"{name}"' not in text] == []
