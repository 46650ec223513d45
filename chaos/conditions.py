"""Does one answer meet one condition? Pure. No data counts as not met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from chaos.json_subset import difference
from chaos.json_text import read_json
from chaos.model.scenario import HttpCondition, PromqlCondition

_SHOWN = 200  # characters of a header that a detail quotes


@dataclass(frozen=True)
class HttpAnswer:
    """The answer to one HTTP request. Names in ``headers`` are lower-case.

    Without an answer ``status`` is None and ``error`` says why: refused, reset, timeout, closed, endless (a
    body that is too long), or a sentence if the request was not sent.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""


@dataclass(frozen=True)
class ConditionResult:
    """``holds``: the condition was met. ``detail``: what was seen instead, for the report."""

    holds: bool
    detail: str = ""


def http_holds(condition: HttpCondition, answer: HttpAnswer) -> ConditionResult:
    """Compares the status, then the headers (names in any case, values exactly), then the body.

    ``chaos.json_subset`` compares the body with ``json_equals`` and with the JSON values of ``body``.
    """
    if answer.status is None:
        return ConditionResult(False, answer.error or "no answer")
    if answer.status not in condition.status:
        return ConditionResult(False, f"status {answer.status}")
    for name, expected in condition.header.items():
        value = answer.headers.get(name.lower())
        if value != expected:
            return ConditionResult(
                False, f"no header {name}" if value is None else f"header {name}: {value[:_SHOWN]}"
            )
    lacking = _body_lacks(condition, answer.body)
    return ConditionResult(False, lacking) if lacking else ConditionResult(True)


def _body_lacks(condition: HttpCondition, body: bytes) -> str:
    """What the body lacks, or contains although it must not; "" if it is as expected."""
    wanted = condition.body if condition.json_equals is None else (condition.json_equals, *condition.body)
    if not wanted and not condition.without:
        return ""
    parsed = _parsed(body)
    if condition.json_equals is not None and (lacking := _lacks(condition.json_equals, parsed)):
        return lacking
    each = [_text_lacks(one, body) if isinstance(one, str) else _lacks(one, parsed) for one in condition.body]
    if each and all(each):
        return each[0] if len(each) == 1 else f"none of {len(each)} bodies: {each[0]}"
    if condition.without and parsed is _NO_JSON:
        return "the body is not JSON"
    held = next((path for path in condition.without if _holds(parsed, path.split("."))), None)
    return f"json has {held}" if held else ""


_NO_JSON = object()


def _parsed(body: bytes) -> object:
    try:
        return read_json(body)
    except ValueError:
        return _NO_JSON


def _lacks(wanted: JsonValue, parsed: object) -> str:
    return "the body is not JSON" if parsed is _NO_JSON else difference(wanted, parsed)


def _text_lacks(wanted: str, body: bytes) -> str:
    return "" if wanted in body.decode("utf-8", "replace") else f"no {wanted!r} in the body"


def _holds(value: object, path: Sequence[str]) -> bool:
    """Is there a key at ``path``, whatever its value?"""
    if not path:
        return True
    return isinstance(value, dict) and path[0] in value and _holds(value[path[0]], path[1:])


def promql_holds(condition: PromqlCondition, values: Sequence[float]) -> ConditionResult:
    """Does every value of an instant query's answer meet every bound? False if there is no value."""
    if not values:
        return ConditionResult(False, "no data")
    for value in values:
        if not condition.met_by(value):
            return ConditionResult(False, f"value {value:g}")
    return ConditionResult(True)
