"""Blind mode: before the reveal, participants receive no word of the plan."""

from __future__ import annotations

import pytest

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.event_base import Role
from chaos.gameday.events import EVENT
from chaos.gameday.fold import fold
from chaos.gameday.projections import Viewer, projection
from tests.gamedays import ROLE_OF, ScriptedDay

PARTICIPANTS = [Viewer(name, role) for name, role in ROLE_OF.items() if role is not Role.FACILITATOR]
# Each of these words is part of the plan, or private to another participant.
PLAN = (
    "SECRET",
    "container.kill",
    "471108151234567",
    "vendor-hotline",
    "rob-predicts",
    "day_drawn",
    "fault_",
    "timeline_began",
    "slot_judged",
    "expectation",
    "inject_skipped",
    "slot_asked",
    "slot_closed",
    "123.25",
)


def blind_day() -> ScriptedDay:
    """A day with every kind of event. Each event that participants may not see has a word of the plan."""
    day = ScriptedDay(slots=2)
    day.events[1] = day.events[1].model_copy(update={"delays": (123.25, 0.0)})
    day.says("rob", people.Predicted, 1, alert="rob-predicts", words="SECRET of rob")
    day.says("fay", people.SlotAsked, 2)
    day.runs()
    day.fault(70, machine.FaultState.PROVEN)
    day.says("fay", people.FaultAsked, 75)
    day.says("fay", people.InjectPlayed, 80, index=1, to=("facilitator",), words="vendor-hotline SECRET")
    day.says("fay", people.InjectSkipped, 81, index=0, words="SECRET")
    day.says("fay", people.NoteAdded, 82, private=True, words="SECRET note")
    note = day.says("fay", people.ExpectationJudged, 83, index=0, met=False, words="SECRET")
    day.says("fay", people.Corrected, 84, target=note.id, words="SECRET")
    day.says("fay", people.Held, 85, words="SECRET because")
    day.says("fay", people.Continued, 86)
    day.says("cleo", people.Declared, 200, severity="SEV2", words="it is down")
    day.says("rob", people.NoteAdded, 210, words="for all")
    day.machine(machine.RunReported, 220, text="SECRET line")
    day.machine(machine.SlotEnded, 300)
    day.machine(machine.SlotJudged, 300, outcome="FAIL", folder="SECRET-folder", exit_code=1)
    day.says("fay", people.SlotClosed, 305)
    day.says("fay", people.SlotSkipped, 310, words="SECRET")
    day.machine(machine.ServerStarted, 320)
    return day


@pytest.mark.parametrize("viewer", PARTICIPANTS, ids=lambda viewer: viewer.role.value)
def test_no_word_of_the_plan_reaches_a_participant(viewer: Viewer) -> None:
    seen = projection(blind_day().events, viewer)
    text = EVENT.dump_json(seen[0]).decode() + "".join(event.model_dump_json() for event in seen)
    own = {"rob-predicts", "SECRET of rob"} if viewer.name == "rob" else set()
    for word in own:
        text = text.replace(word, "")
    assert [word for word in PLAN if word in text] == []
    assert "it is down" in text
    assert "for all" in text
    assert repr(fold(seen)).count("SECRET") == (2 if viewer.name == "rob" else 0)


@pytest.mark.parametrize("viewer", PARTICIPANTS, ids=lambda viewer: viewer.role.value)
def test_after_the_reveal_everybody_sees_everything(viewer: Viewer) -> None:
    day = blind_day()
    day.says("fay", people.Revealed, 400)
    assert projection(day.events, viewer) == tuple(day.events)


def test_the_facilitator_and_an_observer_who_may_see_everything() -> None:
    day = blind_day()
    assert projection(day.events, Viewer("fay", Role.FACILITATOR)) == tuple(day.events)
    assert projection(day.events, Viewer("olga", Role.OBSERVER, sees_all=True)) == tuple(day.events)


def test_every_kind_of_event_is_in_the_blind_day_or_plainly_public() -> None:
    """A new kind of event must be added to the day above, or to ``public`` if everybody may see it."""
    public = {
        "Joined", "Heard", "Noticed", "Acknowledged", "DutyTaken", "Escalated", "Answered", "StepTicked",
        "Decided", "Stuck", "Unstuck", "Mitigated", "Resolved", "MessageSent", "Aborted", "Revealed",
        "HealthSeen", "ClientsSeen", "DrillAlertAsked", "DrillAlertReported",
    }  # fmt: skip
    used = {type(event).__name__ for event in blind_day().events}
    kinds = {
        name
        for name in EVENT.json_schema()["$defs"]
        if hasattr(people, name) or hasattr(machine, name)
        if hasattr(getattr(people, name, None) or getattr(machine, name, None), "by")
    }
    assert kinds - used - public == set()


def test_a_card_reaches_the_roles_that_it_is_addressed_to() -> None:
    day = ScriptedDay()
    day.runs()
    day.says("fay", people.InjectPlayed, 90, index=3, to=("commander",), words="a call", key="inject-0-3")
    for viewer in PARTICIPANTS:
        cards = fold(projection(day.events, viewer)).slots[0].cards
        assert [card.words for card in cards] == (["a call"] if viewer.role is Role.COMMANDER else [])
        assert [card.index for card in cards if card.index is not None] == []
        assert "inject-0" not in "".join(card.key for card in cards)


def test_ids_do_not_count_hidden_events() -> None:
    day = blind_day()
    ids = [event.id for event in day.events]
    assert len(set(ids)) == len(ids)
    assert ids != sorted(ids)
