"""What is asked of a JSON value, and what it holds."""

from __future__ import annotations

import pytest

from chaos.json_subset import difference


@pytest.mark.parametrize(
    ("actual", "expected", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, {"a": 1, "b": 2}], [1, {"a": 1}], True),
        ([1, 2], [1], False),
        (True, 1, False),
        (0, False, False),
        ({"a": [True]}, {"a": [1]}, False),
        (1, 1.0, True),
        ("1", 1, False),
        (None, None, True),
        ({}, {"a": 1}, False),
        ([], {}, False),
        ({"a": 1}, [], False),
    ],
)
def test_a_value_holds_what_was_asked_for(actual: object, expected: object, holds: bool) -> None:
    assert (difference(expected, actual) == "") is holds


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        ({"a": {"b": 1}}, {"a": {}}, "json has no a.b"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "json a[0].b: 2"),
        ([1, 2], [1], "json body: [1]"),
    ],
)
def test_the_first_difference_is_named(expected: object, actual: object, said: str) -> None:
    assert difference(expected, actual) == said
