"""The state of a day, corrections, stages, conditions, and the events that each role may enter."""

from __future__ import annotations

import pytest

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.conditions import parse_condition
from chaos.gameday.event_base import Role
from chaos.gameday.events import EVENT
from chaos.gameday.fold import Stage
from chaos.gameday.model import GameDay
from chaos.gameday.rules import refusal, slot_of
from tests.gamedays import BEGAN, ScriptedDay, entry

DAY = GameDay.model_validate(
    {
        "gameday": "toy-day",
        "title": "Toys",
        "scenarios": [
            {"scenario": "a.yaml", "severity": "SEV2", "injects": [{"at": "1m", "card": "a call"}]},
            {"scenario": "b.yaml", "severity": "SEV2"},
        ],
    }
)


def test_the_first_of_each_counts_by_event_time_not_by_the_order_of_entry() -> None:
    day = ScriptedDay()
    day.runs()
    day.says("rob", people.Acknowledged, 300)
    early = day.says("cleo", people.Acknowledged, 200, entered=400)
    slot = day.state().slots[0]
    assert slot.acknowledged == early
    assert slot.detected == BEGAN + 180


def test_a_correction_changes_the_figures_and_both_stay_readable() -> None:
    day = ScriptedDay()
    day.runs()
    said = day.says("rob", people.Acknowledged, 300)
    day.says("rob", people.Corrected, 400, target=said.id, new_at=BEGAN + 190, words="typed late")
    state = day.state()
    acknowledged = state.slots[0].acknowledged
    assert acknowledged is not None
    assert acknowledged.at == BEGAN + 190
    found = next(one for one in state.entries if one.event.id == said.id)
    assert found.original == said
    assert found.corrections[0].words == "typed late"
    assert said in day.events


def test_what_is_void_does_not_count() -> None:
    day = ScriptedDay()
    day.runs()
    said = day.says("rob", people.Resolved, 300)
    day.says("fay", people.Corrected, 400, target=said.id, void=True)
    assert day.state().slots[0].resolved is None


def test_stuck_ends_by_its_author_or_with_the_run() -> None:
    day = ScriptedDay()
    day.runs()
    day.says("rob", people.Stuck, 200, missing="access")
    day.says("cleo", people.Stuck, 210, missing="owner")
    day.says("rob", people.Unstuck, 260)
    day.machine(machine.SlotEnded, 400)
    rob, cleo = day.state().slots[0].stuck
    assert (rob.end, cleo.end) == (BEGAN + 260, BEGAN + 400)


