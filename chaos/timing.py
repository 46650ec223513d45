"""Durations, the clock and the pace.

A duration in a file is text with a unit (``90s``, ``1h30m``, ``250ms``); in code it is a float of seconds.
A ``Paced`` duration is production time: a run divides it by the pace. A ``Duration`` is real time and stays
as it is.
"""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdw])")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
# A run is never slower than production, and beyond 60 the intervals of Prometheus become milliseconds.
SLOWEST_PACE, FASTEST_PACE = 1.0, 60.0
LONGEST = 3650 * 86400.0  # ten years in seconds: longer than any policy, and a clock can still show the sum
DURATION_PATTERN = r"^(\d+(\.\d+)?(ms|s|m|h|d|w))+$"


def parse_duration(text: object) -> float:
    """The seconds of ``"1h30m"``, ``"250ms"`` or ``"0s"``.

    Raises ``ValueError`` for anything else: also for a number without a unit, and for more than ``LONGEST``.
    """
    if isinstance(text, bool) or not isinstance(text, str):
        raise ValueError(f"expected a duration with a unit, such as 30s or 5m, got {text!r}")
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"expected a duration such as 250ms, 30s, 5m or 1h30m, got {text!r}")
    seconds = _sum_of(text)
    if seconds > LONGEST:
        raise ValueError(f"expected a duration of at most {format_duration(LONGEST)}, got {text[:40]!r}")
    return seconds


def _sum_of(text: str) -> float:
    # Rounded to nanoseconds: 51 * 0.001 is 0.051000000000000004, and the file says 0.051.
    return sum(round(float(number) * _UNITS[unit], 9) for number, unit in _PART.findall(text))


def format_duration(seconds: float) -> str:
    """The exact text of a length in h, m, s or ms, as files have it: ``90.0`` -> ``1m30s``, ``0.25`` ->
    ``250ms``. ``parse_duration`` reads it back, unless it is negative (``-1m30s``).
    """
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds == 0:
        return "0s"
    if 1e-6 <= seconds < 1 and float(f"{seconds * 1000:g}") / 1000 == seconds:
        return f"{seconds * 1000:g}ms"
    if seconds != int(seconds):
        return f"{Decimal(repr(seconds)):f}s"  # plain digits, not 1e-05s
    whole, parts = int(seconds), []
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def measured_duration(seconds: float) -> str:
    """Seconds, rounded for people: ``340 ms``, ``12.3 s``, ``2 min 03 s``, ``1 h 05 min``."""
    if seconds < 0:
        return "−" + measured_duration(-seconds)
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        millis = seconds * 1000
        return f"{millis:.0f} ms" if millis >= 9.95 else f"{millis:.1f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


def stamp_of(instant: float) -> str:
    """Seconds since the epoch as ``20261127T224303Z``. Names that begin with it sort by time."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(instant))


class PacedMark:
    """Marks a field in production time. ``chaos.plan`` finds the figures that the pace compresses by it."""


class LimitMark:
    """Marks a limit in real time that a slow machine may miss. ``gameday plan`` lists these separately."""


_DURATION_SCHEMA = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["30s", "5m"]})
_SERIALIZER = PlainSerializer(format_duration, return_type=str)

Duration = Annotated[float, BeforeValidator(parse_duration), _SERIALIZER, _DURATION_SCHEMA]
Paced = Annotated[float, BeforeValidator(parse_duration), _SERIALIZER, _DURATION_SCHEMA, PacedMark()]
Limit = Annotated[float, BeforeValidator(parse_duration), _SERIALIZER, _DURATION_SCHEMA, LimitMark()]


class Clock(Protocol):
    """The only source of time in gameday. Tests pass a clock that they advance themselves."""

    def wall(self) -> float:
        """Seconds since the epoch: the clock that gameday shares with containers, Prometheus and Locust."""
        ...

    def mono(self) -> float:
        """Monotonic seconds, to measure lengths."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller for ``seconds`` of monotonic time."""
        ...


class SystemClock:
    """The machine's own clock."""

    def wall(self) -> float:
        return time.time()

    def mono(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # slow to import, and most commands do not wait

        await asyncio.sleep(max(0.0, seconds))
