"""The web server: who gets in, what a request must carry, and what no page and no stream may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from chaos.console.access import COOKIE, keep_secrets
from chaos.console.server import LONGEST_BODY
from chaos.console.streams import MOST_AT_ONCE
from chaos.gameday.event_base import PEOPLE, Role
from chaos.gameday.projections import Viewer
from chaos.on_call import Duty, Rota
from chaos.on_call.model import Handoff, Person
from tests.console import DAY, Hosted, hosted
from tests.fakes import ManualClock

HOST = "http://127.0.0.1:8765"
PARTICIPANTS = (Role.COMMANDER, Role.RESPONDER, Role.SCRIBE, Role.OBSERVER)


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Hosted]:
    made = hosted(tmp_path, ManualClock())
    yield made
    made.director.journal.close()


def client(day: Hosted) -> TestClient:
    return TestClient(day.console.app(("127.0.0.1",)), base_url=HOST, follow_redirects=False)


def joined(day: Hosted, role: Role, name: str = "") -> TestClient:
    browser = client(day)
    answer = browser.post("/session", data={"name": name or role.value, "token": day.kept.tokens[role]})
    assert answer.status_code == 303, answer.text
    return browser


def form_of(browser: TestClient, page: str = "incident") -> dict[str, str]:
    text = browser.get(f"/{page}").text
    found = re.search(r'name="form_token" value="(\w+)"', text)
    assert found, text
    return {"form_token": found[1], "key": "k1"}


def press(browser: TestClient, action: str, form: dict[str, str], **more: str) -> int:
    answer = browser.post(
        f"/act/{action}", data={**form, **more}, headers={"accept": "application/json", "origin": HOST}
    )
    return int(answer.status_code)


async def play(day: Hosted) -> None:
    day.enter("fay", Role.FACILITATOR, "slot_asked")
    day.run.breaks()
    day.run.alerts()
    await ManualClock().advance(0)


def test_a_token_becomes_a_cookie_that_scripts_cannot_read(day: Hosted) -> None:
    browser = client(day)
    token = day.kept.tokens[Role.RESPONDER]
    answer = browser.post("/session", data={"name": "Rob", "token": token})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in answer.headers["location"]
    assert token not in answer.headers["set-cookie"]
    assert browser.get("/incident").status_code == 200
    assert browser.get("/control").status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "ä" * 30])
def test_a_wrong_token_gets_nothing_and_many_are_too_many(day: Hosted, token: str) -> None:
    browser = client(day)
    answer = browser.post("/session", data={"name": "Eve", "token": token})
    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    codes = {browser.post("/session", data={"name": "Eve", "token": "x"}).status_code for _ in range(25)}
    assert 429 in codes
    assert day.director.state.people == ()


def test_without_a_session_there_is_no_page_no_stream_and_no_entry(day: Hosted) -> None:
    browser = client(day)
    for page in ("lobby", "control", "incident", "debrief"):
        assert browser.get(f"/{page}").headers["location"] == "/"
        assert browser.get(f"/part/{page}").headers["location"] == "/"
    assert browser.get("/stream").status_code == 401
    assert browser.post("/act/noticed", data={}).status_code == 401
    browser.cookies.set(COOKIE, "forged")
    assert browser.get("/stream").status_code == 401
    assert browser.get("/static/..%2Fserver.py").status_code == 404


async def test_an_entry_needs_the_form_s_token_and_the_right_origin_and_host(day: Hosted) -> None:
    await play(day)
    browser = joined(day, Role.RESPONDER)
    form = form_of(browser)
    assert press(browser, "noticed", {**form, "form_token": "0" * 64}, words="x") == 403
    for origin in ("http://evil.example", "http://[", "null"):
        foreign = {"origin": origin, "accept": "application/json"}
        assert browser.post("/act/noticed", data={**form, "words": "x"}, headers=foreign).status_code == 403
    no_origin = {"sec-fetch-site": "cross-site"}
    assert browser.post("/act/noticed", data={**form, "words": "x"}, headers=no_origin).status_code == 403
    assert browser.get("/incident", headers={"host": "evil.example"}).status_code == 403
    assert day.director.state.slots[0].noticed is None
    assert press(browser, "noticed", form, words="x") == 200
    assert press(browser, "noticed", form, words="x") == 200
    assert [event.event for event in day.director.journal.events].count("noticed") == 1
    assert press(browser, "held", {**form, "key": "k2"}) == 409


async def test_one_name_of_a_field_may_be_a_text_or_a_list(day: Hosted) -> None:
    await play(day)
    commander, control = joined(day, Role.COMMANDER), joined(day, Role.FACILITATOR)
    assert press(commander, "escalated", form_of(commander), to="the team lead") == 200
    form = {**form_of(control, "control"), "words": "a call"}
    both = control.post("/act/inject_played", data={**form, "to": ["scribe", "commander"]})
    assert both.status_code == 303
    slot = day.director.state.slots[0]
    assert slot.escalated is not None
    assert slot.escalated.to == "the team lead"
    assert slot.cards[-1].to == (Role.SCRIBE, Role.COMMANDER)


async def test_every_answer_has_the_policy_and_a_script_in_a_note_stays_text(day: Hosted) -> None:
    await play(day)
    browser = joined(day, Role.RESPONDER, "<img src=x>")
    note = "<script>alert(1)</script>"
    assert press(browser, "note_added", form_of(browser), words=note) == 200
    for path in ("/", "/lobby", "/incident", "/part/incident", "/nowhere", "/static/console.js"):
        policy = browser.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    text = browser.get("/incident").text
    assert note not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<img src=x>" not in text


@pytest.mark.parametrize("role", PARTICIPANTS, ids=lambda role: role.value)
async def test_no_page_and_no_stream_of_a_participant_holds_a_word_of_the_plan(
    day: Hosted, role: Role
) -> None:
    day.enter("fay", Role.FACILITATOR, "predicted", alert="secret-guess")
    await play(day)
    day.enter("fay", Role.FACILITATOR, "note_added", private="true", words="secret-note")
    day.enter("fay", Role.FACILITATOR, "expectation_judged", index="0", met="false")
    day.enter("fay", Role.FACILITATOR, "held", words="secret-reason")
    day.enter("fay", Role.FACILITATOR, "continued")
    browser = joined(day, role)
    day.enter("cleo", Role.COMMANDER, "declared", severity="SEV2")
    texts = [browser.get(path).text for path in ("/lobby", "/incident", "/debrief", "/part/incident")]
    stream = day.console.hub.stream(lambda: day.director.seen_by(Viewer(role.value, role)), "p-0", gap=0)
    texts += [(await anext(stream)).decode() for _ in range(2)]
    await stream.aclose()
    assert "CacheDown" in texts[1]
    whole = "\n".join(texts).lower()
    assert "declared sev2" in whole
    for word in ("secret", "container.kill", "471108151234567", "injected", "expectation", "inject"):
        assert word not in whole
    assert browser.get("/moment/0/1").status_code == 403


async def test_after_the_reveal_the_debrief_is_open_to_all(day: Hosted) -> None:
    await play(day)
    day.run.ends()
    await ManualClock().advance(0)
    day.enter("cleo", Role.COMMANDER, "resolved")
    day.director.tick()
    day.enter("fay", Role.FACILITATOR, "revealed")
    browser = joined(day, Role.RESPONDER)
    text = browser.get("/debrief").text
    for part in (
        "secret-cache goes down",
        "container.kill",
        "secret-expectation",
        "Predictions against facts",
    ):
        assert part in text
    assert "container.kill" in browser.get("/moment/0/1.5").text


async def test_a_stream_continues_after_the_last_event_and_asks_a_slow_one_to_reload(day: Hosted) -> None:
    await play(day)
    viewer = Viewer("rob", Role.RESPONDER)

    async def after(last: str) -> str:
        stream = day.console.hub.stream(lambda: day.director.seen_by(viewer), last, gap=0)
        await anext(stream)
        found = (await anext(stream)).decode()
        await stream.aclose()
        return found

    version = day.director.seen_by(viewer).version
    assert await after(version) == ": alive\n\n"
    day.enter("cleo", Role.COMMANDER, "note_added", words="news")
    assert "news" in await after(version)
    assert "event: reload" in await after("r-3")
    assert "event: reload" in await after("p-9999")
    for number in range(MOST_AT_ONCE + 1):
        day.enter("cleo", Role.COMMANDER, "note_added", words=str(number))
    assert "event: reload" in await after(version)
    assert day.console.hub.count == 0


async def test_twenty_streams_each_hear_of_every_press_and_one_that_does_not_read_delays_nobody(
    day: Hosted,
) -> None:
    await play(day)
    viewers = [Viewer(f"p{number}", Role.RESPONDER) for number in range(20)]
    streams = [
        day.console.hub.stream(partial(day.director.seen_by, viewer), "", gap=0, heartbeat=5)
        for viewer in viewers
    ]
    for stream in streams:
        await anext(stream)
        await anext(stream)
    for number in range(5):
        day.enter("cleo", Role.COMMANDER, "note_added", words=f"note {number}")
        for stream in streams[1:]:
            assert f"note {number}" in (await anext(stream)).decode()
    assert "note 4" in (await anext(streams[0])).decode()
    for stream in streams:
        await stream.aclose()


def test_the_facilitator_sees_the_plan_and_its_buttons(day: Hosted) -> None:
    browser = joined(day, Role.FACILITATOR)
    text = browser.get("/control").text
    assert "secret-cache goes down" in text
    assert "Play the next scenario" in text


ROTA = Rota(
    name="toys",
    time_zone="UTC",
    handoff=Handoff(weekday=0, at=time(9)),
    starts=date(2020, 1, 6),
    people={"alba": Person(name="Alba"), "bruno": Person(name="Bruno"), "dora": Person(name="Dora")},
    rotations={Duty.PRIMARY: ("alba",), Duty.SECONDARY: ("bruno",), Duty.COMMANDER: ("dora",)},
)


async def test_who_is_on_call_stands_in_the_lobby_and_at_the_clocks(day: Hosted) -> None:
    day.director.plan = replace(
        day.director.plan, rota=ROTA, day=DAY.model_copy(update={"on_call": "on-call.yaml"})
    )
    await play(day)
    browser = joined(day, Role.COMMANDER)
    lobby = words_of(browser.get("/lobby").text)
    assert "Primary: Alba Secondary: Bruno Commander: Dora" in lobby
    day.enter("cleo", Role.COMMANDER, "declared", severity="SEV1")
    day.enter("cleo", Role.COMMANDER, "escalated", to="Bruno")
    incident = words_of(browser.get("/incident").text)
    assert "Respond (primary: Alba): open" in incident
    assert "Escalate at once (commander: Dora): met" in incident
    assert "Answer to the escalation (secondary: Bruno): open" in incident
    assert "On call as secondary: Bruno" in incident


def words_of(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split()).replace(" :", ":")


async def test_drafts_and_notes_of_expectations_come_with_the_changing_parts(day: Hosted) -> None:
    scribe, control = joined(day, Role.SCRIBE), joined(day, Role.FACILITATOR)
    assert "appear when a scenario runs" in scribe.get("/part/incident").text
    await play(day)
    assert "severity not declared: alert CacheDown" in scribe.get("/part/incident").text
    day.enter("cleo", Role.COMMANDER, "declared", severity="SEV2")
    assert "SEV2: alert CacheDown" in scribe.get("/part/incident").text
    assert 'id="drafts"' not in joined(day, Role.RESPONDER).get("/part/incident").text
    form = form_of(control, "control")
    assert press(control, "expectation_judged", form, index="0", met="false", words="no one asked") == 200
    shown = words_of(control.get("/part/control").text)
    assert "Not met: secret-expectation" in shown
    assert "no one asked" in shown


def test_every_page_says_that_it_is_a_drill(day: Hosted) -> None:
    stranger, browser = client(day), joined(day, Role.FACILITATOR)
    pages = [stranger.get("/").text, stranger.post("/session", data={"token": "x"}).text]
    pages += [browser.get(f"/{page}").text for page in ("lobby", "incident", "control", "debrief")]
    pages += [browser.post("/act/continued", data=form_of(browser, "control")).text]
    for text in pages:
        assert "<strong>DRILL</strong>" in text
        assert "<title>DRILL" in text


def test_secrets_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    kept = keep_secrets(tmp_path, PEOPLE)
    assert keep_secrets(tmp_path, PEOPLE) == kept
    assert (tmp_path / "access.json").stat().st_mode & 0o077 == 0
    assert len(set(kept.tokens.values())) == len(PEOPLE)


def test_a_name_belongs_to_one_role(day: Hosted) -> None:
    joined(day, Role.RESPONDER, "Kim")
    joined(day, Role.RESPONDER, "Kim")  # a second tab
    answer = client(day).post("/session", data={"name": "Kim", "token": day.kept.tokens[Role.SCRIBE]})
    assert answer.status_code == 409
    assert len(day.director.state.people) == 1


@pytest.mark.parametrize("name", ["GameDay", "a\x1b[2Jb", "Rob\u200b", "\u202eboR"])
def test_a_name_is_not_that_of_the_program_and_hides_no_characters(day: Hosted, name: str) -> None:
    answer = client(day).post("/session", data={"name": name, "token": day.kept.tokens[Role.SCRIBE]})
    assert answer.status_code == 400
    assert day.director.state.people == ()


def test_a_body_that_is_too_long_or_has_too_many_fields_is_refused(day: Hosted) -> None:
    browser = joined(day, Role.RESPONDER)
    for path in ("/session", "/act/note_added"):
        assert browser.post(path, content="words=" + "a" * LONGEST_BODY).status_code == 413
        assert browser.post(path, content="&".join(f"a{n}=1" for n in range(60))).status_code == 400


@pytest.mark.parametrize("at", ["nan", "inf", "-inf", "1e400", "x"])
def test_a_moment_is_a_finite_instant(day: Hosted, at: str) -> None:
    browser = joined(day, Role.RESPONDER)
    day.enter("fay", Role.FACILITATOR, "revealed")
    assert browser.get(f"/moment/0/{at}").status_code == 400
    assert browser.get(f"/moment/{'9' * 5000}/1.5").status_code == 400
    assert browser.get("/moment/0/1.5").status_code == 200


@pytest.mark.parametrize("index", ["²", "1" * 5000, "-1", "99"])
async def test_an_impossible_number_of_an_inject_or_expectation_is_refused(day: Hosted, index: str) -> None:
    await play(day)
    browser = joined(day, Role.FACILITATOR)
    form = form_of(browser, "control")
    assert press(browser, "inject_played", form, index=index) == 409
    assert press(browser, "inject_skipped", form, index=index) == 409
    assert press(browser, "expectation_judged", form, index=index, met="true") == 409
    assert browser.get("/control").status_code == 200


@pytest.mark.parametrize("field", ["new_at", "minutes_earlier"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1e300", "1e300", "0x"])
async def test_an_event_cannot_be_moved_out_of_the_day(day: Hosted, field: str, value: str) -> None:
    await play(day)
    browser = joined(day, Role.RESPONDER)
    form = form_of(browser)
    assert press(browser, "noticed", form, words="x") == 200
    target = day.director.journal.events[-1].id
    assert press(browser, "corrected", {**form, "key": "k2"}, target=target, **{field: value}) == 409
    assert browser.get("/incident").status_code == 200


async def test_a_key_of_another_entry_is_refused_and_drops_nothing_silently(day: Hosted) -> None:
    await play(day)
    browser = joined(day, Role.RESPONDER)
    form = form_of(browser)
    assert press(browser, "noticed", form, words="x") == 200
    assert press(browser, "mitigated", form, words="x") == 409
    assert press(browser, "mitigated", {**form, "key": "k2"}, words="x") == 200


async def test_a_message_stays_a_drill_s_when_it_is_corrected(day: Hosted) -> None:
    await play(day)
    browser = joined(day, Role.SCRIBE)
    form = form_of(browser)
    sent = {"template": "status", "channel": "chat"}
    assert press(browser, "message_sent", form, words="DRILL: we look into it", **sent) == 200
    target = day.director.journal.events[-1].id
    for key, words in (("k2", "we look into it"), ("k3", "DRILL: write to someone@real-company.com")):
        assert press(browser, "corrected", {**form, "key": key}, target=target, new_words=words) == 409
    assert press(browser, "corrected", {**form, "key": "k4"}, target=target, new_words="DRILL: done") == 200


async def test_a_correction_reveals_no_more_than_what_it_corrects(day: Hosted) -> None:
    day.enter("fay", Role.FACILITATOR, "slot_skipped", words="secret-reason")
    target = day.director.journal.events[-1].id
    day.enter(
        "fay", Role.FACILITATOR, "corrected", target=target, words="secret-why", new_words="secret-word"
    )
    for role in PARTICIPANTS:
        browser = joined(day, role)
        assert all("secret" not in browser.get(f"/{page}").text for page in ("lobby", "incident"))
        seen = day.director.seen_by(Viewer(role.value, role)).events
        assert "secret" not in "".join(event.model_dump_json() for event in seen)
