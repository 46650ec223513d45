"""Does a JSON value contain the expected one? Conditions of probes and levers use the same rule."""

from __future__ import annotations

import json

_SHOWN = 80  # characters of a value that are quoted


def difference(expected: object, got: object, where: str = "") -> str:
    """How ``got`` differs from ``expected``, for people; "" if it contains it. ``where``: the path so far.

    Of an object only the keys of ``expected`` are compared, at every depth, also inside lists. Lists must
    have the same length and order. Plain values must be equal; ``true`` is not equal to 1, unlike in Python.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        for key, value in expected.items():
            place = f"{where}.{key}" if where else str(key)
            if key not in got:
                return f"json has no {place}"
            if found := difference(value, got[key], place):
                return found
        return ""
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        each = (difference(wanted, item, f"{where}[{index}]") for index, (wanted, item) in pairs)
        return next((text for text in each if text), "")
    plain = not isinstance(expected, dict | list)
    if plain and expected == got and isinstance(expected, bool) == isinstance(got, bool):
        return ""
    return f"json {where or 'body'}: {json.dumps(got, ensure_ascii=False)[:_SHOWN]}"
