"""Sparklines, medians, and the recovery time of a run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from chaos.history.rows import MeasureRow, RunRow
from chaos.model.identity import BUDGET, RTO
from chaos.model.verdict import Outcome

_BLOCKS = "▁▂▃▄▅▆▇█"
NOTHING = "·"  # an unknown value; the lowest block would be a figure


def sparkline(values: Sequence[float | None], low: float | None = None, high: float | None = None) -> str:
    """One character for each value: a block between ``low`` and ``high``, or ``NOTHING`` for None.

    ``low`` and ``high`` default to the lowest and highest known value.
    """
    known = [value for value in values if value is not None]
    if not known:
        return NOTHING * len(values)
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    return "".join(NOTHING if value is None else _block(value, bottom, top) for value in values)


def _block(value: float, bottom: float, top: float) -> str:
    share = 1.0 if top <= bottom else (value - bottom) / (top - bottom)
    return _BLOCKS[round(min(max(share, 0.0), 1.0) * (len(_BLOCKS) - 1))]


def middle(values: Sequence[float | None], least: int = 1) -> float | None:
    """Median of the known values; None if fewer than ``least`` are known."""
    known = [value for value in values if value is not None]
    return median(known) if len(known) >= max(1, least) else None


def recovery_of(row: RunRow) -> float | None:
    """Seconds until clients had recovered; None if not measured. An inconclusive result measured nothing.

    From the start of the first fault (RTO) if that was measured, otherwise from the end of the last fault.
    """
    unsure = {(one.key, one.subject) for one in row.checks if one.outcome is Outcome.INCONCLUSIVE}

    def proven(m: MeasureRow) -> bool:
        if m.outcome is None:
            return (m.key, m.subject) not in unsure
        return m.outcome is not Outcome.INCONCLUSIVE

    found = [m for m in row.measures if m.value is not None and proven(m)]
    return next((m.value for key in (RTO, BUDGET) for m in found if m.measure == key), None)
