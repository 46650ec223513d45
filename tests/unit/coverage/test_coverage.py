"""What the scenarios test, what their last runs said, and what none reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.checks.degradation import Degradation
from chaos.checks.detection import Detection
from chaos.coverage import (
    Coverage,
    CoverageRow,
    StateReached,
    planned_coverage,
    reached_in,
    render_coverage,
    states_of,
    with_past,
)
from chaos.coverage.text import age_of
from chaos.history.rows import CheckRow, RunRow
from chaos.model.identity import RUN, ResultKey, Subject, SubjectKind
from chaos.model.plan import WARM
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import PrometheusFacts, StandIn
from chaos.model.verdict import Outcome
from chaos.timeline.recording import Recording
from tests.past_runs import a_run
from tests.recording_builder import FACTS, STACK, RecordingBuilder
from tests.recordings import demo_recording

WATCHDOG = AlertRule(alert="Watchdog", expr="vector(1)", reads_now=False)
RULES: DetectionFacts = FACTS.model_copy(update={"rules": (*FACTS.rules, WATCHDOG)})
TOY = STACK.model_copy(
    update={"degraded_states": ["stale", "queued"], "states": {"over its limit": "hits > 0"}}
)
KINDS = ("container.kill", "link.down")
DAY = 86_400.0


def scenario(name: str, *fire: str, forbidden: object = "others", degraded: str = "") -> Scenario:
    expect: dict[str, tuple[CheckParams, ...]] = {
        "detection": (
            Detection.model_validate(
                {"must_fire": [{"alert": one, "within": "5m"} for one in fire], "must_not_fire": forbidden}
            ),
        )
    }
    if degraded:
        promised = {"request": "GET /items", "status": 200, "header": {"x-degraded": degraded}}
        expect["degradation"] = (Degradation.model_validate(promised),)
    plan = RecordingBuilder(expect).plan
    return plan.scenario.model_copy(update={"scenario": name})


def coverage(*scenarios: Scenario) -> Coverage:
    return planned_coverage(TOY, RULES, scenarios, KINDS)


def row(rows: tuple[CoverageRow, ...], name: str) -> CoverageRow:
    return next(one for one in rows if one.name == name)


def lacking(found: Coverage) -> dict[str, list[str]]:
    return {one.name: [str(what) for what in one.lacking] for one in found.rules.empty}


def test_a_rule_must_fire_in_one_scenario_and_stay_silent_in_another() -> None:
    found = coverage(scenario("a", "dep_breaker_open"), scenario("b", "error_rate", "web_down"))
    assert lacking(found) == {}
    assert found.complete
    cells = [(cell.scenario, str(cell.tested)) for cell in row(found.rules.rows, "web_down").cells]
    assert cells == [("a", "silent"), ("b", "fires")]


def test_what_no_scenario_asks_for_is_an_empty_cell() -> None:
    found = coverage(scenario("a", "dep_breaker_open"))
    assert lacking(found) == {"dep_breaker_open": ["silent"], "error_rate": ["fires"], "web_down": ["fires"]}
    assert not found.complete


def test_a_list_of_forbidden_alerts_tests_these_only() -> None:
    found = coverage(scenario("a", "dep_breaker_open", forbidden=["web_down"]))
    assert lacking(found)["error_rate"] == ["fires", "silent"]
    assert lacking(found)["web_down"] == ["fires"]


def test_a_scenario_that_breaks_nothing_tests_no_rule() -> None:
    quiet = scenario("a", "dep_breaker_open").model_copy(update={"timeline": ()})
    assert lacking(coverage(quiet))["error_rate"] == ["fires", "silent"]


def test_a_dead_mans_switch_is_no_row() -> None:
    assert "Watchdog" not in [one.name for one in coverage().rules.rows]
    assert "alert fired: Watchdog" not in states_of(TOY, RULES)


def test_a_stand_in_for_a_threshold_is_said_beside_its_rule() -> None:
    facts = PrometheusFacts(
        service="prometheus",
        config="prometheus.yml",
        stand_ins={"web_down": StandIn(threshold=1, instead=0.5, because="it is a toy")},
    )
    stack = TOY.model_copy(update={"prometheus": facts})
    text = render_coverage(planned_coverage(stack, RULES, [scenario("a", "web_down")], KINDS))
    assert "web_down: stand-in for its threshold: 1 -> 0.5, because it is a toy" in text


def test_services_and_the_faults_that_break_them() -> None:
    found = coverage(scenario("a", "dep_breaker_open"))
    assert found.faults.columns == ("container.kill",)
    hit = row(found.faults.rows, "dep")
    assert (hit.part, [cell.scenario for cell in hit.cells], hit.lacking) == ("container.kill", ["a"], ())
    assert [one.name for one in found.faults.empty] == ["web", "prometheus"]


def test_degraded_states_that_no_scenario_promises() -> None:
    found = coverage(scenario("a", "dep_breaker_open", degraded="stale"))
    assert [one.name for one in found.degraded.empty] == ["queued"]


def ran(name: str, began: float, *results: tuple[str, str, Outcome], variables: str = "") -> RunRow:
    checks = tuple(
        CheckRow(
            check=key.partition(".")[0],
            key=ResultKey(key),
            subject=Subject(kind=SubjectKind.ALERT, name=subject) if subject else RUN,
            title=key,
            outcome=outcome,
        )
        for key, subject, outcome in results
    )
    name_of_run = f"{name}-{began:g}"
    return a_run(
        run_id=name_of_run, scenario=name, variables=variables, began=began, folder=name_of_run, checks=checks
    )


FIRED = ("detection.fires", "dep_breaker_open")
SILENT = ("detection.no_other", "")


def last(found: Coverage, alert: str) -> tuple[Outcome | None, float | None]:
    (cell,) = row(found.rules.rows, alert).cells
    return cell.outcome, cell.age


def test_the_last_run_decides_and_has_an_age() -> None:
    runs = [
        ran("a", 5 * DAY, (*FIRED, Outcome.PASS), (*SILENT, Outcome.FAIL)),
        ran("a", 3 * DAY, (*FIRED, Outcome.FAIL), (*SILENT, Outcome.PASS)),
        ran("b", 6 * DAY, (*FIRED, Outcome.FAIL)),
        ran("a", 7 * DAY, (*FIRED, Outcome.FAIL), variables="web.DEFECT=leaky"),
    ]
    found = with_past(coverage(scenario("a", "dep_breaker_open")), runs, now=8 * DAY)
    assert last(found, "dep_breaker_open") == (Outcome.PASS, 3 * DAY)
    assert last(found, "error_rate") == (Outcome.FAIL, 3 * DAY)
    assert found.runs == 3


def test_a_run_on_a_warm_stack_counts() -> None:
    warm = [ran("a", DAY, (*FIRED, Outcome.PASS), variables=WARM)]
    found = with_past(coverage(scenario("a", "dep_breaker_open")), warm, now=DAY)
    assert last(found, "dep_breaker_open") == (Outcome.PASS, 0.0)


def test_what_an_aborted_run_found_is_not_its_outcome() -> None:
    whole = ran("a", DAY, (*FIRED, Outcome.PASS))
    aborted = ran("a", 2 * DAY, (*FIRED, Outcome.PASS)).model_copy(update={"outcome": Outcome.ABORTED})
    found = with_past(coverage(scenario("a", "dep_breaker_open")), [whole, aborted], now=3 * DAY)
    assert last(found, "dep_breaker_open") == (Outcome.ABORTED, DAY)


def test_without_a_run_or_its_result_nothing_is_known() -> None:
    planned = coverage(scenario("a", "dep_breaker_open"))
    assert last(with_past(planned, [], now=0), "dep_breaker_open") == (None, None)
    other = [ran("a", DAY, ("detection.fires", "error_rate", Outcome.PASS))]
    assert last(with_past(planned, other, now=DAY), "dep_breaker_open") == (None, None)


def test_the_states_that_a_run_reached() -> None:
    reached = reached_in(demo_recording("pass"))
    assert {
        "breaker dep: closed -> open",
        "breaker dep: open -> half_open",
        "breaker dep: half_open -> open",
        "breaker dep: half_open -> closed",
        "degraded answer: stale",
        "degraded answer: queued",
        "alert fired: dep_breaker_open",
    } == reached
    assert reached <= set(states_of(TOY, RULES))
    assert reached_in(demo_recording("fail")) == {"alert fired: error_rate"}


def test_an_alert_that_fired_before_the_fault_is_no_answer_to_it() -> None:
    early = RecordingBuilder().steady(10).fault(20, 44).alert("web_down", 1, 3, 8).end()
    assert reached_in(early) == frozenset()


def test_states_that_prometheus_saw_count() -> None:
    whole = RecordingBuilder().steady(10).fault(20, 44).end()
    metrics = whole.metrics.model_copy(update={"reached": ("over its limit",)})
    seen = Recording(whole.plan, whole.events, whole.requests, metrics)
    assert reached_in(seen) == {"over its limit"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.0, "just now"), (125.0, "2 min ago"), (7300.0, "2 h ago"), (5.5 * DAY, "5 d ago")],
)
def test_ages_for_people(seconds: float, text: str) -> None:
    assert age_of(seconds) == text


def test_the_text_names_what_is_empty(tmp_path: Path) -> None:
    found = with_past(
        coverage(scenario("a", "dep_breaker_open", degraded="stale")),
        [ran("a", DAY, (*FIRED, Outcome.PASS), (*SILENT, Outcome.FAIL))],
        now=3 * DAY,
    )
    states = (
        StateReached(state="over its limit"),
        StateReached(state="degraded answer: stale", run="r1", age=DAY),
    )
    text = render_coverage(found.model_copy(update={"states": states}))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "dep_breaker_open silent in none fires in a (PASS 2 d ago)" in lines
    assert "error_rate silent in 1, 1 of them run; not shown in a (FAIL 2 d ago) fires in none" in lines
    assert "not tested: dep_breaker_open (silent), error_rate (fires), web_down (fires)" in lines
    assert "dep container.kill a (never run)" in lines
    assert "not tested: queued (degraded)" in lines
    assert "degraded answer: stale r1, 1 d ago" in lines
    assert "never reached: over its limit" in lines
