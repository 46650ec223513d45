"""Answers during the fault are held against the promise, from the load or from a probe of its own."""

from __future__ import annotations

import pytest

from chaos.checks.degradation import CHECK, Degradation
from chaos.collectors.http import HttpProbe
from chaos.kinds import Objection
from chaos.model.links import as_link
from chaos.model.scenario import Rate
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import FaultMeasured
from chaos.timeline.recording import Recording
from tests.recording_builder import FACTS, STACK, RecordingBuilder, ToyKill, judged
from tests.results import context

ITEMS = Degradation.model_validate(
    {"request": "GET /items", "status": 200, "header": {"X-Degraded": "stale"}}
)
READY = Degradation.model_validate({"request": "GET /ready", "status": 503})


def only(recording: Recording, params: Degradation = ITEMS) -> CheckResult:
    (result,) = judged(CHECK, recording, params).values()
    return result


def recorded() -> RecordingBuilder:
    return (
        RecordingBuilder().steady(10).fault(20, 44)
    )  # seen from 20.3, last seen at 43.3: judged from 23.3 to 43.3


def test_passes_when_the_answers_are_as_promised() -> None:
    result = only(recorded().load(20, 45, degraded="stale").end())
    assert result.outcome is Outcome.PASS
    assert result.actual == "400 of 400 answers as promised (100%)"
    assert result.evidence[0].text == "judged between 23.3 s and 43.3 s into the run"
    assert result.marks[0].fraction == 1.0


@pytest.mark.parametrize(
    ("answers", "seen"),
    [
        ({"status": 500}, "400 x not as promised: 500"),
        ({"status": 200}, "400 x not as promised: 200"),
        ({"status": 200, "degraded": "queued"}, "400 x not as promised: 200 degraded: queued"),
        ({"status": 0, "served": False, "error": "reset"}, "400 x not as promised: reset"),
    ],
    ids=["failed", "not marked", "marked otherwise", "no answer"],
)
def test_other_answers_fail_and_are_reported(answers: dict[str, object], seen: str) -> None:
    result = only(recorded().load(20, 45, **answers).end())  # type: ignore[arg-type]
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == 0.0
    assert seen in [evidence.text for evidence in result.evidence]


def test_a_share_just_below_loses_marks_in_proportion() -> None:
    recording = recorded().load(20, 45, degraded="stale", rate=19.7).load(20, 45, status=500, rate=0.3).end()
    result = only(recording)
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == pytest.approx(2 - 0.015 / 0.01, abs=0.1)


def test_a_share_that_is_missed_does_not_look_like_the_promised_one() -> None:
    recording = (
        recorded().load(20, 45, degraded="stale", rate=19.75).load(20, 45, status=500, rate=0.25).end()
    )
    result = only(recording)
    assert (result.outcome, result.actual) == (Outcome.FAIL, "394 of 399 answers as promised (98.7%)")
    missed = only(recording, ITEMS.model_copy(update={"share": 0.98749}))
    assert (missed.outcome, missed.actual) == (Outcome.FAIL, "394 of 399 answers as promised (98.747%)")
    (asked,) = CHECK.asks(recording.plan, ITEMS.model_copy(update={"share": 0.995}))
    assert "to 99.5% of the requests" in asked.expected


def test_what_clients_met_before_the_system_noticed_does_not_count() -> None:
    assert (
        only(recorded().load(20, 23, status=500).load(23, 45, degraded="stale").end()).outcome is Outcome.PASS
    )
    assert (
        only(recorded().load(20, 24, status=500).load(24, 45, degraded="stale").end()).outcome is Outcome.FAIL
    )
    patient = ITEMS.model_copy(update={"begins_within": 5.0})
    assert (
        only(recorded().load(20, 24, status=500).load(24, 45, degraded="stale").end(), patient).outcome
        is Outcome.PASS
    )


def test_what_was_served_while_the_fault_was_being_undone_does_not_count() -> None:
    assert only(recorded().load(20, 43.4, degraded="stale").load(43.4, 45).end()).outcome is Outcome.PASS


def test_too_few_answers_are_inconclusive() -> None:
    result = only(recorded().load(30, 30.4, degraded="stale").end())
    assert (result.outcome, result.marks[0].fraction) == (Outcome.INCONCLUSIVE, None)
    assert "only 8 answers" in result.actual


