"""Recovery is seen from the clients' side: the first healthy window after which they stay well."""

from __future__ import annotations

import pytest

from chaos.checks.detection import Detection
from chaos.checks.recovery import CHECK, Recovery
from chaos.model.stack import Objective
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.recording import Recording
from tests.recording_builder import FACTS, STACK, RecordingBuilder, judged
from tests.results import context

RTO, BUDGET = "clients recover within the RTO", "clients recover within the budget"
EXPECTED = Recovery.model_validate({"rto": "1m", "budget": "5s", "healthy_for": "10s"})


def recorded(well_from: float = 46.0, until: float = 80.0, limit: float = 30.0) -> RecordingBuilder:
    """Clients are harmed from 20.2 on; the fault ends at 44."""
    builder = RecordingBuilder(recovery_limit=limit).steady(10).fault(20, 44)
    builder.probe(5, 20.2).probe(20.2, well_from, ok=False).probe(well_from, until)
    return builder.load(5, 20.2).load(20.2, well_from, degraded="stale").load(well_from, until)


def values(recording: Recording, params: Recovery = EXPECTED) -> dict[str, float | None]:
    return {title: r.measures[0].value for title, r in judged(CHECK, recording, params).items()}


def outcomes(recording: Recording, params: Recovery = EXPECTED) -> dict[str, Outcome]:
    return {title: r.outcome for title, r in judged(CHECK, recording, params).items()}


BOTH = {
    outcome: dict.fromkeys((RTO, BUDGET), outcome)
    for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE)
}


def test_passes_and_counts_from_both_ends_of_the_fault() -> None:
    recording = recorded(46).end()
    assert outcomes(recording) == BOTH[Outcome.PASS]
    assert values(recording) == {RTO: 26.0, BUDGET: 2.0}


def test_answers_that_the_undo_sets_free_are_no_recovery_before_it() -> None:
    """A frozen dependency and patient clients: what was asked from 21 on is answered when it thaws, at 44."""
    hung = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).probe(5, 80).load(5, 21)
    for second in range(21, 44):
        hung.load(second, second + 1, latency=44.05 - second)
    recording = hung.load(44, 80).end()
    assert values(recording)[RTO] == pytest.approx(24.0, abs=0.1)
    assert values(recording)[BUDGET] == pytest.approx(0.0, abs=0.1)


def test_a_slow_answer_across_the_undo_that_was_not_hung_is_no_harm() -> None:
    slow = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).probe(5, 80).load(5, 80, latency=0.3)
    assert (
        judged(CHECK, slow.end(), EXPECTED)[RTO].actual == "recovered at once: clients were well throughout"
    )


def test_a_late_recovery_fails_the_budget_in_proportion_and_not_the_rto() -> None:
    results = judged(CHECK, recorded(51).end(), EXPECTED)
    assert (results[RTO].outcome, results[BUDGET].outcome) == (Outcome.PASS, Outcome.FAIL)
    assert results[BUDGET].marks[0].fraction == pytest.approx(2 - 7 / 5)
    assert results[BUDGET].cap is None


def test_beyond_the_rto_fails() -> None:
    assert outcomes(recorded(46).end(), EXPECTED.model_copy(update={"rto": 25.0}))[RTO] is Outcome.FAIL


def test_waits_of_policy_are_added_to_the_budget_and_shrink_with_the_pace() -> None:
    """At pace 20 a minute of policy is 3 s: 5 s and 3 s are 8 s."""
    patient = EXPECTED.model_copy(update={"waits": 60.0})
    assert outcomes(recorded(51.9).end(), patient)[BUDGET] is Outcome.PASS
    assert outcomes(recorded(52.1).end(), patient)[BUDGET] is Outcome.FAIL
    assert judged(CHECK, recorded(51).end(), patient)[BUDGET].expected == "within 8.0 s of its end"


def test_without_a_budget_only_the_rto_is_judged() -> None:
    assert set(outcomes(recorded().end(), Recovery.model_validate({"rto": "1m"}))) == {RTO}


def test_never_well_again_fails_once_the_recording_covers_the_wait() -> None:
    results = judged(
        CHECK, recorded(200, until=80).probe(20.2, 80, ok=False).load(20.2, 80, status=500).end(), EXPECTED
    )
    assert {r.outcome for r in results.values()} == {Outcome.FAIL}
    assert all(r.cap is not None for r in results.values())
    assert {r.actual for r in results.values()} == {"clients were not well again"}


def cut(at: float) -> Recording:
    return recorded(200, until=at).end(at)


