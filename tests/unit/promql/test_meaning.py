"""Which expressions keep their meaning at a pace, and why others do not."""

from __future__ import annotations

import pytest

from chaos.model.rules import PaceEffect
from chaos.promql.meaning import notes_of
from chaos.promql.syntax import parse

SAME, TRANSLATED, LOST = PaceEffect.SAME, PaceEffect.TRANSLATED, PaceEffect.LOST


def effects(expr: str) -> set[PaceEffect]:
    return {note.effect for note in notes_of(parse(expr))}


@pytest.mark.parametrize(
    "expr",
    [
        "up == 0",
        "rate(x[5m]) > 1",
        "irate(x[5m]) > 1",
        "absent_over_time(x[5m])",
        "absent(x)",
        "avg_over_time(x[10m]) > 1",
        "last_over_time(x[1m]) < 1",
        "present_over_time(x[1m]) == 1",
        "histogram_quantile(0.95, sum by (le) (rate(b[5m]))) > 3",
        "sum(rate(a[5m])) / sum(rate(b[5m])) > 0.05",
        "hour() > 8",
        "x @ end() > 1",
        "last_run < time()",
    ],
)
def test_nothing_to_say(expr: str) -> None:
    assert effects(expr) == set()


@pytest.mark.parametrize(
    "expr",
    [
        "count_over_time(x[5m]) > 5",
        "sum_over_time(x[5m]) > 5",
        "deriv(x[5m]) > 1",
        "changes(x[2m]) > 0",
        "sum by (job) (changes(x[2m])) >= 1",
        "0 != resets(x[1h])",
        "1 > changes(x[1h])",
        "delta(x[5m]) < 0",
    ],
)
def test_the_same_at_every_pace_and_said(expr: str) -> None:
    assert effects(expr) == {SAME}


@pytest.mark.parametrize(
    "expr",
    [
        "changes(x[5m]) > 3",
        "resets(x[1h]) > 1",
        "1 + changes(x[5m]) > 0",
        "count(changes(x[5m])) > 0",
        "delta(x[5m]) > 5",
        "idelta(x[5m]) > 5",
        "predict_linear(x[1h], 4 * 3600) < 0",
        "expires_at - time() < 7 * 86400",
        "time() > 1700000000 + x",
        "x + 300 < time()",
        "time() - last_run > every_seconds",
        "time() - (last_run + 300) > 0",
        "x @ 1609746000 > 1",
        "max_over_time(x[5m:] @ 1609746000) > 1",
        "timestamp(x) % 60 > 30",
    ],
)
def test_comparable_at_pace_1_only(expr: str) -> None:
    assert LOST in effects(expr)


def test_a_note_names_its_part_and_says_why() -> None:
    (note,) = notes_of(parse('sum(predict_linear(disk{a="b"}[1h], 4h)) < 0'))
    assert note.part == 'predict_linear(disk{a="b"}[1h], 14400)'
    assert note.text == "it looks ahead in real seconds from a window that the pace shortens"


def test_one_part_that_is_lost_is_found_beside_others() -> None:
    found = effects("increase(x[5m]) > 1 and (time() - y > 5 or changes(z[5m]) > 2)")
    assert found == {TRANSLATED, LOST}
