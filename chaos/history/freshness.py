"""How long ago each procedure was last proven. Pure.

The thresholds come from the drill calendar (docs/history.md). A procedure that a scenario rehearses is a
weekly job. Every other procedure belongs to the quarterly drill; a quarter has at most 92 days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.history.rows import ProcedureRow, RunRow
from chaos.model.identity import Subject, SubjectKind
from chaos.model.past import Freshness
from chaos.model.verdict import Outcome

WEEKLY_DAYS = 7
QUARTERLY_DAYS = 92
_DAY = 86400.0


def freshness_of(runs: Iterable[RunRow], known: Iterable[str], now: float) -> tuple[Freshness, ...]:
    """The freshness of every procedure in ``known`` and in ``runs``, sorted by name.

    ``now``: seconds since the epoch. A procedure is proven if it was ok and its run passed. If it worked in a
    run that did not pass, it is not proven, because it is unknown what the procedure restored. Runs whose
    stack ``--env`` changed prove nothing and do not count as tried.
    """
    rows: dict[str, list[_TriedRun]] = {name: [] for name in known}
    for run in runs:
        for row in run.procedures:
            of = rows.setdefault(row.name, [])
            if run.as_written:
                of.append(_TriedRun(row, _proves(run, row)))
    return tuple(_one(name, rows[name], now) for name in sorted(rows))


@dataclass(frozen=True)
class _TriedRun:
    row: ProcedureRow
    proves: bool


def _proves(run: RunRow, row: ProcedureRow) -> bool:
    """Did the procedure and its run pass? Old rows have no checks: the verdict and the procedure decide."""
    mine = Subject(kind=SubjectKind.PROCEDURE, name=row.name)
    judged = [one.outcome for one in run.checks if one.subject == mine]
    passed = run.outcome is Outcome.PASS and all(outcome is Outcome.PASS for outcome in judged)
    return row.ok and passed


def _one(name: str, found: list[_TriedRun], now: float) -> Freshness:
    every = WEEKLY_DAYS if any(one.row.purpose == "rehearse" for one in found) else QUARTERLY_DAYS
    proven = max((one.row.ended for one in found if one.proves), default=None)
    last = max(found, key=lambda one: one.row.ended, default=None)
    tried = None if last is None else last.row.ended
    fresh = proven is not None and now - proven <= every * _DAY
    return Freshness(
        procedure=name,
        proven=proven,
        tried=tried,
        every_days=every,
        fresh=fresh,
        words=_words(proven, last, every, now),
    )


def _words(proven: float | None, last: _TriedRun | None, every: int, now: float) -> str:
    if proven is None:
        return "never proven" + ("" if last is None else f", last tried {ago(now - last.row.ended)}")
    words = f"last proven {ago(now - proven)}"
    if last is not None and last.row.ended > proven:
        how = "tried without proof" if last.row.ok else "failed"
        words += f", {how} {ago(now - last.row.ended)}"
    return words + (f" (due every {every} days)" if now - proven > every * _DAY else "")


def ago(seconds: float) -> str:
    """``today``, ``1 day ago``, ``94 days ago``: the whole days in ``seconds``."""
    days = int(max(0.0, seconds) // _DAY)
    return "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
