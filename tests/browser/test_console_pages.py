"""A game day in real browsers: two people from predictions to debrief, and what goes wrong meanwhile.

The runs need no engine. Each test has a server of its own, in a process that can be killed.
"""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaos.gameday.event_base import Role
from chaos.gameday.journal import FILE_NAME, read_journal
from tests.browser.chromium import Page, chromium

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PATIENCE = 20.0  # seconds for something that takes less than one on a quiet machine
PHONE = 390
STEP = 0.05
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
        page.call("Network.clearBrowserCookies")
        page.requests.clear()
        page.complaints.clear()
        page.visit("about:blank")
        page.visit(self.url(f"/#t={self.tokens[role.value]}"), width)
        page.ask(f"document.querySelector('[name=name]').value = '{role.value}'")
        page.ask("document.querySelector('.join').submit()")
        until(page, "!!document.body?.dataset.page")


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


def until(page: Page, condition: str) -> None:
    """Wait until a condition holds in the page; fails with what the page shows instead."""
    wait(lambda: bool(page.ask(condition)), lambda: f"{condition}\n{page.ask('document.body.innerText')}")


def wait(holds: Callable[[], bool], seen: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, seen()
        time.sleep(STEP)


def says(page: Page, text: str) -> None:
    until(page, f"document.body?.innerText.includes({json.dumps(text)})")


def enter(page: Page, action: str, which: int = 0, **fields: str) -> None:
    """Fill in a form of the page and press its button, as a mouse does."""
    script = f"""(() => {{
      const form = [...document.querySelectorAll('form[action="/act/{action}"]')][{which}];
      if (!form) return false;
      for (const one of [form.closest('details.panel'), form.closest('details')]) if (one) one.open = true;
      const fields = {json.dumps(fields)};
      for (const name in fields) form.elements[name].value = fields[name];
      form.querySelector('button').click();
      return true;
    }})()"""
    until(page, script)


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
        enter(other, "acknowledged", 1)
        enter(other, "step_ticked", result="did not work", words="no shell")
        enter(other, "stuck", missing="access")
        enter(other, "mitigated", words="restarted it")
        says(page, "The run ended: PASS")
        enter(other, "resolved", words="it answers")
        wait_for(host, "slot_ended", number)
    enter(page, "revealed")
    says(other, "The plan is revealed")
    other.visit(host.url("/debrief"))
    text = other.ask("document.body.innerText")
    for part in ("secret-cache goes down", "container.kill secret-cache", "no shell", "min without access"):
        assert part in text
    assert audit(other, 1280) == []
    other.ask("document.querySelector('a[href^=\"/moment/\"]').click()")
    says(other, "Two seconds around")
    assert page.complaints == []
    assert other.complaints == []


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
    says(page, "not one of this game day")
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


def reach(page: Page, focused: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(60):
        page.press("Tab", 9)
        if page.ask(focused):
            return
    raise AssertionError(f"Tab never led to {focused}")


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


def audit(page: Page, width: int) -> list[str]:
    """What axe finds, and what is wider than the screen."""
    page.ask(AXE.read_text(encoding="utf-8") + "; 0")
    found: Any = page.ask(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>"
        " `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')}`))"
    )
    if page.ask("document.documentElement.scrollWidth") > width:
        found.append("it is wider than the screen")
    return [str(one) for one in found]


@contextmanager
def streams(host: Host, cookie: str, count: int) -> Iterator[list[Any]]:
    """``count`` event streams that are open at once; the first is never read."""
    opened = []
    for _ in range(count):
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
    cookies = page.call("Network.getCookies")["cookies"]
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    with streams(host, cookie, 20) as opened:
        for number in range(3):
            enter(page, "note_added", words=f"note {number}")
            wait_for(host, "note_added", number + 1)
        for answer in opened[1:]:
            seen = ""
            while "note 2" not in seen:
                seen = answer.readline().decode()
                assert seen
    says(page, "note 2")
