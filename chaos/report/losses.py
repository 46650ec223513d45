"""The fifth answer, of a run that kept a ledger: what was lost, and how far back."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.checks.data import CHECK, GONE_BY_DESIGN, RPO, SPOILT
from chaos.model.verdict import CheckResult, Measure, Outcome, Verdict
from chaos.report import human
from chaos.report.tiles import Tile
from chaos.timeline.ledger import WriteClass

LABEL = "Lost or spoilt"
NAMED = 3  # ids in the tile; the check names ten of each class
_LINE = 90  # characters


def lost_tile(verdict: Verdict) -> Tile | None:
    """None where nothing was asked of a ledger."""
    results = [result for result in verdict.checks if result.check == CHECK.name]
    if not results:
        return None
    outcomes = {result.outcome for result in results}
    rpos = [found for result in results if (found := _measure(result, RPO)) is not None]
    if not rpos:
        return Tile(LABEL, human.NO_DATA, "unknown", (human.clipped(results[0].actual, _LINE),))
    tone = "bad" if Outcome.FAIL in outcomes else "unknown" if Outcome.INCONCLUSIVE in outcomes else "good"
    return Tile(LABEL, _value(results), tone, tuple(_lines(results, rpos)))


def _value(results: Sequence[CheckResult]) -> str:
    lost, spoilt = _sum(results, WriteClass.LOST), [(_sum(results, kind), kind) for kind in SPOILT]
    said = [f"{lost} lost"] if lost else []
    said += [f"{number} {kind.value}" for number, kind in spoilt if number]
    return ", ".join(said) or "nothing"


def _lines(results: Sequence[CheckResult], rpos: Sequence[Measure]) -> list[str]:
    lines = []
    for rpo in rpos:
        allowed = "" if rpo.limit is None else f", of {human.quantity(rpo.limit, rpo.unit)} allowed"
        lines.append(f"RPO {human.quantity(rpo.value, rpo.unit)}{allowed}")
    kept = _sum(results, WriteClass.OK) + _sum(results, WriteClass.RECOVERED)
    lines.append(f"{human.count(kept, 'write')} kept")
    if gone := _sum(results, GONE_BY_DESIGN):
        lines.append(f"{gone} gone by design")
    named = [
        fact.text.partition(": ")[2].partition(",")[0]
        for result in results
        for fact in result.evidence
        if fact.text.startswith(tuple(f"{kind.value}: " for kind in (WriteClass.LOST, *SPOILT)))
    ]
    if named:
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        lines.append(f"{', '.join(named[:NAMED])}{more}")
    return lines


def _sum(results: Sequence[CheckResult], name: str) -> int:
    found = [measure for result in results if (measure := _measure(result, name)) is not None]
    return int(sum(measure.value or 0 for measure in found))


def _measure(result: CheckResult, name: str) -> Measure | None:
    return next((measure for measure in result.measures if measure.name == name), None)