def test_not_well_yet_is_inconclusive_when_the_recording_was_cut() -> None:
    recording = (
        RecordingBuilder(recovery_limit=30)
        .steady(10)
        .fault(20, 44)
        .probe(5, 50, ok=False)
        .load(5, 50, status=500)
        .cut(50)
    )
    assert outcomes(recording) == BOTH[Outcome.INCONCLUSIVE]
    assert not any(r.cap for r in CHECK.judge(recording, EXPECTED))


def test_clients_that_never_noticed_recovered_at_once_and_it_says_so() -> None:
    recording = RecordingBuilder().steady(10).fault(20, 44).probe(5, 80).load(5, 80).end()
    results = judged(CHECK, recording, EXPECTED)
    assert {r.outcome for r in results.values()} == {Outcome.PASS}
    assert {r.actual for r in results.values()} == {"recovered at once: clients were well throughout"}


def test_a_good_spell_while_the_fault_is_in_place_is_no_recovery() -> None:
    recording = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .probe(5, 40)
        .probe(40, 46, ok=False)
        .probe(46, 80)
        .load(5, 80)
        .end()
    )
    assert values(recording) == {RTO: 26.0, BUDGET: 2.0}


def test_harm_that_ended_inside_the_fault_counts_from_where_it_ended() -> None:
    recording = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .probe(5, 20)
        .probe(20, 25, ok=False)
        .probe(25, 80)
        .load(5, 80)
        .end()
    )
    assert values(recording) == {RTO: 5.0, BUDGET: 0.0}


def test_a_relapse_inside_the_window_starts_it_anew() -> None:
    recording = recorded(46, until=52).probe(52, 53, ok=False).probe(53, 80).load(52, 80).end()
    assert values(recording)[BUDGET] == pytest.approx(9.0)


def test_degraded_or_failed_requests_keep_the_window_from_beginning() -> None:
    for harm in ({"degraded": "stale"}, {"status": 500}):
        recording = (
            RecordingBuilder().steady(10).fault(20, 44).probe(5, 20).probe(20, 45, ok=False).probe(45, 80)
            .load(5, 20).load(20, 47, **harm).load(47, 80).end()
        )  # fmt: skip
        assert values(recording)[BUDGET] == pytest.approx(3.0)


def test_one_failed_request_in_a_hundred_is_tolerated_and_more_are_not() -> None:
    base = recorded(46)
    assert values(base.load(50, 50.05, status=500).end())[BUDGET] == pytest.approx(2.0)
    worse = recorded(46).load(50, 50.3, status=500)
    assert values(worse.end())[BUDGET] == pytest.approx(6.3, abs=0.1)


@pytest.mark.parametrize(
    "recording",
    [
        RecordingBuilder().steady(10).fault(20, 44).load(5, 80).end(),
        RecordingBuilder().steady(10).fault(20, 44).probe(5, 80).end(),
        RecordingBuilder().steady(10).probe(5, 80).load(5, 80).end(),
        RecordingBuilder().steady(10).fault(20, None).probe(5, 60).load(5, 60).cut(40),
    ],
    ids=["no probe", "no load", "no fault", "fault without end"],
)
def test_missing_data_is_inconclusive(recording: Recording) -> None:
    assert outcomes(recording) == BOTH[Outcome.INCONCLUSIVE]
    assert all(r.marks[0].fraction is None for r in CHECK.judge(recording, EXPECTED))


def test_a_gap_in_the_samples_is_not_health() -> None:
    recording = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .probe(5, 20)
        .probe(20, 45, ok=False)
        .probe(45, 50)
        .probe(60, 80)
    )
    assert outcomes(recording.load(5, 80).end()) == {RTO: Outcome.PASS, BUDGET: Outcome.INCONCLUSIVE}


def test_requests_that_hang_to_the_end_do_not_shorten_the_recording() -> None:
    builder = (
        RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).probe(5, 20).probe(20, 80, ok=False)
    )
    hanging = builder.load(5, 20).load(20, 66, status=0, served=False, latency=10.0, error="timeout").end()
    assert outcomes(hanging) == BOTH[Outcome.FAIL]


def test_requests_that_no_one_answered_before_the_load_was_stopped_do_not_make_it_look_well() -> None:
    builder = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .probe(5, 20)
        .probe(20, 45, ok=False)
        .probe(45, 57)
        .load(5, 45)
    )
    assert (
        outcomes(builder.load(45, 57, rate=18).end()) == BOTH[Outcome.INCONCLUSIVE]
    )  # 20 a second were planned


def test_a_thin_load_is_not_health() -> None:
    thin = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .probe(5, 20)
        .probe(20, 45, ok=False)
        .probe(45, 80)
        .load(5, 80, rate=5)
        .end()
    )
    assert outcomes(thin) == BOTH[Outcome.INCONCLUSIVE]


