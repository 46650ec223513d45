"""Deadlines, expectations, phases, predictions and the response score, computed from hand-written days."""

from __future__ import annotations

import pytest

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.deadlines import DeadlineKind, ResponseDeadline, Status, deadlines
from chaos.gameday.expectations import ExpectationOutcome, expectation_states
from chaos.gameday.model import Escalate, ExpectedAction
from chaos.gameday.phases import phase_spans
from chaos.gameday.policy import read_policy
from chaos.gameday.predictions import compare, facts_of
from chaos.gameday.response_score import PartName, Prescribed, response_score
from chaos.model.scenario import Severity
from tests.gamedays import BEGAN, ScriptedDay

POLICY = read_policy()
MINUTE = 60.0


def due_of(day: ScriptedDay, now: float, **more: object) -> dict[str, ResponseDeadline]:
    state = day.state()
    found = deadlines(state.slots[0], POLICY, state.clock, BEGAN + now, **more)  # type: ignore[arg-type]
    return {one.name: one for one in found}


def detected(severity: str = "SEV2") -> ScriptedDay:
    """A day with a fault after 1 minute, the detection at 3 and the declaration at 5."""
    day = ScriptedDay()
    day.runs()
    day.says("cleo", people.Declared, 5 * MINUTE, severity=severity)
    return day


def test_the_figures_are_those_of_the_incident_guide() -> None:
    assert POLICY.severities[Severity.SEV1].respond_within == 15 * MINUTE
    assert POLICY.communication[Severity.SEV1]["internal_alert"] == 10 * MINUTE
    assert POLICY.communication[Severity.SEV2]["management"] == 120 * MINUTE
    assert POLICY.escalation.secondary_answers_within == 30 * MINUTE


def test_no_deadline_runs_before_detection_and_declaration() -> None:
    day = ScriptedDay()
    day.runs()
    assert due_of(day, 240) == {}
    assert due_of(day, 240, deserved=Severity.SEV2) != {}


@pytest.mark.parametrize(
    ("sent", "now", "status"),
    [(None, 20, Status.OPEN), (20, 21, Status.MET), (None, 34, Status.LATE), (34, 40, Status.LATE)],
)
def test_a_message_is_due_from_the_detection(sent: float | None, now: float, status: Status) -> None:
    day = detected()
    if sent is not None:
        day.says(
            "sam", people.MessageSent, sent * MINUTE, template="internal_alert", channel="chat", words="DRILL"
        )
    found = due_of(day, now * MINUTE)["internal alert"]
    assert found.status is status
    assert found.due == BEGAN + 33 * MINUTE


def test_a_state_of_a_template_meets_its_deadline() -> None:
    day = detected()
    day.says("sam", people.MessageSent, 600, template="status_page_investigating", channel="p", words="DRILL")
    assert due_of(day, 601)["status page"].status is Status.MET


def test_after_a_hold_it_is_due_exactly_that_much_later() -> None:
    day = detected()
    day.hold(400, 460)
    assert due_of(day, 500)["internal alert"].due == BEGAN + 33 * MINUTE + 60


def test_a_deadline_in_words_and_one_after_the_end_do_not_apply() -> None:
    day = detected()
    day.machine(machine.SlotEnded, 20 * MINUTE)
    found = due_of(day, 3000 * MINUTE)
    assert found["customer email"].status is Status.NOT_APPLICABLE
    assert found["management"].status is Status.NOT_APPLICABLE


def test_updates_must_follow_each_other() -> None:
    day = detected("SEV1")
    for minute in (10, 35, 80):
        day.says("sam", people.MessageSent, minute * MINUTE, template="update", channel="chat", words="DRILL")
    day.says("cleo", people.Resolved, 90 * MINUTE)
    found = due_of(day, 91 * MINUTE)
    assert [found[f"update {number}"].status for number in (1, 2, 3)] == [
        Status.MET,
        Status.LATE,
        Status.MET,
    ]


def test_escalation_by_severity_by_incident_and_by_time() -> None:
    assert due_of(detected("SEV1"), 400)["escalate at once"].status is Status.OPEN
    assert due_of(detected("SEV1"), 1200)["escalate at once"].status is Status.LATE
    by_incident = due_of(detected(), 400, escalate=Escalate(after="15m", to="the lead"))
    assert by_incident["escalate to the lead"].due == BEGAN + 18 * MINUTE
    day = detected()
    day.says("cleo", people.Escalated, 600, to="secondary")
    found = due_of(day, 700)
    assert found["escalate without progress"].status is Status.MET
    assert found["answer to the escalation"].due == BEGAN + 600 + 30 * MINUTE
    day.says("cleo", people.Answered, 800)
    assert due_of(day, 900)["answer to the escalation"].status is Status.MET


