"""Formats figures for people: every duration with its unit, and no misleading rounding."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chaos import figures
from chaos.figures import told_apart
from chaos.model.verdict import AnyUnit, Unit

NO_DATA = "no data"
NOT_ENOUGH_DATA = "not enough data"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def duration(seconds: float | None, limit: float | None = None) -> str:
    """``340 ms``, ``12.3 s``, ``2 min 03 s``, ``1 h 05 min``; ``no data`` for None. ``limit``: stands
    beside it, and must differ from it in writing too.
    """
    return NO_DATA if seconds is None else figures.duration(seconds, limit)


def offset(seconds: float | None) -> str:
    """A signed distance from an instant: ``+12.3 s``, ``−4.0 s``."""
    if seconds is None:
        return NO_DATA
    return duration(seconds) if seconds < 0 else "+" + duration(seconds)


def clock(seconds: float) -> str:
    """An instant on the run's own clock, as on the chart's axis: always plain seconds, ``66.0 s``."""
    return f"{seconds:.1f} s"


def since(seconds: float) -> str:
    """The same for a signed distance from the fault: ``+36.0 s``, ``−4.0 s``."""
    return f"{'−' if seconds < -0.05 else '+'}{abs(seconds):.1f} s"


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in per cent. Never ``0 %`` when there were some, nor ``100 %`` when not all."""
    if whole <= 0:
        return NO_DATA
    percent = 100 * part / whole
    if part == 0 or part == whole:
        return f"{percent:.0f} %"
    if percent < 0.1:
        return "< 0.1 %"
    if percent < 9.95:
        return f"{percent:.1f} %"
    return f"{min(percent, 99.9):.1f} %" if percent > 99 else f"{percent:.0f} %"


def number(value: float | None) -> str:
    """A plain figure without trailing zeros; ``no data`` for None."""
    return NO_DATA if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def points(value: float) -> str:
    """Points of a score, cut (not rounded up) to a tenth: ``100``, ``99.9``, ``37.5``."""
    return f"{int(value * 10 + 1e-9) / 10:g}"


def quantity(value: float | None, unit: AnyUnit, limit: float | None = None) -> str:
    """A measured figure with its unit; seconds are written as a duration. ``limit`` as for ``duration``."""
    if value is None:
        return NO_DATA
    if unit == Unit.SECONDS:
        return duration(value, limit)
    if unit == Unit.SHARE:
        return told_apart(value, limit, _share, lambda one, digits: f"{100 * one:.{digits}f} %")
    return told_apart(value, limit, number, lambda one, digits: f"{one:.{digits}f}") + _after(unit)


def _share(value: float) -> str:
    return f"{100 * value:.3g} %" if value in (0.0, 1.0) else f"{min(100 * value, 99.9):.3g} %"


def _after(unit: AnyUnit) -> str:
    return f" {unit}" if unit else ""


def instant(epoch: float) -> str:
    """Wall clock in UTC to the second."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def pace(value: float) -> str:
    """``20``, ``1.5``."""
    return f"{value:g}"


def plain(text: str) -> str:
    """``text`` without control characters, which break XML and terminals."""
    return _CONTROL.sub("\ufffd", text)


def sentence(text: str) -> str:
    """With a capital and a full stop; a first word that is a name, such as ``api_down``, stays as it is."""
    first = text.split(" ", 1)[0]
    capital = text[:1].upper() + text[1:] if first.isalpha() else text
    return capital if not capital or capital[-1] in ".!?…" else capital + "."


def arrows(text: str) -> str:
    """A link's name for display, ``api→db``: a plain ``->`` could break at the end of a line."""
    return text.replace("->", "→")


def clipped(text: str, most: int) -> str:
    """The first ``most`` characters, with an ellipsis where something is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def count(number_of: int, noun: str, plural: str = "") -> str:
    """``1 check``, ``3 checks``, ``10 040 requests``."""
    grouped = f"{number_of:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{grouped} {noun if number_of == 1 else plural or noun + 's'}"