def test_the_stages_of_a_day() -> None:
    day = ScriptedDay(slots=2)
    seen = [day.state().stage]
    for slot in (0, 1):
        day.slot = slot
        day.machine(machine.SlotStarted, 100 * slot)
        seen.append(day.state().stage)
        day.machine(machine.SlotEnded, 100 * slot + 50)
        seen.append(day.state().stage)
    day.says("fay", people.Revealed, 300)
    seen.append(day.state().stage)
    assert seen == [
        Stage.LOBBY,
        Stage.RUNNING,
        Stage.BETWEEN,
        Stage.RUNNING,
        Stage.FINISHED,
        Stage.DEBRIEF,
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("declared", False),
        ("not declared", True),
        ("acknowledged", True),
        ("noticed", False),
        ("escalated", False),
        ("mitigated", False),
        ("not resolved", True),
        ("stuck", True),
        ("runbook step 2", True),
        ("runbook step 1", False),
        ("alert CacheDown firing", True),
        ("not alert CacheDown firing", False),
        ("alert Other firing", False),
        ("message status_page", True),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    day = ScriptedDay()
    day.runs()
    day.says("rob", people.Acknowledged, 200)
    day.says("rob", people.Stuck, 210, missing="log")
    day.says("rob", people.StepTicked, 220, runbook="07", step=2, result="worked")
    day.says("sam", people.MessageSent, 230, template="status_page", channel="page", words="DRILL")
    condition = parse_condition(text)
    assert str(condition) == text
    assert condition.holds(day.state().slots[0]) is holds


@pytest.mark.parametrize("text", ["declred", "__import__('os')", "", 3, "runbook step x", "not not declared"])
def test_anything_else_is_no_condition(text: object) -> None:
    with pytest.raises(ValueError, match="condition"):
        parse_condition(text)


def test_who_may_enter_what_and_when() -> None:
    day = ScriptedDay(slots=2)
    before = day.state()
    assert "no scenario" in refusal(entry("rob", people.Noticed, 1, slot=None), before, DAY)
    assert refusal(entry("rob", people.Predicted, 1), before, DAY) == ""
    day.runs()
    running = day.state()
    assert "sealed" in refusal(entry("rob", people.Predicted, 200), running, DAY)
    assert "only these roles" in refusal(entry("rob", people.Declared, 200, severity="SEV1"), running, DAY)
    assert "only these roles" in refusal(entry("olga", people.Noticed, 200), running, DAY)
    assert refusal(entry("cleo", people.Declared, 200, severity="SEV1"), running, DAY) == ""
    assert "DRILL" in refusal(
        entry("sam", people.MessageSent, 200, template="t", channel="c", words="down"), running, DAY
    )
    assert "not on hold" in refusal(entry("fay", people.Continued, 200), running, DAY)
    assert "running" in refusal(entry("fay", people.SlotAsked, 200), running, DAY)
    assert "injects" in refusal(entry("fay", people.InjectSkipped, 200, index=3), running, DAY)
    assert slot_of(people.Predicted, running) == 1
    assert slot_of(people.Noticed, running) == 0
    day.says("fay", people.InjectSkipped, 210, index=0)
    assert "already" in refusal(entry("fay", people.InjectPlayed, 220, index=0), day.state(), DAY)


def test_only_its_author_and_the_facilitator_correct_an_event_and_never_into_the_future() -> None:
    day = ScriptedDay()
    day.runs()
    said = day.says("rob", people.Noticed, 200)
    machine_said = day.events[-2]
    state = day.state()

    def refused(author: str, target: str, at: float = 250) -> str:
        event = entry(author, people.Corrected, 300, target=target, new_at=BEGAN + at)
        return refusal(event, state, DAY)

    assert refused("rob", said.id) == refused("fay", said.id) == ""
    assert "only its author" in refused("cleo", said.id)
    assert "future" in refused("rob", said.id, at=301)
    assert "gameday itself recorded" in refused("fay", machine_said.id)
    assert "unknown" in refused("rob", "0" * 16)


def test_every_event_says_who_may_cause_it_and_the_program_causes_the_machines_ones() -> None:
    for reference in EVENT.json_schema()["$defs"]:
        for module in (people, machine):
            kind = getattr(module, reference, None)
            if kind is not None and hasattr(kind, "by"):
                both = (people.InjectPlayed, people.Continued)
                assert (Role.GAMEDAY in kind.by) == (module is machine or kind in both)


@pytest.mark.parametrize(
    ("channel", "words", "refused"),
    [
        ("chat", "DRILL. It is down since 2026-11-27 21:45:03.", False),
        ("chat", "It is down.", True),
        ("email", "DRILL for ceo@corp.com", True),
        ("boss@corp.com", "DRILL", True),
        ("email", "DRILL for list@team.example and a@example.com", False),
        ("phone", "DRILL, call +49 30 1234567", True),
        ("phone", "DRILL, call 0049 30 1234567", True),
        ("email", "DRILL for drill@corp.com", False),
    ],
)
def test_an_outgoing_text_says_drill_and_names_no_real_address(
    channel: str, words: str, refused: bool
) -> None:
    day = ScriptedDay()
    day.runs()
    event = entry("sam", people.MessageSent, 200, template="t", channel=channel, words=words)
    allowed = DAY.model_copy(update={"allow_addresses": ("drill@corp.com",)})
    assert bool(refusal(event, day.state(), allowed)) is refused
