"""A Prometheus that stood still in the middle of a run is no proof of silence, and none of a missed alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.plan import PlannedDeadline
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.observations import RuleGroupState, RulesEvaluated
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder, judged

ALERT = "dep_breaker_open"
EXPECTED = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})


def recorded() -> RecordingBuilder:
    return RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)


def without_scrapes(recording: Recording, start: float, end: float) -> Recording:
    """Prometheus stood still between two seconds of the run: no series has a sample there."""
    series = tuple(
        one.model_copy(update={"samples": tuple(s for s in one.samples if not start <= s[0] - BEGAN < end)})
        for one in recording.metrics.series
    )
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))


@pytest.mark.parametrize(("start", "end"), [(22, 42), (19, 25)])
def test_a_hole_while_it_had_to_fire_makes_everything_inconclusive(start: float, end: float) -> None:
    results = judged(CHECK, without_scrapes(recorded().end(), start, end), EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    assert all("Prometheus scraped nothing for" in result.actual for result in results.values())


def test_a_hole_later_on_hides_wrong_alerts_and_the_end_of_this_one() -> None:
    recording = without_scrapes(recorded().alert(ALERT, 21, 30, 50).end(), 46, 56)
    results = {title: result.outcome for title, result in judged(CHECK, recording, EXPECTED).items()}
    assert results == {
        f"alert {ALERT} fires": Outcome.PASS,
        f"alert {ALERT} goes on firing": Outcome.PASS,
        f"alert {ALERT} resolves": Outcome.INCONCLUSIVE,  # what ends inside a hole has no known end
        "no wrong alert fires": Outcome.INCONCLUSIVE,
    }


def test_a_wrong_alert_that_was_seen_stays_wrong_beside_a_hole() -> None:
    recording = without_scrapes(recorded().alert("web_down", None, 30, 40).end(), 60, 70)
    assert judged(CHECK, recording, EXPECTED)["no wrong alert fires"].outcome is Outcome.FAIL


def test_the_hole_counts_whole_also_the_part_before_the_fault() -> None:
    """2.5 s before the injection and 1 s after it are 3.5 s in which nothing was noticed."""
    results = judged(CHECK, without_scrapes(recorded().end(), 17.5, 21), EXPECTED)
    assert results[f"alert {ALERT} fires"].outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("slack", "outcome"), [(4.0, Outcome.PASS), (2.0, Outcome.INCONCLUSIVE)])
def test_the_tolerated_hole_is_smaller_than_the_time_that_the_tightest_deadline_leaves(
    slack: float, outcome: Outcome
) -> None:
    made = without_scrapes(recorded().alert(ALERT, 21, 30, 50).end(), 24, 26)
    tight = PlannedDeadline(alert=ALERT, within=10 + slack, bound=10, step=0)
    recording = replace(made, plan=made.plan.model_copy(update={"deadlines": (tight,)}))
    assert judged(CHECK, recording, EXPECTED)[f"alert {ALERT} fires"].outcome is outcome


def test_the_data_must_reach_the_teardown_to_say_that_no_other_alert_fired() -> None:
    title = "no wrong alert fires"
    assert judged(CHECK, recorded().metrics(read_to=79).end(90), EXPECTED)[title].outcome is Outcome.PASS
    early = judged(CHECK, recorded().metrics(read_to=70).end(90), EXPECTED)[title]
    assert early.outcome is Outcome.INCONCLUSIVE
    assert "ends 10.5 s before the teardown began" in early.actual


def resolved(recording: Recording) -> Recording:
    """Without Prometheus's own counters: what its samples alone say."""
    events = tuple(one for one in recording.events if not isinstance(one, RulesEvaluated))
    first = events[0].model_copy(update={"schema_version": 2})
    return replace(recording, events=(first, *events[1:]))


