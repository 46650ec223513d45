"""Lengths and counts for people, evidence with its instant, and marks that depend on a figure."""

from __future__ import annotations

from chaos.figures import duration
from chaos.model.identity import EvidenceKind
from chaos.model.verdict import Evidence
from chaos.timeline.recording import Recording


def falling(value: float, target: float) -> float:
    """Share of full marks: 1 within ``target``, falling linearly to 0 at twice the target
    (docs/adr/0007-score.md).
    """
    if value <= target:
        return 1.0
    return max(0.0, 2.0 - value / target) if target > 0 else 0.0


def span(seconds: float, limit: float | None = None) -> str:
    """A measured length as the report writes it: ``12.3 s``, ``2 min 03 s``. ``limit``: that it must differ
    from in writing too.
    """
    return duration(seconds, limit)


def count(number: int, noun: str) -> str:
    """``1 answer``, ``2 answers``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def since_start(
    recording: Recording, at: float, text: str, kind: EvidenceKind = EvidenceKind.FACT, *ids: str
) -> Evidence:
    """Evidence with its instant. ``at`` is on the run axis; the report counts seconds since the run began."""
    return Evidence(text=text, at=round(at - recording.began, 3), kind=kind, ids=ids)
