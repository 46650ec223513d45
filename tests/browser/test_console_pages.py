"""A game day in real browsers: two people from predictions to debrief, and what goes wrong meanwhile.

The runs need no engine. Each test has a server of its own, in a process that can be killed.
"""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chaos.gameday.event_base import Role
from chaos.gameday.journal import FILE_NAME, read_journal
from tests.browser import console_steps as steps
from tests.browser.chromium import Page, chromium
from tests.browser.console_steps import PATIENCE, audit, enter, reach, says, until, wait

pytestmark = pytest.mark.browser

PHONE = 390
FAY, CLEO, ROB = Role.FACILITATOR, Role.COMMANDER, Role.RESPONDER


@dataclass
class Host:
    """The server's process; ``kill`` ends it as a crash does, ``start`` starts it again for the same day."""

    folder: Path
    port: int = 0
    tokens: dict[str, str] | None = None
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.browser.console_host", str(self.folder), str(self.port)]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.port, self.tokens = ready["port"], ready["tokens"]

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def events(self) -> list[str]:
        return [event.event for event in read_journal(self.folder / FILE_NAME)]

    def join(self, page: Page, role: Role, width: int = 1280) -> None:
        assert self.tokens is not None
        steps.join(page, self.url(f"/#t={self.tokens[role.value]}"), role, width)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path / "day")
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A second person's browser, with cookies of its own."""
    with chromium(tmp_path_factory.mktemp("other")) as opened:
        yield opened


def wait_for(host: Host, kind: str, count: int = 1) -> None:
    wait(lambda: host.events().count(kind) >= count, lambda: (kind, host.events()))


def test_two_people_play_from_prediction_to_debrief(host: Host, page: Page, other: Page) -> None:
    host.join(page, FAY)
    host.join(other, ROB)
    assert host.tokens is not None
    assert not any(token in url for token in host.tokens.values() for url in page.requests if "#" not in url)
    assert page.ask("location.hash") == ""
    other.visit(host.url("/incident"))
    enter(other, "predicted", alert="CacheDown", minutes="4", words="errors")
    says(other, "sealed until the debrief")
    for number in (1, 2):
        enter(page, "slot_asked")
        says(other, "CacheDown")
        whole = other.ask("document.documentElement.outerHTML").lower()
        assert [word for word in ("secret", "container.kill", "471108151234567") if word in whole] == []
        says(page, "container.kill secret-cache: proven")
        enter(other, "acknowledged", -1)  # the alert's own button is gone once it is resolved
        enter(other, "step_ticked", result="did not work", words="no shell")
        enter(other, "stuck", missing="access")
        enter(other, "mitigated", words="restarted it")
        says(page, "The run ended: PASS")
        enter(other, "resolved", words="it answers")
        wait_for(host, "slot_ended", number)
    enter(page, "revealed")
    says(other, "The plan is revealed")
    other.visit(host.url("/debrief"))
    other.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    text = other.ask("document.body.innerText")
    for part in ("secret-cache goes down", "container.kill secret-cache", "no shell", "min without access"):
        assert part in text
    assert audit(other, 1280) == []
    other.ask("document.querySelector('a[href^=\"/moment/\"]').click()")
    says(other, "Two seconds around")
    assert page.complaints == []
    assert other.complaints == []


def test_drafts_follow_the_record_and_keep_what_was_typed(host: Host, page: Page, other: Page) -> None:
    host.join(page, FAY)
    host.join(other, CLEO)
    other.visit(host.url("/incident"))
    other.ask("document.getElementById('p-message').open = true")
    enter(page, "slot_asked")
    text = "document.querySelector('#draft-{} textarea')?.value"
    until(other, f"{text.format('internal_alert')}?.includes('severity not declared')")
    typed = "DRILL. We know of it."
    other.ask(f"document.querySelector('#draft-management textarea').value = {json.dumps(typed)}")
    enter(other, "declared", severity="SEV2")
    until(other, f"{text.format('internal_alert')}?.includes('SEV2')")
    assert other.ask(text.format("management")) == typed
    until(other, "document.querySelector('#clocks').innerText.includes('Escalate without progress')")
    enter(other, "escalated", to="the team lead")
    until(other, "document.querySelector('#clocks').innerText.includes('Answer to the escalation')")
    says(page, "Expectations")
    enter(page, "expectation_judged", words="nobody rang")
    says(page, "nobody rang")


def test_hold_stops_the_clocks_and_resume_goes_on(host: Host, page: Page) -> None:
    host.join(page, FAY)
    enter(page, "slot_asked")
    says(page, "proven")
    enter(page, "held")
    says(page, "Held.")
    assert page.ask("document.querySelectorAll('[data-due]').length") == 0
    enter(page, "continued")
    until(page, "!document.body.innerText.includes('Held.')")
    assert host.events().count("held") == host.events().count("continued") == 1


def test_abort_is_one_button_and_undoes_everything(host: Host, page: Page) -> None:
    host.join(page, FAY)
    enter(page, "slot_asked")
    says(page, "proven")
    enter(page, "aborted")
    says(page, "Everything is undone")
    says(page, "container.kill secret-cache: undone")