def test_an_expired_expectation_is_not_met() -> None:
    expected = (
        ExpectedAction(what="legal was consulted", by="10m"),
        ExpectedAction(what="escalated", by="15m", confirm="escalated"),
    )
    day = detected()

    def standings(now: float) -> list[ExpectationOutcome]:
        state = day.state()
        return [
            one.standing for one in expectation_states(state.slots[0], expected, state.clock, BEGAN + now)
        ]

    assert standings(599) == [ExpectationOutcome.OPEN, ExpectationOutcome.OPEN]
    assert standings(601) == [ExpectationOutcome.NOT_MET, ExpectationOutcome.OPEN]
    day.says("cleo", people.Escalated, 700, to="lead")
    day.says("fay", people.ExpectationJudged, 650, index=0, met=True)
    assert standings(2000) == [ExpectationOutcome.NOT_MET, ExpectationOutcome.MET]
    day.events[-1] = day.events[-1].model_copy(update={"at": BEGAN + 500})
    assert standings(2000) == [ExpectationOutcome.MET, ExpectationOutcome.MET]


def test_phases_and_predictions_against_facts() -> None:
    day = ScriptedDay(pace=2.0)
    day.says("rob", people.Predicted, -10, alert="cachedown", minutes=5, words="errors")
    day.says("sam", people.Predicted, -10, alert="Other", minutes=60, words="nothing")
    day.runs()
    day.machine(machine.ClientsSeen, 100, answered=5, error_rate=0.4, latency_p95=1.5)
    day.says("rob", people.Noticed, 200)
    day.says("rob", people.Mitigated, 300)
    day.says("cleo", people.Resolved, 360)
    day.machine(machine.SlotEnded, 400)
    state = day.state()
    slot = state.slots[0]
    lengths = {span.name: span.policy for span in phase_spans(slot, state.clock)}
    assert lengths == {"trigger": 120, "discover": 280, "respond": 200, "recover": 120, "debrief": 80}
    facts = facts_of(slot, state.clock)
    assert (facts.alert, facts.minutes, facts.errors, facts.latency) == ("CacheDown", 4.0, 0.4, 1.5)
    assert [(one.author, one.right_alert, one.within_factor_two) for one in compare(slot, state.clock)] == [
        ("rob", True, True),
        ("sam", False, False),
    ]


FIRST_TWO = Prescribed("07", frozenset({1, 2}))


def score_of(day: ScriptedDay, prescribed: Prescribed | None = FIRST_TWO) -> dict[str, float | None]:
    state = day.state()
    slot = state.slots[0]
    now = BEGAN + 30 * MINUTE
    due = deadlines(slot, POLICY, state.clock, now, Severity.SEV2)
    expected = expectation_states(slot, (ExpectedAction(what="x", by="10m"),), state.clock, now)
    found = response_score(slot, POLICY, state.clock, due, expected, Severity.SEV2, prescribed)
    assert found.total is None or 0 <= found.total <= 100
    return {part.name: part.share for part in found.parts}


def test_a_message_is_a_message_whatever_the_policy_calls_it() -> None:
    communication = {Severity.SEV2: {"answer_to_the_press": 10 * MINUTE, "respond": 20 * MINUTE}}
    policy = POLICY.model_copy(update={"communication": communication})
    state = detected().state()
    slot, now = state.slots[0], BEGAN + 25 * MINUTE
    due = deadlines(slot, policy, state.clock, now)
    messages = [one.name for one in due if one.kind is DeadlineKind.MESSAGE]
    assert messages == ["answer to the press", "respond"]
    parts = response_score(slot, policy, state.clock, due, (), Severity.SEV2, None).parts
    details = {part.name: part.detail for part in parts}
    assert details[PartName.COMMUNICATION] == "0 of 2 met"


def test_a_good_response_gets_full_marks_and_hints_cost_only_the_noticing() -> None:
    day = detected()
    day.says("rob", people.Noticed, 200)
    day.says("rob", people.Acknowledged, 210)
    day.says("rob", people.StepTicked, 300, runbook="07", step=1, result="worked")
    day.says("rob", people.StepTicked, 310, runbook="07", step=2, result="skipped", words="not needed")
    day.says("fay", people.ExpectationJudged, 400, index=0, met=True)
    day.machine(machine.SlotEnded, 25 * MINUTE)
    shares = score_of(day)
    assert {name: share for name, share in shares.items() if share is not None} == {
        "time to acknowledge": 1.0,
        "people against machine": 1.0,
        "declared severity": 1.0,
        "runbook fidelity": 1.0,
        "expectations": 1.0,
    }
    day.says("fay", people.InjectPlayed, 190, hint=True, words="look")
    assert score_of(day)["people against machine"] == 0.0


def test_only_the_prescribed_steps_of_the_alerts_own_runbook_count() -> None:
    day = detected()
    day.says("rob", people.StepTicked, 300, runbook="07", step=1, result="worked")
    day.says("rob", people.StepTicked, 310, runbook="03", step=1, result="skipped")
    day.says("rob", people.StepTicked, 320, runbook="03", step=2, result="worked")
    day.says("rob", people.StepTicked, 330, runbook="07", step=9, result="worked")
    day.machine(machine.SlotEnded, 25 * MINUTE)
    assert score_of(day)["runbook fidelity"] == 0.5


def test_a_poor_response_loses_marks_and_what_did_not_apply_is_not_asked() -> None:
    day = detected("SEV3")
    day.machine(machine.SlotEnded, 25 * MINUTE)
    shares = score_of(day, prescribed=None)
    assert shares["time to acknowledge"] == 0.0
    assert shares["declared severity"] == 0.0
    assert shares["people against machine"] == 0.0
    assert shares["expectations"] == 0.0
    assert shares["runbook fidelity"] is None
