"""The two-hour game day at pace 20 on the real stack, in two browsers, from predictions to the debrief.

`make gameday-test` runs it. Its name keeps it out of `make test`: it takes about eight minutes.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from chaos.gameday.event_base import Role
from chaos.gameday.journal import FILE_NAME, read_journal
from chaos.gameday.machine_events import AlertNotified, FaultChanged, SlotJudged
from tests.browser import console_steps as steps
from tests.browser.chromium import Page, chromium
from tests.browser.console_steps import audit, enter, says, until, wait

pytestmark = [pytest.mark.containers, pytest.mark.browser]

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
DAY = ROOT / "scenarios" / "gameday" / "two-hours.yaml"
SCENARIOS = 3
STACK_STARTS = 180.0  # seconds; 40 on a quiet machine
RUN_ENDS = 300.0  # seconds; 90 on a quiet machine
FAY, CLEO = Role.FACILITATOR, Role.COMMANDER
FIRST_ALERTS = {"PMSCircuitBreakerOpen", "DatabaseDown", "HighOrchestrationLatency"}


@dataclass
class Hosted:
    """`gameday host` in a process of its own."""

    process: subprocess.Popen[str]
    reports: Path
    addresses: dict[str, str]

    @property
    def folder(self) -> Path:
        [found] = (self.reports / "gamedays").iterdir()
        return found

    def events(self, kind: type[T]) -> list[T]:
        return [event for event in read_journal(self.folder / FILE_NAME) if isinstance(event, kind)]

    def picture(self, page: Page, name: str) -> None:
        pictures = self.reports / "pictures"
        pictures.mkdir(exist_ok=True)
        page.picture(pictures / f"{name}.png", whole=True)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Hosted]:
    reports = tmp_path / "reports"
    command = [sys.executable, "-m", "chaos", "host", str(DAY), "--pace", "20", "--port", "0"]
    command += ["--seed", "1", "--reports", str(reports)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    addresses: dict[str, str] = {}
    for line in process.stdout:
        if found := re.match(r"  (\w+) +(http://\S+)", line):
            addresses[found[1]] = found[2]
        if line.startswith("Ctrl-C"):
            break
    try:
        yield Hosted(process, reports, addresses)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=RUN_ENDS)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "other") as opened:
        yield opened


def test_the_two_hour_day_from_predictions_to_the_debrief(host: Hosted, page: Page, other: Page) -> None:
    base = host.addresses[FAY.value].partition("/#")[0]
    steps.join(page, host.addresses[FAY.value], FAY)
    steps.join(other, host.addresses[CLEO.value], CLEO)
    confirm_the_path_of_pages(host, page, other, base)
    for number in range(1, SCENARIOS + 1):
        predict(other, base, number)
        page.visit(f"{base}/control")
        enter(page, "slot_asked")
        respond(host, page, other, number)
    enter(page, "revealed")
    says(other, "The plan is revealed")
    read_debrief(host, other, base)
    end(host)


def confirm_the_path_of_pages(host: Hosted, page: Page, other: Page, base: str) -> None:
    """The facilitator's test alert goes through the real Alertmanager, and everybody confirms the page."""
    page.visit(f"{base}/lobby")
    enter(page, "drill_alert_asked")
    says(other, "The test alert is under way")
    says(other, "The test alert arrived in chat, email, pager", STACK_STARTS)
    for one in (page, other):
        enter(one, "heard")
    until(other, "document.querySelectorAll('.people .good').length === 2")
    host.picture(page, "0-lobby")


def predict(other: Page, base: str, number: int) -> None:
    other.visit(f"{base}/incident")
    says(other, f"Your prediction for scenario {number}")
    enter(other, "predicted", alert="HighErrorRate", minutes="4", words="some errors")
    says(other, "sealed until the debrief")


def respond(host: Hosted, page: Page, other: Page, number: int) -> None:
    """The commander takes the alert, declares, informs, decides, mitigates; the facilitator confirms."""
    says(page, ": proven", STACK_STARTS)
    until(other, "!!document.querySelector('.alert.firing')", STACK_STARTS)
    whole = other.ask("document.documentElement.outerHTML").lower()
    assert [word for word in ("container.kill", "link.down", "nlp.slow", "spread") if word in whole] == []
    host.picture(page, f"{number}-control")
    enter(other, "acknowledged", -1, words="I look at it")
    enter(other, "declared", severity="SEV1", words="bookings fail")
    until(other, "document.querySelector('#draft-internal_alert textarea')?.value.includes('SEV1')")
    for draft in ("internal_alert", "status_page_investigating"):
        enter(other, "message_sent", draft=draft)
    enter(other, "escalated", to="the secondary", words="SEV1")
    enter(other, "answered", words="the secondary is here")
    enter(other, "step_ticked", result="worked", words="it is as the runbook says")
    enter(other, "decided", options="wait; restart", choice="follow the runbook", owner="commander")
    host.picture(other, f"{number}-incident")
    if page.ask("!!document.querySelector('form.judge')"):
        enter(page, "expectation_judged", words="seen in the room")
    enter(other, "stuck", missing="metric", words="no graph of the dependency")
    enter(other, "unstuck", words="found it")
    enter(other, "mitigated", words="it comes back")
    says(page, "The run ended:", RUN_ENDS)
    enter(other, "resolved", words="alerts are gone")
    says(other, "is over" if number < SCENARIOS else "All scenarios are over")


def read_debrief(host: Hosted, other: Page, base: str) -> None:
    """Both orders, and what stands around an instant; then the file, as its receiver opens it."""
    other.visit(f"{base}/debrief")
    host.picture(other, "4-debrief")
    assert audit(other, 1280) == []
    text = other.ask("document.body.innerText")
    for part in ("The PMS goes down", "The database is unavailable", "A latency spike", "follow the runbook"):
        assert part in text
    other.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert "happened" in other.ask("document.body.innerText")
    alert = "[...document.querySelectorAll('tr.machine')].find(row => row.innerText.includes('proven'))"
    other.ask(f"{alert}.querySelector('a').click()")
    says(other, "Two seconds around")
    says(other, "was in place")
    says(other, "requests,")
    host.picture(other, "5-moment")
    wait(lambda: (host.folder / "debrief.html").exists(), lambda: list(host.folder.iterdir()))
    other.show(host.folder / "debrief.html")
    host.picture(other, "6-debrief-file")
    assert "Predictions against facts" in other.ask("document.body.innerText")


def end(host: Hosted) -> None:
    """Every scenario was judged, with its fault and its alert; nothing was left behind."""
    judged = host.events(SlotJudged)
    assert len(judged) == SCENARIOS
    assert {event.outcome for event in judged} <= {"PASS", "FAIL", "INCONCLUSIVE"}
    assert sum(event.state == "undone" for event in host.events(FaultChanged)) == SCENARIOS
    assert {event.alert for event in host.events(AlertNotified) if event.firing} >= FIRST_ALERTS
    host.process.send_signal(signal.SIGINT)
    assert host.process.wait(60) == 0
