"""What happened before the first fault is not about it: it detects nothing and earns nothing."""

from __future__ import annotations

import pytest

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.deadlines import TOO_EARLY, Status, deadlines
from chaos.gameday.debrief import debrief
from chaos.gameday.machine_events import FaultState
from chaos.gameday.model import GameDay
from chaos.gameday.phases import phase_spans
from chaos.gameday.policy import read_policy
from chaos.gameday.predictions import compare, facts_of
from chaos.gameday.response_score import PartName
from chaos.model.scenario import Severity
from tests.gamedays import BEGAN, ScriptedDay

POLICY = read_policy()
PLAN = GameDay.model_validate(
    {
        "gameday": "toy-day",
        "title": "Toys",
        "scenarios": [{"scenario": "a.yaml", "severity": "SEV2"}],
    }
)
RUNBOOKS = {"07-cache": "1. Look.\n", "01-database": "1. Ask.\n"}


def false_alarm() -> ScriptedDay:
    """An alert that fires and resolves before the fault at 60 s; the fault's own alert fires at 180 s."""
    day = ScriptedDay()
    day.machine(machine.AlertNotified, 10, alert="DatabaseDown", firing=True, runbook="01-database")
    day.machine(machine.AlertNotified, 20, alert="DatabaseDown", firing=False, runbook="01-database")
    day.runs()
    return day


def test_an_alert_before_the_fault_does_not_detect_it() -> None:
    day = false_alarm()
    day.says("rob", people.Predicted, -10, alert="DatabaseDown", minutes=2)
    day.says("sam", people.Predicted, -10, alert="CacheDown", minutes=2)
    day.machine(machine.SlotEnded, 600)
    state = day.state()
    slot = state.slots[0]
    facts = facts_of(slot, state.clock)
    assert (facts.alert, facts.minutes, slot.detected) == ("CacheDown", 2.0, BEGAN + 180)
    assert [(one.author, one.right_alert) for one in compare(slot, state.clock)] == [
        ("rob", False),
        ("sam", True),
    ]


def test_the_runbook_of_an_alert_before_the_fault_is_not_asked_for() -> None:
    day = false_alarm()
    day.says("rob", people.StepTicked, 300, runbook="01-database", step=1, result="worked")
    assert fidelity(day) == 0.0
    day.says("rob", people.StepTicked, 310, runbook="07-cache", step=1, result="worked")
    assert fidelity(day) == 1.0


def fidelity(day: ScriptedDay) -> float | None:
    [slot] = debrief(day.events, PLAN, POLICY, ("a",), RUNBOOKS).slots
    return next(part.share for part in slot.score.parts if part.name is PartName.RUNBOOK)


@pytest.mark.parametrize("kind", [people.Noticed, people.Acknowledged])
def test_a_person_who_enters_something_before_the_fault_has_not_noticed_it(
    kind: type[people.Noticed | people.Acknowledged],
) -> None:
    day = false_alarm()
    day.says("rob", kind, 15)
    day.says("cleo", people.Declared, 300, severity="SEV2")
    day.machine(machine.SlotEnded, 2400)
    state = day.state()
    slot = state.slots[0]
    assert (slot.human, slot.detected) == (None, BEGAN + 180)
    [told] = debrief(day.events, PLAN, POLICY, ("a",), RUNBOOKS).slots
    parts = {part.name: part for part in told.score.parts}
    assert (parts[PartName.NOTICE].share, parts[PartName.NOTICE].detail) == (None, TOO_EARLY)
    lengths = {span.name: span.policy for span in phase_spans(slot, state.clock)}
    assert lengths["discover"] == 240  # until the declaration
    respond = next(one for one in told.deadlines if one.name == "respond")
    if kind is people.Acknowledged:
        assert parts[PartName.ACKNOWLEDGE].share is None
        assert (respond.status, respond.met, respond.detail) == (Status.NOT_APPLICABLE, None, TOO_EARLY)
    else:
        assert parts[PartName.ACKNOWLEDGE].share == 0.0
        assert respond.status is Status.LATE


def test_a_viewer_who_may_not_see_the_fault_has_every_alert() -> None:
    day = false_alarm()
    day.events = [event for event in day.events if not isinstance(event, machine.FaultChanged)]
    slot = day.state().slots[0]
    assert slot.first_alert is not None
    assert slot.first_alert.alert == "DatabaseDown"
    found = deadlines(slot, POLICY, day.state().clock, BEGAN + 900, Severity.SEV2)
    assert found[0].start == BEGAN + 10


def test_the_first_of_several_faults_counts() -> None:
    day = false_alarm()
    day.machine(machine.FaultChanged, 400, fault="container.kill db", index=1, state=FaultState.INJECTED)
    assert day.state().slots[0].detected == BEGAN + 180