def test_other_requests_are_no_answers() -> None:
    assert (
        only(recorded().load(20, 45, name="POST /orders", degraded="stale").end()).outcome
        is Outcome.INCONCLUSIVE
    )


@pytest.mark.parametrize(
    "recording",
    [
        RecordingBuilder().steady(10).load(5, 80, degraded="stale").end(),
        RecordingBuilder().steady(10).fault(20, 44, took_effect=False).load(5, 80, degraded="stale").end(),
        RecordingBuilder().steady(10).fault(20, None).load(5, 80, degraded="stale").cut(40),
    ],
    ids=["no fault", "no effect", "cut"],
)
def test_without_a_fault_seen_from_effect_to_end_nothing_is_known(recording: Recording) -> None:
    assert only(recording).outcome is Outcome.INCONCLUSIVE


def test_with_a_single_measurement_the_window_ends_at_the_undo() -> None:
    whole = recorded().load(20, 43.9, degraded="stale").end()
    first = next(e for e in whole.events if isinstance(e, FaultMeasured) and e.when == "during")
    kept = tuple(
        e for e in whole.events if not isinstance(e, FaultMeasured) or e.when != "during" or e is first
    )
    result = only(Recording(whole.plan, kept, whole.requests))
    assert result.outcome is Outcome.PASS
    assert result.evidence[0].text == "judged between 23.3 s and 44.0 s into the run"


def test_several_faults_have_a_window_each() -> None:
    twice = RecordingBuilder(steps=2).steady(10).fault(20, 30).fault(40, 50, index=1)
    twice.load(20, 30, degraded="stale").load(30, 40).load(40, 50, degraded="stale")
    result = only(twice.end())
    assert result.outcome is Outcome.PASS
    words = "judged between 23.3 s and 29.3 s into the run and 43.3 s and 49.3 s into the run"
    assert result.evidence[0].text == words
    assert result.evidence[0].at == pytest.approx(23.3, abs=0.01)


def test_a_path_that_the_load_does_not_ask_for_is_judged_by_its_probe() -> None:
    label = READY.probe_label
    assert only(recorded().probe(20, 45, True, label, status=503).end(), READY).outcome is Outcome.PASS
    wrong = only(recorded().probe(20, 45, False, label, status=200).end(), READY)
    assert wrong.outcome is Outcome.FAIL
    assert "200 x not as promised: status 200" in [e.text for e in wrong.evidence]
    assert only(recorded().load(20, 45).end(), READY).outcome is Outcome.INCONCLUSIVE


def probes(promise: dict[str, object], load: bool = True) -> list[str]:
    params = Degradation.model_validate({"status": 200, **promise})
    return [
        name
        for name, _ in CHECK.collects(
            params, context(RecordingBuilder(load=load).plan.scenario, STACK, FACTS)
        )
    ]


def test_a_probe_runs_only_where_the_load_cannot_show_it() -> None:
    assert probes({"request": "GET /items", "header": {"x-degraded": "stale"}}) == []
    assert probes({"request": "GET /ready"}) == ["degradation: GET /ready"]
    assert probes({"request": "GET /items?page=1", "body": {"stale": True}}) == [
        "degradation: GET /items?page=1"
    ]
    assert probes({"request": "GET /items", "header": {"Retry-After": "1"}}) == ["degradation: GET /items"]
    assert probes({"request": "GET /items"}, load=False) == ["degradation: GET /items"]
    assert probes({"request": "POST /orders"}) == []


def test_the_probe_asks_for_all_that_was_promised() -> None:
    params = Degradation.model_validate(
        {
            "request": "GET /state?full=1",
            "status": 200,
            "header": {"Retry-After": "1"},
            "body": {"level": "degraded"},
        }
    )
    ((_, collected),) = CHECK.collects(params, context(RecordingBuilder().plan.scenario, STACK, FACTS))
    assert isinstance(collected, HttpProbe)
    condition = collected.condition
    assert (condition.service, condition.method, condition.path) == ("web", "GET", "/state?full=1")
    assert condition.status == (200,)
    assert condition.header == {"Retry-After": "1"}
    assert condition.body == ({"level": "degraded"},)


