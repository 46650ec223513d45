"""What each part of a drill's report says, and above all what it says when something is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos.checks.procedure import COMPLETED
from chaos.drill import Drill, EarlierDrills, JudgedPart, write_drill
from chaos.drill.actions import NO_FIX, actions_of
from chaos.drill.losses import losses_of
from chaos.drill.objectives import ObjectiveRow, objective_rows
from chaos.drill.past import NO_EARLIER, NOT_WHOLE, past_of
from chaos.drill.steps import steps_of
from chaos.drill.view import build, score_of
from chaos.kinds import NoParams
from chaos.model.identity import PROCEDURE_TOOK, Subject, SubjectKind
from chaos.model.verdict import CheckResult, Dimension, Outcome
from tests.drills import (
    EARLIER,
    PROMOTE,
    REHEARSE,
    RESTORE,
    SITE,
    Case,
    asked,
    demo_drill,
    hygiene,
    kept,
    mark,
    part_of,
    plan_of,
    recovered,
    result,
    unjudged_part,
    walked,
)
from tests.recording_builder import BEGAN
from tests.results import a_figure, a_result

ROOT = Path("reports")
LOSS = plan_of("database-loss", RESTORE)
FAILOVER = plan_of("replica-failover", PROMOTE)


def drill(*cases: Case, earlier: EarlierDrills | None = None) -> Drill:
    parts = tuple(part_of(case, ROOT) for case in cases)
    return Drill("drill-toy", BEGAN, (20.0,), (SITE,), parts, earlier or EarlierDrills())


def row(made: Drill, name: str = "database") -> ObjectiveRow:
    return next(row for row in objective_rows(made) if row.name == name)


def test_every_objective_has_a_row_and_what_no_one_tested_is_not_kept() -> None:
    rows = objective_rows(drill(Case(LOSS, (recovered(40.0), kept()))))
    assert [(r.name, r.tier, r.rto.state, r.rpo.state) for r in rows] == [
        ("web", 1, "not measured", "not measured"),
        ("database", 1, "kept", "kept"),
        ("cache", 2, "not measured", "not measured"),
        ("monitoring", 3, "not measured", "not measured"),
    ]
    assert rows[0].rto.note == "no scenario tested it"


def test_a_service_that_is_hit_or_keeps_a_ledger_is_measured_beside_what_the_procedure_is_for() -> None:
    """The cache is hit too, the web server takes the writes; only the one is known to come back in time."""
    made = drill(Case(LOSS, (recovered(50.0), kept(2, 3.0))))
    (part,) = made.parts
    made = replace(made, parts=(replace(part, rto_of=("database", "cache"), rpo_of=("database", "web")),))
    said = {r.name: (r.rto.measured, r.rpo.measured, r.scenarios) for r in objective_rows(made)}
    here = ("database-loss",)
    assert said == {
        "web": (None, 3.0, here),
        "database": (50.0, 3.0, here),
        "cache": (50.0, None, here),
        "monitoring": (None, None, ()),
    }
    lost = replace(part, rto_of=("cache",), judged=None, why="no engine")
    assert row(replace(made, parts=(*made.parts, lost)), "cache").rto.state == "not measured"


def test_beside_the_rto_stands_what_the_procedure_took_and_not_what_prepared_the_run() -> None:
    """Clients may never have noticed: then the RTO is nothing, and the service was still gone."""

    def whole(name: str, took: float | None) -> CheckResult:
        subject = Subject(kind=SubjectKind.PROCEDURE, name=name)
        return a_result("procedure", subject=subject, measures=(a_figure(PROCEDURE_TOOK, took, 3600.0),))

    scenario = LOSS.scenario.model_copy(update={"prepare": ("take-backups",)})
    plan = LOSS.model_copy(update={"scenario": scenario})
    prepared = whole("take-backups", 99.0)
    note = row(drill(Case(plan, (recovered(0.0), prepared, whole("restore-database", 17.2))))).rto.note
    assert note == "in database-loss, its procedure took 17.2 s"
    note = row(drill(Case(plan, (recovered(0.0), prepared, whole("restore-database", None))))).rto.note
    assert note == "in database-loss"


@pytest.mark.parametrize(
    ("seconds", "outcome", "state", "value"),
    [
        (3600.0, None, "kept", "1 h"),
        (3600.1, None, "missed", "3600.1 s"),
        (None, None, "missed", "never"),
        (None, Outcome.INCONCLUSIVE, "not measured", "–"),
        (12.0, Outcome.INCONCLUSIVE, "not measured", "–"),
    ],
    ids=["at the target", "beyond it", "never", "no verdict", "seen but void"],
)
def test_the_rto_is_measured_or_it_is_not_kept(
    seconds: float | None, outcome: Outcome | None, state: str, value: str
) -> None:
    target = row(drill(Case(LOSS, (recovered(seconds, outcome=outcome),)))).rto
    assert (target.state, target.value, target.target) == (state, value, "1 h")


def test_the_worst_of_several_runs_counts_and_one_that_could_not_tell_spoils_the_rest() -> None:
    good, better = Case(LOSS, (recovered(50.0),)), Case(FAILOVER, (recovered(10.0),))
    both = row(drill(good, better)).rto
    assert (both.state, both.measured, both.note) == ("kept", 50.0, "in database-loss")
    blind = row(drill(good, Case(FAILOVER, (recovered(None, outcome=Outcome.INCONCLUSIVE),)))).rto
    assert (blind.state, blind.note) == ("not measured", "in database-loss; not measured in replica-failover")


def test_a_run_that_was_unknown_measured_nothing() -> None:
    made = drill(Case(LOSS, (recovered(50.0), kept())))
    made = replace(made, parts=(*made.parts, unjudged_part(FAILOVER, "no engine")))
    assert (row(made).rto.state, row(made).rpo.state) == ("not measured", "not measured")


def test_a_run_that_was_not_asked_about_data_says_nothing_of_it() -> None:
    made = drill(Case(LOSS, (recovered(50.0), kept(1, 3.0))), Case(FAILOVER, (recovered(5.0),)))
    assert (row(made).rpo.state, row(made).rpo.measured) == ("kept", 3.0)


def test_every_ledger_must_tell_its_rpo() -> None:
    other = kept().model_copy(
        update={
            "subject": Subject(kind=SubjectKind.LEDGER, name="payments"),
            "outcome": Outcome.INCONCLUSIVE,
            "measures": (),
        }
    )
    made = drill(Case(LOSS, (recovered(50.0), kept(), other)))
    assert row(made).rpo.state == "not measured"


def test_the_target_is_that_of_the_objective_not_of_the_scenario() -> None:
    target = row(drill(Case(LOSS, (kept(1, 600.0, limit=0.0),)))).rpo
    assert (target.state, target.target) == ("kept", "15 min")


def test_steps_show_planned_beside_measured_and_stop_where_the_procedure_did() -> None:
    (one,) = steps_of(drill(Case(LOSS, (walked(RESTORE, 0.6, 2.0),)))).procedures
    assert [(s.step, s.planned_text, s.measured_text) for s in one.steps] == [
        ("assess", "5 min", "600 ms"),
        ("prepare", "10 min", "2.0 s"),
        ("restore", "20 min", "not done"),
        ("replay", "15 min", "not done"),
        ("validate", "10 min", "not done"),
    ]
    assert (one.measured_text, one.planned_text, one.outcome) == ("", "1 h", Outcome.FAIL)
    assert "stopped at restore" in one.note


def test_a_step_without_a_measure_is_not_done_whatever_the_check_left_out() -> None:
    short = walked(RESTORE, 1, 1, 1, 1, 1)
    short = short.model_copy(update={"measures": short.measures[:2]})
    (one,) = steps_of(drill(Case(LOSS, (short,)))).procedures
    assert [s.measured_text for s in one.steps][2:] == ["not done"] * 3
    assert one.measured_text == ""


def test_bars_grow_with_time_on_one_axis_and_none_leaves_it() -> None:
    found = steps_of(
        drill(
            Case(LOSS, (walked(RESTORE, 0.02, 1, 10, 60, 600),)),
            Case(FAILOVER, (walked(PROMOTE, 1, 2, 900),)),
        )
    )
    first, second = found.procedures
    ends = [step.measured_end or 0.0 for step in first.steps]
    assert ends == sorted(ends)
    assert ends[1] == second.steps[0].measured_end
    assert all(
        0 < end <= 100
        for one in found.procedures
        for s in one.steps
        for end in (s.planned_end, s.measured_end)
        if end
    )
    assert [step.late for step in second.steps] == [False, False, True]
    assert [tick.text for tick in found.ticks] == ["1 s", "10 s", "1 min", "10 min"]


def test_a_procedure_that_only_prepares_comes_last_and_is_called_so() -> None:
    scenario = LOSS.scenario.model_copy(update={"prepare": (PROMOTE.procedure,)})
    plan = LOSS.model_copy(
        update={"scenario": scenario, "procedures": {**LOSS.procedures, PROMOTE.procedure: PROMOTE}}
    )
    made = drill(Case(plan, (walked(PROMOTE, 1, 2, 3), walked(RESTORE, 1, 2, 3, 4, 5))))
    assert [one.purpose for one in steps_of(made).procedures] == ["answers the fault", "prepares the run"]


def test_an_outage_costs_its_seconds_times_the_hour() -> None:
    found = losses_of(drill(Case(LOSS, (recovered(36.0),)), Case(FAILOVER, (recovered(72.0),))))
    assert [run.cost for run in found.runs] == [
        "36.0 s × 500 USD / 3600 s = 5.00 USD",
        "72.0 s × 500 USD / 3600 s = 10.00 USD",
    ]
    assert (found.outage, found.cost, found.complete) == ("1 min 48 s", "15.00 USD", True)


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INCONCLUSIVE])
def test_where_one_outage_is_not_known_the_sum_is_at_least(outcome: Outcome) -> None:
    unknown = Case(FAILOVER, (recovered(None, outcome=outcome),))
    found = losses_of(drill(Case(LOSS, (recovered(36.0),)), unknown))
    assert (found.outage, found.cost, found.complete) == ("at least 36.0 s", "at least 5.00 USD", False)
    assert found.runs[1].money is None


def test_a_run_that_breaks_nothing_is_not_asked_about_money() -> None:
    found = losses_of(drill(Case(plan_of("restore-test", rehearse=REHEARSE), (hygiene(),))))
    assert (found.runs[0].outage, found.runs[0].cost, found.complete) == ("not asked", "not asked", True)


def test_without_a_price_there_is_no_money() -> None:
    stack = SITE.model_copy(update={"outage_cost": None})
    part = part_of(Case(plan_of("database-loss", RESTORE, stack=stack), (recovered(36.0),)), ROOT)
    found = losses_of(Drill("d", BEGAN, (20.0,), (stack,), (part,)))
    assert (found.money, found.cost, found.formula, found.runs[0].cost) == (None, "", "", "")


def test_ids_of_writes_lost_within_the_rpo_are_named_too() -> None:
    (run,) = losses_of(drill(Case(LOSS, (kept(2, 3.4),)))).runs
    assert (run.data[0].outcome, len(run.data[0].lines)) == (Outcome.PASS, 2)
    (run,) = losses_of(drill(Case(LOSS, (kept(),)))).runs
    assert run.data[0].lines == ()


def test_lost_ids_are_named() -> None:
    (run,) = losses_of(drill(Case(LOSS, (kept(3, 1000.0),)))).runs
    assert len(run.data[0].lines) == 3
    assert run.data[0].lines[0].startswith("lost gd-20231114-orders-00000")
    assert run.rpo == "16 min 40 s"


def test_one_reason_in_several_scenarios_is_reported_once_and_one_fix_is_one_action() -> None:
    marks = (mark(Dimension.DETECTION, 0.0, "alert late", "Scrape faster."),)
    late = result("detection", "fires", Outcome.FAIL, marks=marks)
    unsaid = result("breaker", "opens", Outcome.FAIL, marks=(mark(Dimension.CONTAINMENT, 0.0),))
    made = actions_of(score_of(drill(Case(LOSS, (late, unsaid)), Case(FAILOVER, (late,)))))
    assert {(one.reason, one.where.partition(" · ")[0]) for one in made.lost} == {
        ("alert late", "replica-failover, database-loss"),
        ("breaker", "database-loss"),
    }
    assert [(item.number, item.fix) for item in made.items] == [(1, "Scrape faster."), (2, NO_FIX)]


def test_what_only_caps_is_no_action_item() -> None:
    full = result("toy", "toy", marks=tuple(mark(d, 1.0) for d in Dimension))
    made = drill(Case(LOSS, (full,)))
    made = replace(made, parts=(*made.parts, *(replace(made.parts[0], scenario=f"s{n}") for n in range(3))))
    late = part_of(Case(FAILOVER, (recovered(None),)), Path())
    found = actions_of(score_of(replace(made, parts=(*made.parts, late))))
    assert [one.action for one in found.lost] == [0, 1]
    assert len(found.items) == 1


def test_without_an_earlier_drill_there_is_no_trend() -> None:
    found = past_of(drill(Case(LOSS, ())), 90.0, "A", True)
    assert (found.trend, found.comparison) == ((), NO_EARLIER)


def test_the_trend_ends_with_this_drill_and_compares_with_the_last() -> None:
    found = past_of(drill(Case(LOSS, ()), earlier=EARLIER), 90.0, "A", True)
    assert [one.total for one in found.trend] == ["58.2", "71", "84.4", "90"]
    assert [one.here for one in found.trend] == [False, False, False, True]
    assert found.comparison == "5.6 points more than in the drill of 2023-08-15."
    assert past_of(drill(earlier=EARLIER), None, "–", False).comparison.endswith("one has no score.")


def test_what_is_no_whole_drill_is_compared_with_none() -> None:
    found = past_of(drill(Case(LOSS, ()), earlier=replace(EARLIER, comparable=False)), 90.0, "A", True)
    assert (found.trend, found.comparison) == ((), NOT_WHOLE)


def test_a_procedure_is_proven_here_or_as_the_record_says() -> None:
    made = drill(
        Case(LOSS, (walked(RESTORE, 1),)), Case(FAILOVER, (walked(PROMOTE, 1, 2, 3),)), earlier=EARLIER
    )
    assert [(one.procedure, one.state, one.text) for one in past_of(made, 1.0, "F", False).fresh] == [
        (
            "restore-database",
            "stale",
            "was not proven in this drill; last proven 91 days ago (due every 92 days)",
        ),
        ("promote-replica", "proven", "proven in this drill"),
        ("site-rebuild", "stale", "not in this drill; last proven 94 days ago (due every 92 days)"),
    ]


def test_a_procedure_that_worked_proves_nothing_in_a_run_that_failed_or_of_a_changed_stack() -> None:
    well = walked(RESTORE, 1, 2, 3, 4, 5)
    odd = LOSS.model_copy(update={"env": {"web": {"MODE": "odd"}}})

    def said(*cases: Case) -> tuple[str, str]:
        one = past_of(drill(*cases, earlier=EARLIER), 1.0, "F", False).fresh[0]
        return one.state, one.text.partition(";")[0]

    beaten = Case(LOSS, (well, recovered(None)))
    worked = "worked in this drill, which proves nothing: "
    assert said(Case(LOSS, (well,))) == ("proven", "proven in this drill")
    assert said(beaten) == ("proven", worked + "its run did not pass")  # the proof of 91 days ago stands
    assert said(Case(odd, (well,))) == ("proven", worked + "the stack was changed (--env)")
    assert said(beaten, Case(LOSS, (well,))) == ("proven", "proven in this drill")
    assert said(Case(odd, (walked(RESTORE, 1),)))[1] == "was not proven in this drill"
    assert said(Case(LOSS, (walked(RESTORE, 1),)), Case(odd, (well,)))[0] == "stale"


def test_a_procedure_of_which_nothing_is_on_record() -> None:
    (one,) = past_of(drill(Case(LOSS, (walked(RESTORE, 1),))), 1.0, "F", False).fresh
    assert one.state == "never"


def test_no_secret_of_any_run_reaches_the_view(tmp_path: Path) -> None:
    stack = SITE.model_copy(update={"redact": ["TOKEN"]})
    plan = plan_of("database-loss", RESTORE, stack=stack).model_copy(
        update={"env": {"web": {"TOKEN": "hunter2hunter2"}}}
    )
    leaky = result(
        "data", "orders: said hunter2hunter2", Outcome.FAIL, "saw hunter2hunter2", (hygiene(0.0).marks)
    )
    part = part_of(Case(plan, (leaky,)), tmp_path)
    other = unjudged_part(FAILOVER, "could not log in with hunter2hunter2")
    _, paths = write_drill(Drill("d", BEGAN, (20.0,), (stack,), (part, other)), tmp_path / "drill")
    for path in paths:
        assert "hunter2" not in path.read_text(encoding="utf-8"), path.name


def test_a_run_without_a_report_of_its_own_has_no_link(tmp_path: Path) -> None:
    made = demo_drill("good", tmp_path)
    judged = made.parts[0].judged
    assert isinstance(judged, JudgedPart)
    parts = (replace(made.parts[0], judged=replace(judged, drawn=False)), *made.parts[1:])
    view = build(replace(made, parts=parts), tmp_path / "drill")
    assert view.runs[0].link == ""
    assert view.runs[1].link == "../20231114T221320Z-replica-failover-abc123/report.html"


def test_what_prepares_every_scenario_is_shown_once_the_slowest_and_whatever_failed() -> None:
    def prepared(name: str, *seconds: float) -> Case:
        plan = plan_of(name, RESTORE)
        scenario = plan.scenario.model_copy(update={"prepare": (PROMOTE.procedure,)})
        procedures = {**plan.procedures, PROMOTE.procedure: PROMOTE}
        return Case(
            plan.model_copy(update={"scenario": scenario, "procedures": procedures}),
            (walked(PROMOTE, *seconds),),
        )

    made = drill(prepared("a", 1, 1, 1), prepared("b", 2, 2, 2), prepared("c", 1))
    assert [(one.scenario, one.outcome) for one in steps_of(made).procedures] == [
        ("c", Outcome.FAIL),
        ("2 scenarios, the slowest of them b", Outcome.PASS),
    ]


def test_a_procedure_that_was_never_begun_has_its_name_and_no_step_done() -> None:
    never = asked("procedure", NoParams(), COMPLETED, LOSS).unknown("it was never begun")
    made = drill(Case(LOSS, (never,)))
    (one,) = steps_of(made).procedures
    assert (one.procedure, {step.measured_text for step in one.steps}) == ("restore-database", {"not done"})
    assert past_of(made, None, "–", False).fresh[0].procedure == "restore-database"