def test_without_a_load_in_the_scenario_probes_alone_decide() -> None:
    recording = (
        RecordingBuilder(load=False)
        .steady(10)
        .fault(20, 44)
        .probe(5, 20)
        .probe(20, 46, ok=False)
        .probe(46, 80)
        .end()
    )
    assert values(recording) == {RTO: 26.0, BUDGET: 2.0}


def test_with_neither_probe_nor_load_it_is_unknown() -> None:
    whole = RecordingBuilder(load=False).steady(10).fault(20, 44).probe(5, 80).end()
    scenario = whole.plan.scenario
    deaf = scenario.model_copy(update={"steady_state": scenario.steady_state[1:]})
    recording = Recording(whole.plan.model_copy(update={"scenario": deaf}), whole.events)
    assert outcomes(recording) == BOTH[Outcome.INCONCLUSIVE]


def stages(result: CheckResult) -> dict[str, float | None]:
    return {measure.label: measure.value for measure in result.measures[1:]}


def test_the_time_is_split_into_its_stages() -> None:
    detection = Detection.model_validate({"must_fire": [{"alert": "dep_breaker_open", "within": "5m"}]})
    base = RecordingBuilder({"detection": (detection,)}).steady(10).fault(20, 44)
    base.probe(5, 20.2).probe(20.2, 46, ok=False).probe(46, 80)
    base.load(5, 20.2).load(20.2, 45.5, degraded="stale").load(45.5, 80).alert("dep_breaker_open", 21, 30, 50)
    base.container(20.1, "exited").container(43.7, "running", "starting").container(
        44.6, "running", "healthy"
    )
    result = judged(CHECK, base.end(), EXPECTED)[RTO]
    assert stages(result) == {
        "detected": 10.0,
        "fault ends": 24.0,
        "dependency back": 24.6,
        "reconnected": 25.5,
        "steady again": 26.0,
    }
    assert [e.at for e in result.evidence] == [20, 30, 44, 44.6, 45.5, 46]


def test_without_container_states_the_dependency_is_back_when_the_fault_is_undone() -> None:
    result = judged(CHECK, recorded(46).end(), EXPECTED)[RTO]
    assert stages(result)["dependency back"] == 24.0
    assert stages(result)["detected"] is None


def test_problems_of_the_expectation() -> None:
    scenario = RecordingBuilder().plan.scenario
    assert list(CHECK.problems(EXPECTED, context(scenario, STACK, FACTS))) == []
    loose = Recovery.model_validate({"rto": "1m", "budget": "2m"})
    assert [loc for loc, _, _ in CHECK.problems(loose, context(scenario, STACK, FACTS))] == [("budget",)]
    deaf = scenario.model_copy(update={"steady_state": scenario.steady_state[1:]})
    ((_, message, _),) = CHECK.problems(EXPECTED, context(deaf, STACK, FACTS))
    assert "no http condition" in message


def test_an_rto_above_the_objective_of_what_is_hit_is_refused() -> None:
    scenario = RecordingBuilder().plan.scenario
    objective = {"rto": "10m", "rpo": "1m"}
    strict = STACK.model_copy(update={"objectives": {"dep": Objective.model_validate(objective)}})
    loose = Recovery.model_validate({"rto": "11m"})
    ((loc, message, _),) = CHECK.problems(loose, context(scenario, strict, FACTS))
    assert loc == ("rto",)
    assert "the RTO 11m is longer than the objective of dep in stack.yaml, 10m" in message
    assert not list(CHECK.problems(Recovery.model_validate({"rto": "10m"}), context(scenario, strict, FACTS)))
    elsewhere = STACK.model_copy(update={"objectives": {"web": Objective.model_validate(objective)}})
    assert not list(CHECK.problems(loose, context(scenario, elsewhere, FACTS))), "what no fault hits"


def test_what_would_have_no_effect_is_refused() -> None:
    scenario = RecordingBuilder().plan.scenario
    waits = Recovery.model_validate({"rto": "5m", "waits": "1m"})
    ((loc, message, _),) = CHECK.problems(waits, context(scenario, STACK, FACTS))
    assert (loc, message) == (("waits",), "waits: 1m has no effect: it is added to a budget")
    assert not list(CHECK.problems(EXPECTED, context(scenario, STACK, FACTS)))
    twice = scenario.model_copy(update={"expect": {"recovery": (EXPECTED, waits)}})
    ((loc, message, _),) = CHECK.problems(EXPECTED, context(twice, STACK, FACTS))
    assert (loc, message) == ((), "recovery is expected twice, and results could not be told apart")
