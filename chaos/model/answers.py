"""Types for the answers that a scenario expects: one value, or a list of allowed values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer, WithJsonSchema

PROMISE_PROBE = "degradation: "
"""Before the name of a promise, in the name of the probe that measures it."""

_STATUS = {"type": "integer", "minimum": 100, "maximum": 599}
_BODY = {"type": ["object", "string"]}


def listed(value: object) -> object:
    """``value`` as a sequence: a list as it is, one value as a tuple of it, None as an empty tuple."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _one_at_least(value: object) -> object:
    found = listed(value)
    if not found:
        raise ValueError("expected one value or a list of values, got nothing")
    return found


def _bodies(value: object) -> object:
    found = listed(value)
    wrong = (
        [one for one in found if not isinstance(one, dict | str)] if isinstance(found, list | tuple) else []
    )
    if wrong:
        raise ValueError(f"expected keys with their values, or a text, got {wrong[0]!r}")
    return found


def _as_written(values: tuple[object, ...]) -> object:
    return values[0] if len(values) == 1 else list(values)


def _one_or_more(one: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})


Statuses = Annotated[
    tuple[Annotated[int, Field(ge=100, le=599)], ...],
    BeforeValidator(_one_at_least),
    PlainSerializer(_as_written),
    _one_or_more(_STATUS),
]
"""One allowed status or several."""

Bodies = Annotated[
    tuple[JsonValue, ...],
    BeforeValidator(_bodies),
    PlainSerializer(_as_written),
    _one_or_more(_BODY),
]
"""One allowed body or several: an object is a part of the JSON answer, a text a part of any answer."""

Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_at_least),
    PlainSerializer(_as_written),
    _one_or_more({"type": "string"}),
]
"""One name or several."""


def statuses_in_words(statuses: tuple[int, ...]) -> str:
    """``status 503``, ``status 200 or 503``."""
    return "status " + " or ".join(str(status) for status in statuses)
