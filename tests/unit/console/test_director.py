"""A day is conducted from its journal: presses, injects, holds, aborts and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.console.entries import Refused
from chaos.gameday.event_base import Role
from chaos.gameday.fold import Stage
from chaos.gameday.projections import Viewer
from tests.console import Hosted, hosted
from tests.fakes import ManualClock

FAY, CLEO, ROB, SAM = Role.FACILITATOR, Role.COMMANDER, Role.RESPONDER, Role.SCRIBE


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def day(tmp_path: Path, clock: ManualClock) -> Iterator[Hosted]:
    made = hosted(tmp_path, clock)
    yield made
    made.director.journal.close()


async def settle() -> None:
    """Let what other threads and tasks said arrive."""
    for _ in range(5):
        await asyncio.sleep(0)


async def play(day: Hosted) -> None:
    day.enter("fay", FAY, "slot_asked")
    day.run.breaks()
    await settle()


def cards(day: Hosted) -> list[str]:
    slot = day.director.state.slots[0]
    return [card.words for card in slot.cards]


async def test_the_same_press_twice_is_one_event_and_two_people_are_two(day: Hosted) -> None:
    await play(day)
    day.enter("rob", ROB, "acknowledged", key="k")
    day.enter("rob", ROB, "acknowledged", key="k")
    day.enter("cleo", CLEO, "acknowledged", key="k")
    kinds = [event.event for event in day.director.journal.events]
    assert kinds.count("acknowledged") == 2


async def test_two_presses_of_play_start_one_run(day: Hosted) -> None:
    await play(day)
    with pytest.raises(Refused, match="running"):
        day.enter("fay", FAY, "slot_asked", key="other tab")
    assert len(day.runs.started) == 1


async def test_injects_come_when_they_are_due_and_once(day: Hosted, clock: ManualClock) -> None:
    await play(day)
    await clock.advance(4 * 60 / 20 - 0.1)
    day.director.tick()
    assert cards(day) == []
    await clock.advance(0.2)
    day.director.tick()
    day.director.tick()
    assert cards(day) == ["secret-call from a customer"]
    await clock.advance(4 * 60 / 20)
    day.director.tick()
    assert cards(day)[1:] == ["secret-hint"]


async def test_a_condition_that_does_not_hold_plays_no_hint(day: Hosted, clock: ManualClock) -> None:
    await play(day)
    day.enter("cleo", CLEO, "declared", severity="SEV2")
    await clock.advance(10 * 60 / 20)
    day.director.tick()
    assert "secret-hint" not in cards(day)


async def test_after_a_hold_an_inject_is_exactly_that_much_later(day: Hosted, clock: ManualClock) -> None:
    await play(day)
    await clock.advance(5.0)
    day.enter("fay", FAY, "held", words="coffee")
    await clock.advance(100.0)
    day.director.tick()
    assert cards(day) == []
    day.enter("fay", FAY, "continued")
    assert day.run.calls == ["hold", "resume"]
    await clock.advance(6.9)
    day.director.tick()
    assert cards(day) == []
    await clock.advance(0.2)
    day.director.tick()
    assert len(cards(day)) == 1


async def test_out_of_order_and_skipped_injects(day: Hosted, clock: ManualClock) -> None:
    await play(day)
    day.enter("fay", FAY, "inject_played", index="2")
    day.enter("fay", FAY, "inject_skipped", index="0")
    await clock.advance(5 * 60 / 20)
    day.director.tick()
    assert cards(day) == ["secret-late"]
    assert day.director.state.slots[0].cards[0].to == (Role.SCRIBE,)
    with pytest.raises(Refused, match="already"):
        day.enter("fay", FAY, "inject_played", index="2")
    day.enter("fay", FAY, "fault_asked")
    assert day.run.calls == ["inject_now"]


async def test_an_abort_undoes_everything_and_ends_the_day(day: Hosted) -> None:
    await play(day)
    day.enter("fay", FAY, "aborted")
    await settle()
    state = day.director.state
    assert day.run.calls == ["abort"]
    assert state.stage is Stage.ABORTED
    assert state.slots[0].faults[-1].state.value == "undone"
    with pytest.raises(Refused):
        day.enter("fay", FAY, "slot_asked")


async def test_a_scenario_ends_when_its_run_and_its_people_are_done(day: Hosted, clock: ManualClock) -> None:
    await play(day)
    day.run.ends()
    await settle()
    day.director.tick()
    stages = [day.director.state.stage]
    day.enter("cleo", CLEO, "resolved")
    day.director.tick()
    stages.append(day.director.state.stage)
    assert stages == [Stage.RUNNING, Stage.BETWEEN]
    day.enter("fay", FAY, "slot_asked")
    day.run.breaks()
    day.run.ends()
    await settle()
    await clock.advance(30 * 60 / 20 + 1)
    day.director.tick()
    assert day.director.state.stage is Stage.FINISHED


async def test_a_restart_continues_where_the_journal_ends(tmp_path: Path, clock: ManualClock) -> None:
    first = hosted(tmp_path / "day", clock)
    first.enter("rob", ROB, "predicted", alert="CacheDown")
    await play(first)
    first.enter("rob", ROB, "noticed", key="k", words="slow")
    before = first.director.state
    first.director.journal.close()  # the process was killed

    again = hosted(tmp_path / "day", clock, first.kept)
    again.enter("rob", ROB, "noticed", key="k", words="slow")  # the browser repeats what got no answer
    state = again.director.state
    assert state.slots[0].noticed == before.slots[0].noticed
    assert [event.event for event in again.director.journal.events].count("noticed") == 1
    judged = state.slots[0].judged
    assert judged is not None
    assert "server ended" in judged.reason
    again.director.tick()
    assert again.director.state.stage is Stage.BETWEEN
    again.director.journal.close()


async def test_a_correction_says_by_how_many_minutes_its_event_was_earlier(
    day: Hosted, clock: ManualClock
) -> None:
    await play(day)
    await clock.advance(300.0)
    day.enter("rob", ROB, "noticed", words="slow")
    noticed = day.director.state.slots[0].noticed
    assert noticed is not None
    day.enter("rob", ROB, "corrected", target=noticed.id, minutes_earlier="1.5", words="typed late")
    moved = day.director.state.slots[0].noticed
    assert moved is not None
    assert moved.at == noticed.at - 90
    with pytest.raises(Refused, match="minutes"):
        day.enter("rob", ROB, "corrected", target=noticed.id, minutes_earlier="soon")


async def test_bad_entries_are_refused_and_write_nothing(day: Hosted) -> None:
    await play(day)
    count = len(day.director.journal)
    for action, fields in (
        ("declared", {"severity": "SEV9"}),
        ("declared", {"severity": "SEV1", "id": "x"}),
        ("slot_judged", {}),
        ("noticed", {"words": "x" * 5000}),
        ("corrected", {"target": "nothing"}),
    ):
        with pytest.raises(Refused):
            day.enter("cleo", CLEO, action, **fields)
    with pytest.raises(Refused, match="only these roles"):
        day.enter("rob", ROB, "held")
    assert len(day.director.journal) == count


async def test_finishing_undoes_a_run_that_goes_on(day: Hosted) -> None:
    await play(day)
    await day.director.finish("the server ends")
    assert day.run.calls == ["abort"]
    assert day.director.state.slots[0].judged is not None


async def test_the_test_alert_is_shown_when_it_arrived_and_holds_up_the_first_scenario(day: Hosted) -> None:
    day.enter("fay", FAY, "drill_alert_asked")
    with pytest.raises(Refused, match="still running"):
        day.enter("fay", FAY, "slot_asked", key="too early")
    with pytest.raises(Refused, match="still running"):
        day.enter("fay", FAY, "drill_alert_asked", key="again")
    assert day.director.state.drill_alert_under_way
    day.alarm.heard.set()
    await settle()
    state = day.director.seen_by(Viewer("rob", ROB)).state()
    assert state.drill_alert is not None
    assert (state.drill_alert.state.value, state.drill_alert.channels) == ("arrived", ("chat", "pager"))
    assert not state.drill_alert_under_way
    await play(day)
    with pytest.raises(Refused, match="running"):
        day.enter("fay", FAY, "drill_alert_asked", key="while it runs")


async def test_a_test_alert_that_the_server_did_not_survive_is_unknown(
    tmp_path: Path, clock: ManualClock
) -> None:
    first = hosted(tmp_path / "day", clock)
    first.enter("fay", FAY, "drill_alert_asked")
    await first.director.finish("the server ends")
    first.director.journal.close()
    again = hosted(tmp_path / "day", clock, first.kept)
    seen = again.director.state.drill_alert
    assert seen is not None
    assert (seen.state.value, again.director.state.drill_alert_under_way) == ("unknown", False)
    again.director.journal.close()
