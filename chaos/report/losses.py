"""The fifth answer, for a run with a ledger: what was lost, and how far back."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.model.identity import (
    GONE_BY_DESIGN,
    KEPT,
    LOST,
    RECOVERED,
    RPO,
    SPOILT,
    EvidenceKind,
    MeasureKey,
    Subject,
    SubjectKind,
)
from chaos.model.verdict import CheckResult, Outcome, Verdict
from chaos.report import human
from chaos.report.tiles import Tile, TileKey
from chaos.report.tone import Tone

NAMED = 3  # ids in the tile; the check names ten of each class
_LINE = 90  # characters


def lost_tile(verdict: Verdict) -> Tile | None:
    """None if nothing was expected of a ledger."""
    results = [result for result in verdict.checks if result.subject.kind is SubjectKind.LEDGER]
    if not results:
        return None
    label = "Lost or spoilt"
    outcomes = {result.outcome for result in results}
    if all(result.measure(RPO) is None for result in results):
        line = human.clipped(results[0].actual, _LINE)
        return Tile(TileKey.LOST, label, human.NO_DATA, Tone.UNKNOWN, (line,))
    tone = Tone.UNKNOWN if Outcome.INCONCLUSIVE in outcomes else Tone.GOOD
    if Outcome.FAIL in outcomes:
        tone = Tone.BAD
    return Tile(TileKey.LOST, label, _value(results), tone, tuple(_lines(results)))


def _value(results: Sequence[CheckResult]) -> str:
    words = [f"{number} {key.partition('.')[2]}" for key in (LOST, *SPOILT) if (number := _sum(results, key))]
    unknown = any(result.outcome is Outcome.INCONCLUSIVE for result in results)
    return ", ".join(words) or ("unknown" if unknown else "nothing")


def _lines(results: Sequence[CheckResult]) -> list[str]:
    lines = []
    for result in results:
        rpo = result.measure(RPO)
        if rpo is None:
            continue
        allowed = "" if rpo.limit is None else f", of {human.quantity(rpo.limit, rpo.unit)} allowed"
        if result.outcome is Outcome.INCONCLUSIVE:
            lines.append(f"RPO unknown{allowed}")
        elif rpo.value is None:
            lines.append(f"RPO {rpo.note or human.NO_DATA}{allowed}")
        else:
            lines.append(f"RPO {human.quantity(rpo.value, rpo.unit, rpo.limit)}{allowed}")
    kept = _sum(results, KEPT) + _sum(results, RECOVERED)
    lines.append(f"{human.count(kept, 'write')} kept")
    if gone := _sum(results, GONE_BY_DESIGN):
        lines.append(f"{gone} gone by design")
    wanted = (EvidenceKind.WRITE_LOST, EvidenceKind.WRITE_SPOILT)
    idents = (
        ident for result in results for fact in result.evidence if fact.kind in wanted for ident in fact.ids
    )
    named = list(dict.fromkeys(idents))
    if named:
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        lines.append(f"{', '.join(named[:NAMED])}{more}")
    return lines


def _sum(results: Sequence[CheckResult], key: MeasureKey) -> int:
    """Two expectations of one ledger count the same writes, so only the larger number counts."""
    found: dict[Subject, float] = {}
    for result in results:
        if (measure := result.measure(key)) is not None:
            found[result.subject] = max(found.get(result.subject, 0.0), measure.value or 0.0)
    return int(sum(found.values()))
