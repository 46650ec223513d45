"""Divides the durations inside PromQL by the pace and leaves everything else as it is. Pure.

Durations stand in range selectors ``[5m]``, subqueries ``[5m:10s]`` and after ``offset``; nowhere else in the
language. Strings, comments and label matchers are passed over.
https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

import re

_UNIT_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
_TOKEN = re.compile(
    rf"""
    (?P<text>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*`)
  | (?P<comment>\#[^\n]*)
  | (?P<range>\[[^\]]*\])
  | (?P<offset>(?<![\w:])offset\s+-?\s*{_DURATION}(?![\w:]))
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ANY_DURATION = re.compile(_DURATION)


def milliseconds(duration: str) -> int:
    """``5m`` -> 300000. ValueError for what Prometheus would not read."""
    if not re.fullmatch(_DURATION, duration):
        raise ValueError(f"expected a Prometheus duration such as 30s or 1h30m, got {duration!r}")
    return sum(int(number) * _UNIT_MS[unit] for number, unit in _PART.findall(duration))


def divide(duration: str, pace: float) -> str:
    """``("5m", 20)`` -> ``"15s"``. Exact to 1 ms, Prometheus's own resolution, and never below."""
    whole = milliseconds(duration)
    if pace == 1 or whole == 0:
        return duration
    return text_of(max(1, round(whole / pace)))


def text_of(whole_ms: int) -> str:
    """``15000`` -> ``15s``, ``1500`` -> ``1500ms``."""
    return f"{whole_ms // 1000}s" if whole_ms % 1000 == 0 else f"{whole_ms}ms"


def pace_expression(expr: str, pace: float) -> str:
    """The expression with every duration divided by ``pace``; the same text at pace 1."""
    if pace == 1:
        return expr

    def shrink(match: re.Match[str]) -> str:
        if match.lastgroup in ("text", "comment"):
            return match.group()
        return _ANY_DURATION.sub(lambda found: divide(found.group(), pace), match.group())

    return _TOKEN.sub(shrink, expr)
