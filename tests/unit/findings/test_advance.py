"""What a run changes in the list of findings: only a passing re-test closes one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.findings import FailedResult, Finding, FindingState, ScenarioRun, advance, noted
from chaos.model.verdict import Outcome

DAY = 86400.0
BEGAN = 1_795_824_000.0  # 2026-11-28 00:00 UTC
ALERT = FailedResult(key="detection.fires/alert:api_down", title="alert api_down fires")


def run(
    day: float,
    outcome: Outcome = Outcome.FAIL,
    failed: tuple[FailedResult, ...] = (),
    scenario: str = "pms-down",
) -> ScenarioRun:
    return ScenarioRun(
        run_id=f"run-{day}",
        scenario=scenario,
        stack="reference",
        began=BEGAN + day * DAY,
        outcome=outcome,
        failed=failed,
    )


def after(*runs: ScenarioRun) -> tuple[Finding, ...]:
    findings: tuple[Finding, ...] = ()
    for one in runs:
        findings = advance(findings, one)
    return findings


FAILED = run(0, failed=(ALERT,))


def test_a_failed_result_is_a_finding_and_the_same_one_in_every_later_run() -> None:
    renamed = ALERT.model_copy(update={"title": "the alert api_down fires in time"})
    (found,) = after(FAILED, run(1, failed=(renamed,)))
    assert (found.times, found.title, found.due) == (2, ALERT.title, date(2026, 12, 12))


def test_the_same_result_of_another_scenario_is_another_finding() -> None:
    assert len(after(FAILED, run(1, failed=(ALERT,), scenario="pms-slow"))) == 2


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.PASS])
def test_no_other_outcome_than_pass_closes_one(outcome: Outcome) -> None:
    (found,) = after(FAILED, run(1, outcome))
    assert found.state is FindingState.OPEN


def test_a_later_passing_run_of_its_scenario_closes_it_and_no_other_does() -> None:
    earlier = run(-1, Outcome.PASS)
    elsewhere = run(1, Outcome.PASS, scenario="pms-slow")
    (still_open,) = after(FAILED, earlier, elsewhere)
    assert still_open.state is FindingState.OPEN
    (closed,) = advance((still_open,), run(2, Outcome.PASS))
    assert (closed.state, closed.closed_by) == (FindingState.CLOSED, "run-2")


def test_one_that_comes_back_is_recurring_and_has_a_new_due_date() -> None:
    (found,) = after(FAILED, run(1, Outcome.PASS), run(30, failed=(ALERT,)))
    assert (found.state, found.times, found.reopened) == (FindingState.RECURRING, 2, 1)
    assert found.due == date(2027, 1, 11)


def test_a_run_that_is_read_late_does_not_open_it_again() -> None:
    (found,) = after(FAILED, run(5, Outcome.PASS), run(3, failed=(ALERT,)))
    assert (found.state, found.times) == (FindingState.CLOSED, 2)


def test_an_action_item_is_closed_by_the_scenario_that_it_names() -> None:
    item = noted("post-mortem/x/y", "add an alert", "pms-down", "x.md", BEGAN)
    (found,) = advance((item,), run(1, Outcome.PASS))
    assert found.state is FindingState.CLOSED


def test_it_is_overdue_after_its_day_and_never_once_it_is_closed() -> None:
    (found,) = after(FAILED)
    assert not found.overdue(found.due)
    assert found.overdue(date(2026, 12, 13))
    (closed,) = advance((found,), run(1, Outcome.PASS))
    assert not closed.overdue(date(2030, 1, 1))


@given(st.lists(st.tuples(st.sampled_from(list(Outcome)), st.booleans()), max_size=12))
def test_a_finding_is_closed_exactly_if_a_pass_came_after_its_last_failure(
    history: list[tuple[Outcome, bool]],
) -> None:
    runs = [
        run(day, outcome, (ALERT,) if fails and outcome is not Outcome.PASS else ())
        for day, (outcome, fails) in enumerate(history)
    ]
    failures = [one.began for one in runs if one.failed]
    found = after(*runs)
    assert len(found) == (1 if failures else 0)
    for one in found:
        passed = any(r.outcome is Outcome.PASS and r.began > failures[-1] for r in runs)
        assert (one.state is FindingState.CLOSED) == passed
        assert one.times == len(failures)


def test_a_result_that_failed_twice_in_one_run_is_found_once() -> None:
    other = FailedResult(key="recovery.rto/clients", title="clients recover")
    found = after(run(0, failed=(ALERT, other, ALERT)))
    assert [(one.title, one.times) for one in found] == [(ALERT.title, 1), (other.title, 1)]


def test_a_run_that_is_counted_late_finds_nothing_that_a_later_pass_closed() -> None:
    passed = run(2, Outcome.PASS)
    elsewhere = run(3, Outcome.PASS, scenario="pms-slow")
    (late,) = advance((), FAILED, [elsewhere, passed])
    assert (late,) == after(FAILED, passed)
    (open_still,) = advance((), run(4, failed=(ALERT,)), [passed])
    assert open_still.state is FindingState.OPEN
    (found_again,) = advance((late,), run(1, failed=(ALERT,)), [passed])
    assert (found_again.state, found_again.times) == (FindingState.CLOSED, 2)
