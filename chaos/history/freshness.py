"""How long ago each procedure was last proven. Pure.

Thresholds are the drill calendar's (docs/history.md): what is rehearsed on its own is a weekly job, every
other procedure belongs to the quarterly drill; a quarter has at most 92 days.
"""

from __future__ import annotations

from collections.abc import Iterable

from chaos.history.rows import ProcedureRow, RunRow
from chaos.model.past import Freshness

WEEKLY_DAYS = 7
QUARTERLY_DAYS = 92
_DAY = 86400.0


def freshness_of(runs: Iterable[RunRow], known: Iterable[str], now: float) -> tuple[Freshness, ...]:
    """Of every procedure in ``known`` and in ``runs``, by name; ``now`` is wall clock.

    Proven is a procedure by its last ok run, whatever came of the rest of that run; a failed one proves
    nothing.
    """
    rows: dict[str, list[ProcedureRow]] = {name: [] for name in known}
    for run in runs:
        for row in run.procedures:
            rows.setdefault(row.name, []).append(row)
    return tuple(_one(name, rows[name], now) for name in sorted(rows))


def _one(name: str, rows: list[ProcedureRow], now: float) -> Freshness:
    every = WEEKLY_DAYS if any(row.purpose == "rehearse" for row in rows) else QUARTERLY_DAYS
    proven = max((row.ended for row in rows if row.ok), default=None)
    tried = max((row.ended for row in rows), default=None)
    fresh = proven is not None and now - proven <= every * _DAY
    return Freshness(
        procedure=name,
        proven=proven,
        tried=tried,
        every_days=every,
        fresh=fresh,
        words=_words(proven, tried, every, now),
    )


def _words(proven: float | None, tried: float | None, every: int, now: float) -> str:
    if proven is None:
        return "never proven" + ("" if tried is None else f", last tried {ago(now - tried)}")
    words = f"last proven {ago(now - proven)}"
    if tried is not None and tried > proven:
        words += f", failed {ago(now - tried)}"
    return words + (f" (due every {every})" if now - proven > every * _DAY else "")


def ago(seconds: float) -> str:
    """``today``, ``1 day ago``, ``94 days ago``: whole days that have passed."""
    days = int(max(0.0, seconds) // _DAY)
    return "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
