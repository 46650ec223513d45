"""Translates the expression of a rule for the Prometheus of a run at a pace."""

from __future__ import annotations

from chaos.model.rules import PaceEffect
from chaos.promql.durations import divide_durations
from chaos.promql.meaning import notes_of, translated
from chaos.promql.syntax import NotPromql, parse


def compress(expr: str, pace: float) -> str:
    """The expression at this pace: durations divided, counts and ages translated. The same text at pace 1.

    Text that needs no translation keeps its form and its comments. If the parser cannot read the expression,
    its durations are divided anyway; the checks do not judge such an alert at a pace other than 1
    (``chaos.scenario.rules``). Raises ``ValueError`` for a duration that is too large.
    """
    if pace == 1:
        return expr
    divided = divide_durations(expr, pace)
    try:
        tree = parse(divided)
    except NotPromql:
        return divided
    if not any(note.effect is PaceEffect.TRANSLATED for note in notes_of(tree)):
        return divided
    return translated(tree, pace).prettify()
