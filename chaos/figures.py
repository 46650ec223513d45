"""Writes a measured figure beside its limit.

Rounded figures mislead there: 24.04 s beside a limit of 24.0 s, for a check that failed. A figure that looks
like its limit and is not gets as many digits as show the difference.
"""

from __future__ import annotations

from collections.abc import Callable

from chaos.timing import measured_duration

MOST_DIGITS = 6


def told_apart(
    value: float, limit: float | None, usual: Callable[[float], str], exact: Callable[[float, int], str]
) -> str:
    """``usual(value)``, or ``exact(value, digits)`` if the limit would look the same. None: no limit."""
    plain = usual(value)
    if limit is None or value == limit or plain != usual(limit):
        return plain
    texts = ((exact(value, digits), exact(limit, digits)) for digits in range(1, MOST_DIGITS + 1))
    return next((said for said, bound in texts if said != bound), plain)


def duration(seconds: float, limit: float | None = None) -> str:
    """``12.3 s``, ``2 min 03 s``; ``24.04 s`` beside a limit of 24 s."""
    return told_apart(seconds, limit, measured_duration, _exact_duration)


def percent(share: float, limit: float | None = None) -> str:
    """``99.2%``; ``98.99%`` beside a limit of 99 %. Never ``100%`` for less than all."""
    return told_apart(share, limit, _usual_percent, lambda one, digits: f"{100 * one:.{digits}f}%")


def percent_of_limit(share: float) -> str:
    """A limit as the file has it: ``99.5%``."""
    return f"{100 * share:.6g}%"


def _usual_percent(share: float) -> str:
    if share >= 0.9995:
        return "100%" if share == 1 else ">99.9%"
    return f"{share:.1%}"


def _exact_duration(seconds: float, digits: int) -> str:
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.{digits}f} ms".replace("-", "−")
    return f"{seconds:.{digits}f} s".replace("-", "−")
