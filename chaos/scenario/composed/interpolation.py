"""Variables in a compose file, as the Compose specification defines them.

https://docs.docker.com/reference/compose-file/interpolation/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for the value of a variable that has none here. It matches no name, no number and no path."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACE = re.compile(r"\$\{|\}")
_DEEPEST = 50  # braces within braces


def interpolate(text: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """``text`` with ``$NAME``, ``${NAME}``, its defaults and alternatives filled in; ``$$`` is a dollar sign.

    A required variable without a value is ``UNKNOWN``, as is one without a default: reading a project needs
    no secrets. So is what stands in more than ``_DEEPEST`` braces; ``depth`` counts them.
    """
    if "$" not in text:
        return text
    if depth > _DEEPEST:
        return UNKNOWN
    found: list[str] = []
    ends = _closing_braces(text)
    start = 0
    while (dollar := text.find("$", start)) >= 0:
        found.append(text[start:dollar])
        name = _NAME.match(text, dollar + 1)
        end = ends.get(dollar)
        if text.startswith("$$", dollar):
            found.append("$")
            start = dollar + 2
        elif end is not None:
            found.append(_braced(text[dollar + 2 : end], variables, depth + 1))
            start = end + 1
        elif name:
            found.append(variables.get(name[0], UNKNOWN))
            start = name.end()
        else:
            found.append("$")
            start = dollar + 1
    return "".join([*found, text[start:]])


def _closing_braces(text: str) -> dict[int, int]:
    """Where each ``${`` that is closed ends."""
    ends: dict[int, int] = {}
    open_: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "${":
            open_.append(brace.start())
        elif open_:
            ends[open_.pop()] = brace.start()
    return ends


def _braced(inside: str, variables: Mapping[str, str], depth: int) -> str:
    name = _NAME.match(inside)
    if name is None:
        return UNKNOWN
    rest = inside[name.end() :]
    value = variables.get(name[0])
    if rest.startswith(":"):
        rest, value = rest[1:], value or None  # with a colon an empty value counts as none
    if rest.startswith("-"):
        return interpolate(rest[1:], variables, depth) if value is None else value
    if rest.startswith("+"):
        return "" if value is None else interpolate(rest[1:], variables, depth)
    return UNKNOWN if value is None else value
