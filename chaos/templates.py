"""Fills in templates of requests: ``$name`` is replaced by its value, ``$$`` is a dollar sign.

Values are percent-encoded in a path or query, and unchanged in a header or a JSON text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template
from urllib.parse import quote

from pydantic import JsonValue

_WHOLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)


@dataclass(frozen=True)
class FilledRequest:
    """One request, ready to send. ``path`` includes the query. ``body`` is empty if there is none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


def fill_request(
    request: str, headers: Mapping[str, str], json_body: JsonValue, values: Mapping[str, str]
) -> FilledRequest:
    """Fill in ``METHOD /path?query``, the headers and the JSON body, whose default Content-Type is JSON.

    Raises ``KeyError`` for a name that ``values`` lacks, ``ValueError`` for a ``$`` that begins no name.
    """
    method, _, target = request.partition(" ")
    filled = {name: fill_text(text, values) for name, text in headers.items()}
    body = b""
    if json_body is not None:
        body = json.dumps(each_text(json_body, lambda text: fill_text(text, values))).encode()
        if "content-type" not in {name.lower() for name in filled}:
            filled["Content-Type"] = "application/json"
    return FilledRequest(method, fill_path(target, values), filled, body)


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Fill in one text. Raises like ``fill_request``."""
    return Template(text).substitute(values)


def fill_value(value: object, values: Mapping[str, object]) -> object:
    """``value`` with every text in it filled in, at any depth. Keys stay as they are.

    A text that is one ``$name`` becomes the value itself, with its type. Raises like ``fill_request``.
    """
    if isinstance(value, str):
        if whole := _WHOLE.fullmatch(value):
            return values[whole[1] or whole[2]]
        return Template(value).substitute({name: str(given) for name, given in values.items()})
    if isinstance(value, list):
        return [fill_value(item, values) for item in value]
    if isinstance(value, dict):
        return {key: fill_value(item, values) for key, item in value.items()}
    return value


def fill_path(target: str, values: Mapping[str, str]) -> str:
    """Fill in a path with its query; values are percent-encoded. Raises like ``fill_request``."""
    return Template(target).substitute({name: quote(value, safe="") for name, value in values.items()})


def each_text(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """``value`` with ``change`` applied to every text in it, at any depth. Keys stay as they are."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {key: each_text(item, change) for key, item in value.items()}
    return value
