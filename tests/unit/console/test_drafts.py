"""Drafts of messages are filled from the record, and each is one that may be sent in a drill."""

from __future__ import annotations

from chaos.console.drafts import plain_drafts
from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.rules import refusal
from tests.console import DAY
from tests.gamedays import ScriptedDay, entry


def test_every_draft_can_be_sent_as_it_is_and_holds_the_facts() -> None:
    day = ScriptedDay(slots=2)
    day.runs()
    day.machine(machine.ClientsSeen, 200, answered=9, error_rate=0.25)
    day.says("cleo", people.Declared, 210, severity="SEV1")
    day.says("cleo", people.DutyTaken, 215, duty="incident commander", person="Cleo")
    day.says("cleo", people.Decided, 220, choice="fail over")
    state = day.state()
    drafts = {draft.template: draft for draft in plain_drafts(state, state.slots[0])}
    for draft in drafts.values():
        sent = entry(
            "sam", people.MessageSent, 230, template=draft.template, channel=draft.channel, words=draft.text
        )
        assert refusal(sent, state, DAY) == ""
    for fact in ("SEV1", "alert CacheDown", "Commander: Cleo", "25 %", "30 minutes"):
        assert fact in drafts["internal_alert"].text
    assert "fail over" in drafts["management"].text


def test_the_commander_is_whoever_has_the_role_until_somebody_takes_the_duty() -> None:
    day = ScriptedDay()
    day.runs()
    day.says("cleo", people.Joined, 10)
    day.machine(machine.ClientsSeen, 200, answered=9, error_rate=0.001)
    state = day.state()
    text = next(iter(plain_drafts(state, state.slots[0]))).text
    assert "Commander: cleo" in text
    assert "all requests were served so far" in text


def test_what_is_not_known_says_so() -> None:
    day = ScriptedDay()
    day.machine(machine.SlotStarted, 0)
    state = day.state()
    text = next(iter(plain_drafts(state, state.slots[0]))).text
    assert "an unknown time" in text
    assert "severity not declared" in text
