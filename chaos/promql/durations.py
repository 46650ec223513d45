"""Prometheus durations: reads them, divides them by the pace, and finds them in the text of an expression.

Two forms exist. A configuration file takes ``1h30m`` or a bare ``0``. An expression also takes a number of
seconds where a duration is expected: ``x[300]``, ``x offset 60``.
https://prometheus.io/docs/prometheus/latest/configuration/configuration/
https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
"""

from __future__ import annotations

import re

LONGEST_EXPRESSION = 20_000  # characters; the time to find strings grows with the square of their number
_UNIT_MS = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_WHOLE = re.compile("".join(rf"(?:(\d+){unit})?" for unit in _UNIT_MS))  # the largest unit first, each once
_DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
_NUMBER = r"0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_VALUE = rf"{_DURATION}|{_NUMBER}"
_TOKEN = re.compile(
    rf"""
    (?P<text>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*`)
  | (?P<comment>\#[^\n]*)
  | (?P<range>\[[^\]]*\])
  | (?P<offset>(?<![\w:.])offset(?:\s+|\s*-\s*)(?:-\s*)?(?:{_VALUE})(?![\w:.]))
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ANY_VALUE = re.compile(rf"(?<![\w.])(?:{_VALUE})(?![\w.])")


def milliseconds(duration: str) -> int:
    """``5m`` -> 300000, ``0`` -> 0. ValueError for text that Prometheus does not accept in a file."""
    if duration == "0":
        return 0
    found = _WHOLE.fullmatch(duration)
    if not duration or found is None:
        raise ValueError(f"expected a Prometheus duration such as 30s or 1h30m, got {duration!r}")
    return sum(
        int(number) * size for number, size in zip(found.groups(), _UNIT_MS.values(), strict=True) if number
    )


def seconds(duration: str) -> float:
    """``1h30m`` -> 5400.0. ValueError for text that Prometheus does not accept in a file."""
    return milliseconds(duration) / 1000


def divide(duration: str, pace: float) -> str:
    """``("5m", 20)`` -> ``"15s"``, rounded to 1 ms, the resolution of Prometheus, and at least 1 ms. The same
    text at pace 1 and for 0. ValueError as for ``milliseconds``.
    """
    return _divided(milliseconds(duration), duration, pace)


def text_of(whole_ms: int) -> str:
    """Milliseconds as Prometheus text: ``15000`` -> ``15s``, ``1500`` -> ``1500ms``."""
    return f"{whole_ms // 1000}s" if whole_ms % 1000 == 0 else f"{whole_ms}ms"


def divide_durations(expr: str, pace: float) -> str:
    """The text of an expression with every duration divided by ``pace``; the same text at pace 1.

    Durations are in ranges ``[5m]``, in subqueries ``[5m:10s]`` and after ``offset``. Everything else stays:
    strings, comments, matchers, and other numbers. Raises ``ValueError`` for a duration that is too large,
    and for an expression of more than ``LONGEST_EXPRESSION`` characters.
    """
    if pace == 1:
        return expr
    if len(expr) > LONGEST_EXPRESSION:
        raise ValueError(f"an expression of more than {LONGEST_EXPRESSION} characters")

    def shrink(match: re.Match[str]) -> str:
        if match.lastgroup in ("text", "comment"):
            return match.group()
        return _ANY_VALUE.sub(lambda found: _divide_value(found.group(), pace), match.group())

    return _TOKEN.sub(shrink, expr)


def _divide_value(text: str, pace: float) -> str:
    if re.fullmatch(_DURATION, text):
        return divide(text, pace)
    try:
        number = float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text)
        whole_ms = round(number * 1000)
    except OverflowError:
        raise ValueError(f"{text[:40]} is too large for a duration") from None
    return _divided(whole_ms, text, pace)


def _divided(whole_ms: int, text: str, pace: float) -> str:
    if pace == 1 or whole_ms == 0:
        return text
    return text_of(max(1, round(whole_ms / pace)))
