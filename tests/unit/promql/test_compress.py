"""The compressed copy of an expression: the same tree with durations divided, or an exact translation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from chaos.model.rules import PaceEffect
from chaos.promql.compress import compress
from chaos.promql.meaning import notes_of, translated
from chaos.promql.syntax import NotPromql, parse
from tests.unit.promql.expressions import EXPRESSIONS, PACE, Pair


def tree(expr: str) -> str:
    """The whole tree as text: two expressions with the same one are the same expression."""
    return repr(parse(expr))


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_every_duration_is_divided_and_nothing_else_changes(pair: Pair) -> None:
    assert tree(compress(pair.production, PACE)) == tree(pair.paced)


@given(EXPRESSIONS)
@settings(max_examples=200, deadline=None)
def test_the_library_prints_what_it_has_read(pair: Pair) -> None:
    """Translations are printed by the library."""
    assert tree(parse(pair.production).prettify()) == tree(pair.production)


@given(EXPRESSIONS)
@settings(max_examples=200, deadline=None)
def test_what_needs_no_translation_gets_none(pair: Pair) -> None:
    """The generated expressions hold no count and no age."""
    assert repr(translated(parse(pair.production), PACE)) == tree(pair.production)


@pytest.mark.parametrize(
    ("production", "paced"),
    [
        ("increase(errors_total[5m]) > 10", "(increase(errors_total[15s]) * 20) > 10"),
        ("10 < increase(errors_total[300])", "10 < (increase(errors_total[15s]) * 20)"),
        ("sum by (job) (increase(x[1h])) > 5", "sum by (job) ((increase(x[3m]) * 20)) > 5"),
        (
            "sum(increase(bad[1h])) / sum(increase(good[5m])) > 0.1",
            "sum((increase(bad[3m]) * 20)) / sum((increase(good[15s]) * 20)) > 0.1",
        ),
        ("time() - last_run > 300", "((time() - last_run) * 20) > 300"),
        ("(time() - max(last_run)) / 60 > 5", "(((time() - max(last_run)) * 20)) / 60 > 5"),
        ("time() - timestamp(x) > 60", "((time() - timestamp(x)) * 20) > 60"),
        ("time() - last_run_ms / 1000 > 300", "((time() - last_run_ms / 1000) * 20) > 300"),
        ("last_run < time() - 300", "last_run < (time() - (300) / 20)"),
        ("time() - 4 * 3600 > last_run", "(time() - (4 * 3600) / 20) > last_run"),
        ("time() - 5m - last_run > 0", "(((time() - (300) / 20) - last_run) * 20) > 0"),
    ],
)
def test_counts_and_ages_are_translated(production: str, paced: str) -> None:
    assert tree(compress(production, 20)) == tree(paced)
    assert PaceEffect.TRANSLATED in {note.effect for note in notes_of(parse(production))}
    assert compress(production, 1) == production


def test_what_the_parser_does_not_read_still_gets_its_durations_divided() -> None:
    expr = "increase(x[5m] smoothed) > 1"
    with pytest.raises(NotPromql):
        parse(expr)
    assert compress(expr, 20) == "increase(x[15s] smoothed) > 1"
