"""Comparisons, stale procedures, sparklines and medians, computed from rows."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.history import compare, freshness_of, recovery_of, sparkline
from chaos.history.compare import change
from chaos.history.freshness import ago
from chaos.history.trend import middle
from chaos.model.identity import BUDGET, CLIENTS, RTO, Subject, SubjectKind
from chaos.model.plan import WARM
from chaos.model.verdict import Dimension, DimensionScore, Outcome, Unit
from tests.past_runs import BEGAN, DAY, a_check, a_measure, a_procedure, a_run

PASS, FAIL = Outcome.PASS, Outcome.FAIL
RESTORE = Subject(kind=SubjectKind.PROCEDURE, name="restore")


def test_a_comparison_names_every_difference_and_its_size() -> None:
    before = a_run(
        0,
        80.0,
        a_measure(value=10.0),
        a_measure("old", 1.0, title="gone"),
        dimensions=(DimensionScore(dimension=Dimension.DATA, weight=20, points=10.0),),
        checks=(
            a_check("turned", FAIL),
            a_check("dropped", PASS),
            a_check("same", PASS),
        ),
    )
    after = a_run(
        1,
        100.0,
        a_measure(value=15.0),
        pace=1.0,
        dimensions=(DimensionScore(dimension=Dimension.DATA, weight=20, points=None),),
        checks=(
            a_check("turned", PASS),
            a_check("new", FAIL),
            a_check("same", PASS),
        ),
    )
    found = compare(before, after)
    assert found.unlike == ("pace: 20.0 and 1.0",)
    assert (found.score.difference, found.score.percent) == (20.0, 25.0)
    assert {one.title: (one.before, one.after) for one in found.checks if one.changed} == {
        "turned": (FAIL, PASS),
        "new": (None, FAIL),
        "dropped": (PASS, None),
    }
    figures = {one.name: (one.before, one.after, one.difference, one.percent) for one in found.measures}
    assert figures == {"RTO": (10.0, 15.0, 5.0, 50.0), "old": (1.0, None, None, None)}
    (data,) = found.dimensions
    assert (data.before, data.after, data.difference) == (10.0, None, None)


def test_a_run_beside_itself_shows_no_difference() -> None:
    run = a_run(0, 80.0, a_measure(), a_measure())  # the same measure twice gives two figures
    found = compare(run, run)
    assert not any(one.changed for one in found.checks)
    assert [one.difference for one in found.measures] == [0.0, 0.0]
    assert found.unlike == ()


def test_there_is_no_percent_of_nothing() -> None:
    assert change("x", Unit.SECONDS, 0.0, 3.0).percent is None
    assert change("x", Unit.SECONDS, -4.0, -2.0).percent == 50.0


@pytest.mark.parametrize(
    ("days", "purpose", "fresh", "words"),
    [
        (0.4, "answer", True, "last proven today"),
        (1.2, "prepare", True, "last proven 1 day ago"),
        (92, "answer", True, "last proven 92 days ago"),
        (94, "answer", False, "last proven 94 days ago (due every 92 days)"),
        (7, "rehearse", True, "last proven 7 days ago"),
        (8, "rehearse", False, "last proven 8 days ago (due every 7 days)"),
    ],
)
def test_a_procedure_goes_stale_by_the_calendar(days: float, purpose: str, fresh: bool, words: str) -> None:
    runs = [a_run(0, procedures=(a_procedure(purpose=purpose, ended=BEGAN),))]
    (one,) = freshness_of(runs, [], BEGAN + days * DAY)
    assert (one.procedure, one.fresh, one.words) == ("restore", fresh, words)


def test_a_failed_procedure_proves_nothing_and_an_untried_one_less() -> None:
    runs = [
        a_run(0, procedures=(a_procedure("a", ok=False, ended=BEGAN),)),
        a_run(1, procedures=(a_procedure("b", ended=BEGAN), a_procedure("b", ok=False, ended=BEGAN + DAY))),
    ]
    said = {one.procedure: (one.fresh, one.words) for one in freshness_of(runs, ["c", "a"], BEGAN + 2 * DAY)}
    assert said == {
        "a": (False, "never proven, last tried 2 days ago"),
        "b": (True, "last proven 2 days ago, failed 1 day ago"),
        "c": (False, "never proven"),
    }


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"outcome": FAIL}, "never proven, last tried today"),
        ({"outcome": Outcome.INCONCLUSIVE}, "never proven, last tried today"),
        ({"outcome": Outcome.ABORTED}, "never proven, last tried today"),
        (
            {"checks": (a_check("completed", FAIL, "procedure", RESTORE),)},
            "never proven, last tried today",
        ),
        ({"variables": "web.MODE=odd"}, "never proven"),
        ({"variables": WARM}, "last proven today"),
        ({"variables": f"{WARM}, web.MODE=odd"}, "never proven"),
        (
            {"checks": (a_check("completed", FAIL, "other", CLIENTS),)},
            "last proven today",
        ),
    ],
)
def test_only_a_run_that_passed_of_the_stack_as_it_stands_proves_a_procedure(
    run: dict[str, Any], words: str
) -> None:
    (one,) = freshness_of([a_run(0, procedures=(a_procedure(),), **run)], [], BEGAN)
    assert (one.procedure, one.words) == ("restore", words)


def test_what_proved_nothing_stands_behind_the_last_proof() -> None:
    runs = [
        a_run(0, procedures=(a_procedure(),)),
        a_run(1, outcome=FAIL, procedures=(a_procedure(ended=BEGAN + DAY),)),
        a_run(2, variables="web.MODE=odd", procedures=(a_procedure(ok=False, ended=BEGAN + 2 * DAY),)),
    ]
    (one,) = freshness_of(runs, [], BEGAN + 2 * DAY)
    assert one.words == "last proven 2 days ago, tried without proof 1 day ago"


def test_a_clock_that_went_back_makes_nothing_stale() -> None:
    assert ago(-5.0) == "today"


def test_a_sparkline_shows_what_is_unknown_as_unknown() -> None:
    assert sparkline([0.0, 50.0, 100.0, None], low=0.0, high=100.0) == "▁▅█·"
    assert sparkline([None, None]) == "··"
    assert sparkline([3.0, 3.0]) == "██"
    assert sparkline([120.0, -5.0], low=0.0, high=100.0) == "█▁"


def test_a_median_of_too_little_is_none() -> None:
    assert middle([1.0, None, 3.0]) == 2.0
    assert middle([1.0, None, 3.0], least=3) is None
    assert middle([]) is None


def test_recovery_is_the_rto_else_counted_from_the_end_of_the_fault() -> None:
    end = a_measure(BUDGET, 1.0)
    assert recovery_of(a_run(0, 1.0, end, a_measure(RTO, 3.0))) == 3.0
    assert recovery_of(a_run(0, 1.0, end, a_measure(RTO, None))) == 1.0
    assert recovery_of(a_run(0, 1.0, end)) == 1.0
    assert recovery_of(a_run(0, 1.0, a_measure("other", 3.0))) is None


def test_a_recovery_whose_check_is_inconclusive_is_unknown() -> None:
    unsure = a_measure(RTO, 3.0, outcome=Outcome.INCONCLUSIVE)
    assert recovery_of(a_run(0, 1.0, unsure)) is None
    assert recovery_of(a_run(0, 1.0, unsure, a_measure(BUDGET, 1.0, title="the budget"))) == 1.0

    old = a_measure(RTO, 3.0, outcome=None)  # rows of version 1 keep the outcome with the check only
    check = a_check(old.title, Outcome.INCONCLUSIVE)
    assert recovery_of(a_run(0, 1.0, old, checks=(check,))) is None


def test_the_same_fault_twice_is_compared_twice() -> None:
    """A timeline may hold it twice; each of its results is there twice then, with one key and subject."""
    before = a_run(0, checks=(a_check("undone", PASS), a_check("undone", PASS)))
    after = a_run(1, checks=(a_check("undone", FAIL), a_check("undone", PASS)))
    found = [(one.before, one.after) for one in compare(before, after).checks]
    assert found == [(PASS, FAIL), (PASS, PASS)]
    once = a_run(1, checks=(a_check("undone", PASS),))
    assert [(one.before, one.after) for one in compare(before, once).checks] == [(PASS, PASS), (PASS, None)]
