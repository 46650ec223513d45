"""The expression of a rule as the stack of a run evaluates it."""

from __future__ import annotations

from chaos.model.rules import PaceEffect
from chaos.promql.durations import divide_durations
from chaos.promql.meaning import notes_of, translated
from chaos.promql.syntax import NotPromql, parse


def compress(expr: str, pace: float) -> str:
    """The expression at this pace: durations divided, counts and ages translated; the same text at pace 1.

    Text that needs no translation keeps its form, comments included. What the parser does not read gets its
    durations divided all the same: promtool judges it, and its alert is not judged (``notes_of``).
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
