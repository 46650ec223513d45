"""Requests as templates: ``$name`` is filled in, ``$$`` is a dollar sign.

A value that lands in the path or query is percent-encoded; in a header or a JSON text it goes in as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template
from urllib.parse import quote

from pydantic import JsonValue


@dataclass(frozen=True)
class Filled:
    """One request, ready to send. ``path`` holds the query too; ``body`` is empty when there is none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


def fill_request(
    request: str, headers: Mapping[str, str], json_body: JsonValue, values: Mapping[str, str]
) -> Filled:
    """``METHOD /path?query`` and what goes with it, filled in; ``KeyError`` for a name that ``values``
    lacks.
    """
    method, _, target = request.partition(" ")
    filled = {name: fill_text(text, values) for name, text in headers.items()}
    body = b""
    if json_body is not None:
        body = json.dumps(each_text(json_body, lambda text: fill_text(text, values))).encode()
        if "content-type" not in {name.lower() for name in filled}:
            filled["Content-Type"] = "application/json"
    return Filled(method, fill_path(target, values), filled, body)


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """``KeyError`` for a name that ``values`` lacks."""
    return Template(text).substitute(values)


def fill_path(target: str, values: Mapping[str, str]) -> str:
    """The same for a path with its query: values are percent-encoded."""
    return Template(target).substitute({name: quote(value, safe="") for name, value in values.items()})


def each_text(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """``value`` with every text in it changed, at any depth; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {key: each_text(item, change) for key, item in value.items()}
    return value