def test_after_the_server_was_killed_nothing_is_lost_or_doubled(host: Host, page: Page) -> None:
    host.join(page, FAY)
    enter(page, "slot_asked")
    says(page, "proven")
    host.join(page, ROB)
    page.visit(host.url("/incident"))
    enter(page, "note_added", words="before the crash")
    wait_for(host, "note_added")
    host.kill()
    until(page, "!document.getElementById('lost').hidden")
    enter(page, "note_added", words="while it was away")
    says(page, "Waiting for the connection")
    host.start()
    wait_for(host, "note_added", 2)
    until(page, "document.getElementById('lost').hidden")
    says(page, "while it was away")
    assert host.events().count("note_added") == 2


def test_a_script_in_a_note_is_text(host: Host, page: Page) -> None:
    host.join(page, FAY)
    page.visit(host.url("/control"))
    note = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    enter(page, "note_added", words=note)
    says(page, "<img src=x onerror=")
    assert "owned" not in page.ask("document.title")
    assert page.ask("document.querySelectorAll('main img, main script').length") == 0
    script = "const s = document.createElement('script'); s.textContent = 'document.title = `owned`'"
    page.ask(f"(() => {{ {script}; document.body.append(s); }})()")
    assert "owned" not in page.ask("document.title")


def test_a_wrong_token_is_refused_in_words(host: Host, page: Page) -> None:
    page.call("Network.clearBrowserCookies")
    page.visit(host.url("/"))
    page.ask("document.querySelector('[name=name]').value = 'Eve'")
    page.ask("document.querySelector('[name=token]').value = 'guessed'")
    page.ask("document.querySelector('.join').submit()")
    says(page, "not for this game day")
    page.visit(host.url("/control"))
    says(page, "Join the game day")


def test_two_presses_at_once_are_two_people_and_one_run(host: Host, page: Page, other: Page) -> None:
    host.join(page, FAY)
    host.join(other, FAY)
    press = "document.querySelector('form[action=\"/act/slot_asked\"] button').click()"
    page.ask(press)
    other.ask(press)
    page.ask("document.querySelector('form[action=\"/act/slot_asked\"] button')?.click()")
    says(page, "proven")
    assert host.events().count("slot_started") == 1


def test_everything_can_be_done_with_the_keyboard(host: Host, page: Page) -> None:
    host.join(page, FAY)
    enter(page, "slot_asked")
    says(page, "proven")
    host.join(page, ROB)
    page.visit(host.url("/incident"))
    reach(page, "document.activeElement.matches('#p-noticed > summary')")
    page.press("Enter", 13, "\r")
    reach(page, "document.activeElement.matches('#p-noticed input[name=words]')")
    page.type("it is slow")
    page.press("Enter", 13, "\r")
    wait_for(host, "noticed")
    until(page, "document.activeElement.matches('#p-noticed > summary')")
    says(page, "it is slow")


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_pages_fit_and_pass_the_accessibility_audit(host: Host, page: Page, width: int) -> None:
    host.join(page, FAY, width)
    problems: dict[str, list[str]] = {"control before": audit(page, width)}
    enter(page, "slot_asked")
    says(page, "proven")
    problems["control"] = audit(page, width)
    host.join(page, CLEO, width)
    problems["lobby"] = audit(page, width)
    page.visit(host.url("/incident"), width)
    says(page, "CacheDown")
    enter(page, "declared", severity="SEV2")
    says(page, "Internal alert")
    problems["incident"] = audit(page, width)
    assert {name: found for name, found in problems.items() if found} == {}


def session(host: Host, name: str) -> str:
    """The cookie of somebody who joined as a facilitator."""
    assert host.tokens is not None
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=PATIENCE)
    body = urlencode({"name": name, "token": host.tokens[FAY.value]})
    connection.request("POST", "/session", body, {"Content-Type": "application/x-www-form-urlencoded"})
    return str(connection.getresponse().headers["set-cookie"]).partition(";")[0]


@contextmanager
def streams(host: Host, people: int, tabs: int) -> Iterator[list[Any]]:
    """Event streams that are open at once: so many tabs of each of the people; the first is never read."""
    opened = []
    for cookie in [session(host, f"p{number}") for number in range(people)] * tabs:
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=PATIENCE)
        connection.request("GET", "/stream", headers={"Cookie": cookie})
        opened.append(connection.getresponse())
    try:
        yield opened
    finally:
        for answer in opened:
            answer.close()


def test_twenty_event_streams_hear_of_a_press_and_one_that_does_not_read_delays_nobody(
    host: Host, page: Page
) -> None:
    host.join(page, FAY)
    with streams(host, people=10, tabs=2) as opened:
        assert {answer.status for answer in opened} == {200}
        for number in range(3):
            enter(page, "note_added", words=f"note {number}")
            wait_for(host, "note_added", number + 1)
        for answer in opened[1:]:
            seen = ""
            while "note 2" not in seen:
                seen = answer.readline().decode()
                assert seen
    says(page, "note 2")
