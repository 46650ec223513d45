"""JSON that something outside of gameday wrote: never deeper than gameday can read, write and compare."""

from __future__ import annotations

from pydantic import JsonValue
from pydantic_core import from_json


def read_json(text: str | bytes) -> JsonValue:
    """The value. Raises ``ValueError`` for what is no JSON, or is nested deeper than 200 levels (a bound of
    pydantic's reader); Python's own reader raises ``RecursionError`` there, which nothing expects.
    """
    value: JsonValue = from_json(text)
    return value