def asked(
    hold: str, rate: float, pace: float | None = None, **promise: object
) -> tuple[list[Objection], list[str]]:
    """What is said beforehand of a promise to an order, which is a fifth of the load."""
    scenario = RecordingBuilder().plan.scenario
    assert scenario.load is not None
    step = ToyKill.model_validate({"at": "1m", "for": hold})
    load = scenario.load.model_copy(update={"rate": Rate(per_second=rate)})
    scenario = scenario.model_copy(update={"timeline": (step,), "load": load})
    params = Degradation.model_validate({"request": "POST /orders", "status": 202, **promise})
    where = context(scenario, STACK, FACTS, pace)
    return list(CHECK.problems(params, where)), list(CHECK.remarks(params, where))


def test_a_fault_that_leaves_too_few_answers_is_refused_with_a_remedy_that_is_true() -> None:
    """15 s, of which 3 s may pass until answers settle and 1 to 2 s after the last measurement."""
    ((_, message, fix),), _ = asked("15s", rate=4)
    assert "11s are left of 15s" in message
    assert "at 0.2 of the load of 4/s that is 9 answers at best, and 10 are needed" in message
    assert fix == "write for: 20s or more, or a rate of 5/s or more"
    assert asked("20s", rate=4) == ([], [])
    assert asked("15s", rate=5) == ([], [])


def test_where_it_depends_on_the_last_measurement_it_is_said_in_the_plan() -> None:
    objections, (remark,) = asked("15s", rate=4.5)
    assert objections == []
    assert "9 answers for certain, and 10 are needed" in remark


def test_a_promised_time_of_nearly_the_whole_fault_leaves_little_to_judge_slow_answers_by() -> None:
    objections, (remark,) = asked("24s", rate=20, within="20s")
    assert objections == []
    assert "answers that take the whole promised 20s can hardly be judged" in remark
    assert "of 24s 0s are left in which they can be asked for" in remark
    assert remark.endswith("write for: 30s or more")
    assert asked("30s", rate=20, within="20s") == ([], [])


def test_what_is_left_is_reckoned_at_the_pace() -> None:
    assert asked("5m", rate=20) == ([], [])
    assert asked("5m", rate=20, pace=20)[0] == []
    ((_, message, fix),), _ = asked("5m", rate=20, pace=60)
    assert "cannot be judged at pace 60: 1s are left of 5s" in message
    assert fix == "write for: 7m30s or more, or a lower --pace"


def test_a_promise_that_begins_after_the_fault_is_refused() -> None:
    for (found,), _ in (asked("15s", 200, begins_within="20s"), asked("15s", 200, fresh_for="1m")):
        assert "0s are left of 15s" in found.message


def test_a_promise_while_nothing_is_broken_is_refused() -> None:
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"timeline": ()})
    ((_, message, _),) = CHECK.problems(ITEMS, context(scenario, STACK, FACTS))
    assert message.startswith("nothing is broken")


def test_how_long_a_procedure_takes_is_not_guessed() -> None:
    step = ToyKill.model_validate({"at": "1m", "answer": "restore"})
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"timeline": (step,)})
    assert list(CHECK.problems(ITEMS, context(scenario, STACK, FACTS))) == []
    assert list(CHECK.remarks(ITEMS, context(scenario, STACK, FACTS))) == []


def test_a_promise_that_no_one_could_see_is_refused() -> None:
    scenario = RecordingBuilder().plan.scenario
    for promise in (
        {"request": "POST /other", "status": 503},
        {"request": "POST /orders", "status": 202, "body": {"a": 1}},
    ):
        params = Degradation.model_validate(promise)
        ((loc, message, fix),) = CHECK.problems(params, context(scenario, STACK, FACTS))
        assert loc == ("request",)
        assert "changes something" in message
        assert fix
    closed = STACK.model_copy(update={"links": {as_link("web->dep"): 8080}})
    idle = RecordingBuilder(load=False).plan.scenario
    assert [m for _, m, _ in CHECK.problems(READY, context(idle, closed, FACTS))] == [
        "a probe is needed, but no link leads from clients into the stack"
    ]
    assert list(CHECK.problems(ITEMS, context(scenario, STACK, FACTS))) == []
    assert list(CHECK.problems(READY, context(scenario, STACK, FACTS))) == []
