"""One scenario of a game day on the real stack: hosted, played, judged, debriefed, left clean."""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from chaos.errors import ExitCode
from chaos.gameday.fold import fold
from chaos.gameday.journal import FILE_NAME, read_journal
from tests.unit.test_house import ROOT

pytestmark = pytest.mark.containers

PATIENCE = 240.0  # seconds for a run at pace 20 on a slow machine
DAY = f"""\
gameday: one-fault
title: One fault
pace: 20
blind: true
spread: 20s
scenarios:
  - scenario: {ROOT}/scenarios/pms/pms-down.yaml
    severity: SEV2
    injects: [{{when: "alert PMSCircuitBreakerOpen firing", card: The phone rings.}}]
"""


@dataclass
class Person:
    """One browser session, without the browser."""

    client: httpx.Client
    page: str
    form_token: str = ""

    @classmethod
    def joined(cls, base: str, role: str, token: str, page: str) -> Person:
        client = httpx.Client(base_url=base, timeout=30)
        assert client.post("/session", data={"name": role, "token": token}).status_code == 303
        found = re.search(r'name="form_token" value="(\w+)"', client.get(f"/{page}").text)
        assert found
        return cls(client, page, found[1])

    def enter(self, action: str, **fields: str) -> None:
        body = {"form_token": self.form_token, "key": secrets.token_hex(8), **fields}
        answer = self.client.post(f"/act/{action}", data=body, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text

    def sees(self, text: str) -> bool:
        return text in self.client.get(f"/part/{self.page}").text


@pytest.fixture
def host(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    file = tmp_path / "day.yaml"
    file.write_text(DAY)
    command = [
        sys.executable,
        "-u",
        "-m",
        "chaos",
        "host",
        str(file),
        "--port",
        "0",
        "--reports",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(120)


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not seen: {what}"
        time.sleep(0.5)


def test_a_scenario_is_played_on_the_real_stack(host: subprocess.Popen[str], tmp_path: Path) -> None:
    assert host.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        said += host.stdout.readline()
    tokens = dict(re.findall(r"^\s+(\w+)\s+http://\S+/#t=(\S+)$", said, re.MULTILINE))
    base = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
    fay = Person.joined(base, "facilitator", tokens["facilitator"], "control")
    rob = Person.joined(base, "responder", tokens["responder"], "incident")
    rob.enter("predicted", alert="PMSCircuitBreakerOpen", minutes="3", words="old availability")
    fay.enter("slot_asked")
    until(lambda: fay.sees("container.kill pms: <strong>proven"), "the proof of the fault")
    assert not rob.sees("container.kill")
    until(lambda: rob.sees("<strong>PMSCircuitBreakerOpen</strong> firing"), "the alert")
    rob.enter("acknowledged", alert="PMSCircuitBreakerOpen")
    until(lambda: rob.sees("The phone rings."), "the inject")
    until(lambda: fay.sees("The run ended: <strong>"), "the verdict")
    rob.enter("resolved", words="it is well again")
    until(lambda: fay.sees("Reveal and debrief"), "the end of the scenario")
    fay.enter("revealed")
    until(lambda: "container.kill pms" in rob.client.get("/debrief").text, "the debrief")
    host.send_signal(signal.SIGINT)
    assert host.wait(60) == ExitCode.PASS

    (folder,) = (tmp_path / "gamedays").iterdir()
    slot = fold(read_journal(folder / FILE_NAME)).slots[0]
    assert slot.judged is not None
    # The busy machine of a test may leave a measure open; whole scenarios are judged in tests of their own.
    assert slot.judged.outcome in ("PASS", "INCONCLUSIVE"), slot.judged.reason
    assert (tmp_path / slot.judged.folder / "verdict.json").exists()
    assert [fault.state.value for fault in slot.faults] == ["injected", "proven", "undone"]
    assert slot.broken is not None
    assert slot.first_alert is not None
    assert slot.acknowledged is not None
    assert slot.broken < slot.first_alert.at <= slot.acknowledged.at
    report = (folder / "debrief.html").read_text(encoding="utf-8")
    assert "container.kill pms was in place" in report or "container.kill was in place" in report