def test_an_alert_is_not_gone_where_the_data_ends() -> None:
    """2 s before the end of the fault: less than a hole that is tolerated, but nothing comes after it."""
    cut = without_scrapes(recorded().alert(ALERT, 21, 30, 60).end(), 42, 90)
    result = judged(CHECK, resolved(cut), EXPECTED)[f"alert {ALERT} goes on firing"]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "after the last sample of its targets" in result.actual


def test_an_alert_is_not_gone_in_a_hole_that_is_shorter_than_the_tolerated_one() -> None:
    hole = without_scrapes(recorded().alert(ALERT, None, 30, 50).end(), 35, 37)
    result = judged(CHECK, hole, EXPECTED)[f"alert {ALERT} goes on firing"]
    assert result.outcome is not Outcome.FAIL
    seen = recorded().alert(ALERT, None, 30, 35).alert(ALERT, 37, 41, 50).end()
    assert judged(CHECK, seen, EXPECTED)[f"alert {ALERT} goes on firing"].outcome is Outcome.FAIL


def test_an_alert_that_fires_again_at_once_was_not_gone_where_its_rule_has_a_for() -> None:
    """Really gone, it would have to be pending again first: some evaluations were missed, as when starved."""
    missed = recorded().alert(ALERT, 29, 30, 30.4).alert(ALERT, None, 31.0, 50).end()
    result = judged(CHECK, missed, EXPECTED)[f"alert {ALERT} goes on firing"]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "evaluations are missing" in result.actual


def test_rules_that_were_evaluated_long_after_the_last_sample_contradict_the_samples() -> None:
    cut = without_scrapes(recorded().alert(ALERT, 21, 30, 50).end(), 70, 90)
    results = judged(CHECK, cut, EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    said = results[f"alert {ALERT} fires"].actual
    assert "its rules were evaluated for" in said
    assert "after the last sample of its targets" in said


def counters(iterations: int, failures: int = 0) -> list[RulesEvaluated]:
    """Prometheus's own counters each second; the iterations stand still once they are so many."""
    return [
        RulesEvaluated(
            at=BEGAN + at,
            mono=float(at),
            groups=(
                RuleGroupState(
                    group="/etc/prometheus/rules.yml;breakers",
                    iterations=min(2 * at, iterations),
                    missed=0,
                    failures=failures if at > 30 else 0,
                    last=BEGAN + at,
                    interval=0.5,
                ),
            ),
        )
        for at in range(90)
    ]


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        (counters(iterations=40), "did not evaluate the rules of rules.yml, group breakers"),
        (counters(iterations=999, failures=4), "could not evaluate rules of rules.yml"),
        ([], "do not say whether its rules were evaluated"),
        (counters(iterations=999)[:20], "own counters were not read for"),
        (counters(iterations=999)[46:], "own counters were not read for"),
    ],
    ids=["stood still", "failed", "not read", "read until the fault", "read after the fault"],
)
def test_silence_of_rules_that_were_not_evaluated_proves_nothing(
    readings: list[RulesEvaluated], words: str
) -> None:
    """``up`` is scraped all the time: only Prometheus's own counters show it."""
    made = recorded().unevaluated().add(*readings).end()
    results = judged(CHECK, made, EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    assert words in results["no wrong alert fires"].actual


@pytest.mark.parametrize("late", ["evaluated", "read"])
def test_what_prometheus_did_too_late_says_if_the_machine_was_saturated(late: str) -> None:
    evaluated = counters(iterations=40 if late == "evaluated" else 999)
    made = recorded().unevaluated().add(*evaluated).lagging(10, 90).end()
    if late == "read":
        made = without_scrapes(made, 70, 90)
    for one in judged(CHECK, made, EXPECTED).values():
        assert one.outcome is Outcome.INCONCLUSIVE
        assert "this machine was saturated" in one.actual


@pytest.mark.parametrize(("start", "end"), [(2, 8), (22, 24)])
def test_neither_a_hole_before_the_fault_nor_a_late_scrape_matters(start: float, end: float) -> None:
    recording = without_scrapes(recorded().alert(ALERT, 21, 30, 50).end(), start, end)
    results = judged(CHECK, recording, EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.PASS}
