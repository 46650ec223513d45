"""Reads JSON from outside gameday, and refuses JSON that is nested too deeply to compare and write."""

from __future__ import annotations

from pydantic import JsonValue
from pydantic_core import from_json


def read_json(text: str | bytes) -> JsonValue:
    """The value of a JSON text. ``NaN`` and ``Infinity`` are read as numbers.

    Raises ``ValueError`` for text that is not JSON or is nested deeper than 200 levels, the limit of
    pydantic's reader. Python's own reader would raise ``RecursionError``, which no caller expects.
    """
    value: JsonValue = from_json(text)
    return value


def single_dollars(composed: str) -> str:
    """What Compose prints of a project, as the owner wrote it. Compose doubles every dollar sign, so
    that its output is a compose file again.
    """
    return composed.replace("$$", "$")
