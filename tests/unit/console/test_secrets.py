"""A secret of the stack that somebody types stands in no file, page, stream or debrief of the day."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from chaos.app.gamedays.debrief import debriefs_of, write_debrief
from chaos.app.gamedays.secrets import hiding_of_day
from chaos.cli import main
from chaos.console.access import Secrets
from chaos.console.entries import Refused
from chaos.faults.container_kill import ContainerKill
from chaos.gameday.event_base import PEOPLE, Role
from chaos.gameday.events import freed
from chaos.gameday.load import load_game_day
from chaos.gameday.machine_events import DrillAlertReported, RunReported
from chaos.gameday.people_events import NoteAdded
from chaos.gameday.projections import Viewer
from chaos.redaction import Hiding
from tests.console import Hosted, hosted
from tests.fakes import ManualClock
from tests.runner_harness import plan
from tests.stored_days import keep_day, played
from tests.unit.test_house import ROOT

SECRET = "hunter2/ä&b"
KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})
FAY, CLEO, ROB, SAM = Role.FACILITATOR, Role.COMMANDER, Role.RESPONDER, Role.SCRIBE
HOST = "http://127.0.0.1:8765"


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Hosted]:
    made = hosted(tmp_path, ManualClock(), hide=Hiding((SECRET,)))
    yield made
    made.director.journal.close()


def readable(text: str) -> bool:
    """Does the secret stand in ``text``, however it is spelt?"""
    return any(one in text for one in (SECRET, html.escape(SECRET), quote(SECRET), "hunter2"))


async def test_every_text_that_a_person_may_enter_is_freed_of_it(day: Hosted) -> None:
    day.enter("fay", FAY, "slot_asked")
    day.enter("rob", ROB, "noticed", words=f"the password is {SECRET}")
    day.enter("rob", ROB, "acknowledged", alert=SECRET, words=SECRET)
    day.enter("rob", ROB, "stuck", missing="access", words=SECRET)
    day.enter(
        "rob", ROB, "step_ticked", runbook=SECRET, step="1", title=SECRET, result="worked", words=SECRET
    )
    day.enter("cleo", CLEO, "decided", options=SECRET, choice=SECRET, owner=SECRET, words=SECRET)
    day.enter("cleo", CLEO, "escalated", to=SECRET, words=SECRET)
    day.enter("cleo", CLEO, "duty_taken", duty="scribe", person=SECRET, previous=SECRET, words=SECRET)
    day.enter("sam", SAM, "message_sent", template=SECRET, channel=SECRET, words=f"DRILL {SECRET}")
    day.enter("fay", FAY, "inject_played", words=SECRET)
    day.enter("fay", FAY, "held", words=SECRET)
    day.enter("rob", ROB, "predicted" if day.director.state.next is None else "note_added", words=SECRET)
    noticed = day.director.state.slots[0].noticed
    assert noticed is not None
    day.enter("rob", ROB, "corrected", key=SECRET, target=noticed.id, new_words=SECRET, words=SECRET)
    day.enter("rob", ROB, "corrected", key=SECRET, target=noticed.id, new_words=SECRET, words=SECRET)
    journal = (day.director.journal.events[-1].model_dump_json(), str(day.director.journal.events))
    assert not any(readable(text) for text in journal)
    assert noticed.words == "the password is [redacted]"
    assert [event.event for event in day.director.journal.events].count("corrected") == 1


async def test_no_page_file_or_stream_shows_what_was_typed(day: Hosted, tmp_path: Path) -> None:
    day.enter("fay", FAY, "slot_asked")
    day.run.breaks()
    browser = TestClient(day.console.app(("127.0.0.1",)), base_url=HOST, follow_redirects=False)
    token = day.kept.tokens[ROB]
    browser.post("/session", data={"name": f"Rob {SECRET}", "token": token})
    day.enter("rob", ROB, "note_added", words=f"try {SECRET}")
    day.run.says(RunReported, text=f"refused: {SECRET}")
    await asyncio.sleep(0)
    pages = [browser.get(f"/{page}").text for page in ("lobby", "incident", "debrief")]
    assert "try [redacted]" in pages[1]
    assert "Rob [redacted]" in pages[0]
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(readable(text) for text in (*pages, *files))


async def test_a_stream_and_the_debrief_show_none(day: Hosted, tmp_path: Path) -> None:
    day.enter("fay", FAY, "slot_asked")
    viewer = Viewer("rob", ROB)
    stream = day.console.hub.stream(lambda: day.director.seen_by(viewer), "p-0", gap=0)
    day.enter("rob", ROB, "note_added", words=f"try {SECRET}")
    sent = [(await anext(stream)).decode() for _ in range(2)]
    await stream.aclose()
    assert "[redacted]" in sent[1]
    assert not readable("".join(sent))
    loaded = load_game_day(ROOT / "scenarios" / "gameday" / "two-hours.yaml", 20)
    source = debriefs_of(loaded, tmp_path)
    source.events = day.director.journal.events
    drawn = write_debrief(tmp_path, source).read_text(encoding="utf-8")
    assert "try [redacted]" in drawn
    assert not readable(drawn)


def test_the_post_mortem_of_the_day_shows_none(tmp_path: Path) -> None:
    script = played()
    script.says("rob", NoteAdded, 650, words=f"try {SECRET}")
    script.events = [freed(event, Hiding((SECRET,))) for event in script.events]
    folder = keep_day(tmp_path, script)
    assert main(["post-mortem", str(folder), "--into", str(tmp_path / "written")]) == 0
    [written] = (tmp_path / "written").iterdir()
    text = written.read_text(encoding="utf-8")
    assert "redacted" in text
    assert not readable(text)


def test_it_is_removed_from_lists_of_texts_as_well() -> None:
    script = played()
    script.machine(DrillAlertReported, 10, state="arrived", channels=("email", f"hook {SECRET}"))
    kept = freed(script.events[-1], Hiding((SECRET,)))
    assert isinstance(kept, DrillAlertReported)
    assert kept.channels == ("email", "hook [redacted]")


async def test_a_text_that_would_be_too_long_afterwards_is_refused(tmp_path: Path) -> None:
    short = hosted(tmp_path, ManualClock(), hide=Hiding(("abcd",)))
    short.enter("fay", FAY, "slot_asked")
    count = len(short.director.journal)
    with pytest.raises(Refused, match="4000"):
        short.enter("rob", ROB, "note_added", words="abcd" * 1000)
    assert len(short.director.journal) == count
    short.director.journal.close()


async def test_a_day_hides_what_its_runs_hide_and_its_own_tokens() -> None:
    kept = Secrets.new(PEOPLE)
    toy = plan(KILL)

    async def found(_: object) -> tuple[str, ...]:
        return (SECRET, toy.stack.stack)

    hide = await hiding_of_day([toy], found, kept, ["07-cache"])
    assert hide(f"{SECRET} {kept.tokens[FAY]}") == "[redacted] [redacted]"
    assert hide(toy.stack.stack) == toy.stack.stack
    assert hide("gameday") == "gameday"
