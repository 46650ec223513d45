"""Does one answer meet one condition? Pure; no data is never healthy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from chaos.json_subset import difference
from chaos.model.scenario import HttpCondition, PromqlCondition


@dataclass(frozen=True)
class HttpAnswer:
    """What one HTTP request got. ``status`` None and ``error`` (refused, reset, timeout, closed) without
    an answer.

    ``headers`` have lower-case names.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""


@dataclass(frozen=True)
class Seen:
    """Whether a condition held, and what was seen: for the report when it did not."""

    holds: bool
    detail: str = ""


def http_holds(condition: HttpCondition, answer: HttpAnswer) -> Seen:
    """Status, then headers (names in any case, values exact), then the keys of the JSON body.

    ``chaos.json_subset`` says when the body holds ``json_equals``.
    """
    if answer.status is None:
        return Seen(False, answer.error or "no answer")
    if answer.status != condition.status:
        return Seen(False, f"status {answer.status}")
    for name, expected in condition.header.items():
        value = answer.headers.get(name.lower())
        if value != expected:
            return Seen(False, f"no header {name}" if value is None else f"header {name}: {value}")
    if condition.json_equals is None:
        return Seen(True)
    try:
        body: JsonValue = json.loads(answer.body)
    except ValueError:
        return Seen(False, "the body is no JSON")
    lacking = difference(condition.json_equals, body)
    return Seen(False, lacking) if lacking else Seen(True)


def promql_holds(condition: PromqlCondition, values: Sequence[float]) -> Seen:
    """Every sample of an instant query's answer must meet every bound; no sample does not."""
    if not values:
        return Seen(False, "no data")
    for value in values:
        equal = condition.equals is None or value == condition.equals
        below = condition.below is None or value < condition.below
        above = condition.above is None or value > condition.above
        if not (equal and below and above):  # not-a-number meets no bound
            return Seen(False, f"value {value:g}")
    return Seen(True)
