"""Writes a verdict as text that is the same, byte for byte, for the same recording."""

from __future__ import annotations

import json

from pydantic import JsonValue

from chaos.model.verdict import Verdict

DIGITS = 6  # microseconds; smaller differences come from floating-point arithmetic, not from the run


def verdict_json(verdict: Verdict) -> str:
    """Canonical JSON: sorted keys, floats rounded to ``DIGITS``, one newline at the end."""
    rounded = _rounded(verdict.model_dump(mode="json"))
    return json.dumps(rounded, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _rounded(value: JsonValue) -> JsonValue:
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return value
