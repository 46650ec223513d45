"""Findings for a run: those of its scenario that are open, recurring or overdue, and those that it closed.

It gets values and reads no list of findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chaos.findings import Finding, FindingState
from chaos.report import human
from chaos.report.tone import Tone

FINDING_HEAD = ("number", "state", "due", "owner", "times", "finding")


@dataclass(frozen=True)
class KnownFindings:
    """The findings of one scenario, as listed. ``today``: the day (UTC) that makes one overdue."""

    findings: tuple[Finding, ...]
    today: date


@dataclass(frozen=True)
class FindingsView:
    """``rows`` are the cells under ``FINDING_HEAD``: overdue and recurring ones first, closed ones last."""

    sentence: str
    tone: Tone
    rows: tuple[tuple[str, ...], ...]


def findings_view(known: KnownFindings | None, run_id: str) -> FindingsView | None:
    """The findings for run ``run_id``; None if there is no list of findings."""
    if known is None:
        return None
    open_ones = [one for one in known.findings if one.closed is None]
    closed = [one for one in known.findings if one.closed is not None and one.closed_by == run_id]
    first = sorted(
        open_ones,
        key=lambda one: (not one.overdue(known.today), one.state is not FindingState.RECURRING, one.number),
    )
    return FindingsView(
        sentence=_sentence(open_ones, len(closed), known.today),
        tone=Tone.BAD if open_ones else Tone.GOOD,
        rows=tuple(_row(one, known.today) for one in (*first, *closed)),
    )


def _sentence(open_ones: Sequence[Finding], closed: int, today: date) -> str:
    recurring = sum(one.state is FindingState.RECURRING for one in open_ones)
    overdue = sum(one.overdue(today) for one in open_ones)
    said = f"{human.count(len(open_ones), 'finding')} of this scenario open"
    said += f", {recurring} recurring, {overdue} overdue" if open_ones else ""
    said += f". This run closed {closed}" if closed else ""
    return f"{said}."


def _row(one: Finding, today: date) -> tuple[str, ...]:
    due = f"{one.due}, overdue" if one.overdue(today) else str(one.due)
    state = "closed by this run" if one.closed is not None else str(one.state)
    return (one.name, state, due, one.owner or "no owner", str(one.times), one.title)
