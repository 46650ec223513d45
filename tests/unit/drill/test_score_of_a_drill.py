"""The drill's number: tiers weighted, in 0..100, monotone, never raised by missing data, capped by a loss."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.checks.data import Data
from chaos.drill.model import AskedScenario, DrillScore, Grade
from chaos.drill.score import drill_score, grade_of
from chaos.model.ledger import LedgerFacts
from chaos.model.verdict import CheckResult, Dimension, Outcome, Score
from chaos.verdict import objectives_of, rpo_tested, rto_tested, score, tier_of
from tests.drills import PROMOTE, REFILL, REHEARSE, RESTORE, SITE, kept, mark, plan_of, recovered, result

pytestmark = pytest.mark.thorough

Marks = list[tuple[Dimension, float | None]]
Run = tuple[int | None, Marks | None]  # tier, marks; None: no verdict

FRACTIONS = st.one_of(st.none(), st.floats(0, 1, allow_nan=False))
MARKS = st.lists(st.tuples(st.sampled_from(list(Dimension)), FRACTIONS), min_size=1, max_size=5)
TIERS = st.sampled_from([1, 2, 3, 4, None])
RUNS = st.lists(st.tuples(TIERS, st.one_of(st.none(), MARKS)), min_size=1, max_size=6)
FULL: Marks = [(dimension, 1.0) for dimension in Dimension]
ROUNDING = 0.1  # numbers are rounded to a tenth


def scored(marks: Marks) -> Score:
    return score([result("toy", "toy", marks=tuple(mark(d, f, "why", "how") for d, f in marks))])


def asked(
    tier: int | None, made: Score | None, name: str = "toy", outcome: Outcome = Outcome.PASS
) -> AskedScenario:
    return AskedScenario(scenario=name, tier=tier, outcome=outcome if made else None, score=made)


def drilled(runs: Sequence[Run]) -> DrillScore:
    return drill_score([asked(tier, None if marks is None else scored(marks)) for tier, marks in runs])


def total(runs: Sequence[Run]) -> float:
    """The number, no number counting as less than any."""
    made = drilled(runs).total
    return -1.0 if made is None else made


def of(percent: float) -> Marks:
    return [(dimension, percent / 100) for dimension in Dimension]


def test_tiers_weigh_three_two_one_and_a_half() -> None:
    runs: list[Run] = [(1, of(100)), (2, of(50)), (3, of(0)), (4, of(100))]
    assert total(runs) == pytest.approx((3 * 100 + 2 * 50 + 0 + 0.5 * 100) / 6.5, abs=ROUNDING)


def test_a_tier_is_the_mean_of_its_runs_however_many() -> None:
    made = drilled([(1, of(100)), (1, of(60)), (3, of(40))])
    assert [(tier.tier, tier.total, tier.runs) for tier in made.tiers] == [(1, 80.0, 2), (3, 40.0, 1)]
    assert made.total == 70.0
    assert [run.worth for run in made.runs] == [37.5, 37.5, 25.0]


def test_what_no_tier_is_known_of_weighs_as_the_lowest_of_production() -> None:
    assert total([(None, of(50)), (1, of(100))]) == total([(3, of(50)), (1, of(100))])


def test_dimensions_are_weighted_as_the_total_is() -> None:
    detection, data = Dimension.DETECTION, Dimension.DATA
    made = drilled([(1, [(detection, 1.0)]), (3, [(detection, 0.0), (data, None)])])
    found = {one.dimension: (one.percent, one.runs, one.unknown) for one in made.dimensions}
    assert found[detection] == (75.0, 2, 0)
    assert found[data] == (None, 1, 1)
    assert found[Dimension.HYGIENE] == (None, 0, 0)


@pytest.mark.parametrize(
    ("number", "grade"),
    [
        (100, "A"),
        (90, "A"),
        (89.9, "B"),
        (80, "B"),
        (79.9, "C"),
        (70, "C"),
        (69.9, "D"),
        (60, "D"),
        (59.9, "F"),
    ],
)
def test_grades(number: float, grade: str) -> None:
    assert grade_of(number) is Grade(grade)


def test_a_drill_that_lacks_a_run_has_no_grade_and_says_which() -> None:
    made = drill_score([asked(1, scored(FULL)), AskedScenario(scenario="gone", tier=1, why="no space left")])
    assert (made.total, made.grade, made.certifiable) == (None, None, False)
    assert (made.cap, made.cap_reasons) == (None, ())
    assert made.missing == ("gone: no space left",)
    assert [tier.unknown for tier in made.tiers] == [1]
    assert made.lost[0].reason == "not run to its end: no space left"
    assert made.lost[0].points == 50.0


def test_a_run_that_was_aborted_is_missing_and_one_that_is_inconclusive_is_not() -> None:
    aborted = asked(1, scored(FULL), outcome=Outcome.ABORTED)
    assert drill_score([asked(1, scored(FULL)), aborted]).grade is None
    unsure = asked(1, scored(FULL), outcome=Outcome.INCONCLUSIVE)
    assert drill_score([asked(1, scored(FULL)), unsure]).grade is Grade.A


@pytest.mark.parametrize("loss", [kept(3, 1000.0), recovered(None)], ids=["data", "recovery"])
def test_the_cap_of_one_run_is_the_cap_of_the_drill(loss: CheckResult) -> None:
    capped = score([result("toy", "toy", marks=tuple(mark(d, 1.0) for d in Dimension)), loss])
    made = drill_score([*(asked(1, scored(FULL)) for _ in range(9)), asked(3, capped, "last")])
    assert made.total == 39.0
    assert made.cap_reasons[0].startswith("last: ")


def test_nothing_asked_and_nothing_known_is_no_number() -> None:
    for made in (drill_score([]), drilled([(1, None)]), drilled([(1, [(Dimension.DATA, None)])])):
        assert (made.total, made.grade, made.certifiable) == (None, None, False)


@pytest.mark.parametrize("outcome", [Outcome.ABORTED, Outcome.INCONCLUSIVE])
def test_a_run_without_a_plain_outcome_is_not_certifiable(outcome: Outcome) -> None:
    assert not drill_score([asked(1, scored(FULL), outcome=outcome)]).certifiable
    assert drill_score([asked(1, scored(FULL))]).certifiable


@given(RUNS)
def test_the_number_is_within_0_and_100(runs: list[Run]) -> None:
    assert -1.0 <= total(runs) <= 100.0


@given(RUNS, st.integers(0, 5), st.integers(0, 4), st.floats(0, 1))
def test_a_better_mark_never_lowers_the_number(
    runs: list[Run], place: int, which: int, better: float
) -> None:
    tier, marks = runs[place % len(runs)]
    if marks is None:
        marks = [(Dimension.DATA, 0.0)]
        runs = [*runs[: place % len(runs)], (tier, marks), *runs[place % len(runs) + 1 :]]
    dimension, fraction = marks[which % len(marks)]
    if fraction is None or better < fraction:
        better = 1.0
    raised = [*marks[: which % len(marks)], (dimension, better), *marks[which % len(marks) + 1 :]]
    after: list[Run] = [*runs[: place % len(runs)], (tier, raised), *runs[place % len(runs) + 1 :]]
    assert total(after) >= total(runs)


@given(RUNS, st.sets(st.integers(0, 5)), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 4))))
def test_missing_data_never_raises_the_number(
    runs: list[Run], gone: set[int], unknown: set[tuple[int, int]]
) -> None:
    """Marks that are not known any more, and runs that left nothing to judge, in any combination."""
    fewer: list[Run] = [
        (
            tier,
            None
            if marks is None or i in gone
            else [(d, None if (i, j) in unknown else f) for j, (d, f) in enumerate(marks)],
        )
        for i, (tier, marks) in enumerate(runs)
    ]
    assert total(fewer) <= total(runs)
    if gone & set(range(len(runs))):
        assert not drilled(fewer).certifiable


@given(RUNS, TIERS)
def test_one_more_run_with_full_marks_never_lowers_the_number(runs: list[Run], tier: int | None) -> None:
    assert total([*runs, (tier, FULL)]) >= total(runs) - ROUNDING


@given(RUNS)
def test_lost_points_add_up_to_what_is_missing(runs: list[Run]) -> None:
    made = drilled(runs)
    lost = sum(one.points for one in made.lost)
    if made.missing:
        assert made.total is None
        assert lost <= 100 + 0.02 * len(made.lost)
        return
    assert lost == pytest.approx(100 - (made.total or 0.0), abs=0.1 + 0.02 * len(made.lost))


@given(RUNS)
def test_shares_of_the_runs_add_up(runs: list[Run]) -> None:
    assert sum(run.worth for run in drilled(runs).runs) == pytest.approx(100, abs=0.05)


def test_the_tier_is_that_of_the_objective_of_the_answer() -> None:
    plan = plan_of("cache-loss", REFILL)
    assert (objectives_of(plan), tier_of(plan)) == (("cache",), 2)
    plan = plan_of("failover", PROMOTE)
    assert (objectives_of(plan), tier_of(plan)) == (("database",), 1)


def test_a_rehearsal_has_the_tier_of_what_it_rehearses() -> None:
    plan = plan_of("restore-test", rehearse=REHEARSE)
    assert (objectives_of(plan), tier_of(plan)) == (("database",), 1)


def test_without_a_procedure_the_services_hit_decide() -> None:
    plan = plan_of("dep-down")
    assert (objectives_of(plan), tier_of(plan)) == ((), 2)
    bare = SITE.model_copy(update={"services": {}, "objectives": {}})
    assert tier_of(plan_of("dep-down", stack=bare)) is None


def test_the_rto_of_whatever_is_hit_is_measured_and_the_rpo_of_whatever_keeps_a_judged_ledger() -> None:
    ledger = LedgerFacts.model_validate(
        {
            "entry": "clients->web",
            "write": {"request": "PUT /orders/$id"},
            "stores": {
                "rows": {"command": {"service": "database", "argv": ["ask"]}, "id": "key"},
                "copy": {"http": {"service": "cache", "path": "/orders"}, "id": "key"},
            },
        }
    )
    objectives = {**SITE.objectives, "dep": SITE.objectives["cache"]}
    site = SITE.model_copy(update={"objectives": objectives, "ledgers": {"orders": ledger}})
    bare = plan_of("cache-loss", REFILL, stack=site)
    assert (rto_tested(bare), rpo_tested(bare)) == (("cache", "dep"), ("cache",)), "no check judges a ledger"
    for params, found in (
        (Data(ledger="orders"), ("database", "web")),
        (Data(ledger="orders", store="copy"), ("database", "cache")),
    ):
        plan = plan_of("database-loss", RESTORE, stack=site)
        scenario = plan.scenario.model_copy(update={"expect": {"data": (params,)}})
        assert rpo_tested(plan.model_copy(update={"scenario": scenario})) == found
