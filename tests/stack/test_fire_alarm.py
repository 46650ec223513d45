"""The routing of the reference stack in a real Alertmanager: fire alarm, inhibition, dead-man's switch.

Only Alertmanager and the receiver of its notifications are started, with the waiting times of pace 60.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
import uuid
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import httpx
import pytest

from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.adapters.overlay.paced_rules import pace_alertmanager
from chaos.alertmanager.config import read_routing
from chaos.alertmanager.fire_alarm import DrillAlert, drill_alerts, judge_alarm, waves
from chaos.app.command_context import CommandContext
from chaos.app.fire_alarm import run_fire_alarm
from chaos.errors import ExitCode
from chaos.scenario import load_stack, read_detection

pytestmark = pytest.mark.containers
STACK = Path(__file__).parents[2] / "stack"
CONFIG = STACK / "alertmanager" / "alertmanager.yml"
PACE = 60
WITHIN = 30.0  # real seconds for a message of a machine that is busy


@dataclass(frozen=True)
class Routed:
    alertmanager: str
    notifications: str

    def client(self) -> AlertmanagerClient:
        return AlertmanagerClient(self.alertmanager, self.notifications, "/notifications")


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Routed]:
    folder = tmp_path_factory.mktemp("routing")
    folder.chmod(0o755)
    paced = folder / "alertmanager.yml"
    paced.write_text(pace_alertmanager(CONFIG.read_text(), PACE, str(CONFIG)))
    override = folder / "override.yml"
    override.write_text(
        "services:\n"
        "  alertmanager:\n"
        '    ports: !override ["127.0.0.1::9093"]\n'
        f'    volumes: !override ["{paced}:/etc/alertmanager/alertmanager.yml:ro"]\n'
        "  notifications:\n"
        '    ports: !override ["127.0.0.1::8080"]\n'
        '    environment: {HEARTBEAT_LIMIT_SECONDS: "5"}\n'
    )
    project = f"routing-{uuid.uuid4().hex[:6]}"
    files = ["-p", project, "-f", str(STACK / "docker-compose.yml"), "-f", str(override)]

    def compose(*words: str) -> str:
        command = ["docker", "compose", *files, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    try:
        compose("up", "-d", "--wait", "alertmanager", "notifications")
        yield Routed(
            f"http://{compose('port', 'alertmanager', '9093')}",
            f"http://{compose('port', 'notifications', '8080')}",
        )
    finally:
        compose("down", "--volumes", "--timeout", "1")


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not await holds():
        assert time.monotonic() < deadline, f"{what} did not happen within {WITHIN:g} s"
        await asyncio.sleep(0.2)


def test_every_alert_reaches_its_channels_once(routed: Routed) -> None:
    out = StringIO()
    arguments = Namespace(stack=STACK, alertmanager=routed.alertmanager, notifications=routed.notifications)
    code = run_fire_alarm(arguments, CommandContext(out=out, cwd=Path("/")))
    assert code is ExitCode.PASS, out.getvalue()
    assert " 0 of them wrong" in out.getvalue()


async def test_root_causes_silence_their_symptoms_and_only_these(routed: Routed) -> None:
    """All alerts at once: exactly those arrive that our own reading of the configuration lets through."""
    routing = read_routing(CONFIG.read_text(), str(CONFIG))
    loaded = load_stack(STACK / "stack.yaml", "stack.yaml")
    facts = read_detection(loaded.stack, loaded.root)
    assert facts is not None
    now = datetime.now(UTC)
    alarm = f"all-{uuid.uuid4().hex[:6]}"
    alerts = drill_alerts(routing, facts, alarm, now)
    sent = {one.name for one in waves(routing, alerts)[0]}
    expected = [one if one.name in sent else DrillAlert(one.labels, one.annotations, ()) for one in alerts]
    async with routed.client() as client:
        await client.send(alerts, now, now + timedelta(minutes=5))

        async def all_there() -> bool:
            messages = (await client.listing()).notifications
            return all(
                one.channels.get(channel)
                for one in judge_alarm(expected, messages, alarm)
                for channel in one.alert.channels
            )

        await until(all_there, "the delivery of what is not silenced")
        found = judge_alarm(expected, (await client.listing()).notifications, alarm)
        await client.send(alerts, now, datetime.now(UTC))
    assert [f"{one.alert.name}: {one.problem}" for one in found if one.problem] == []
    assert len(sent) < len(alerts)


async def test_the_dead_mans_switch_is_missed_when_it_stops(routed: Routed) -> None:
    labels = {"alertname": "Watchdog", "severity": "none"}
    switch = DrillAlert(labels, {"summary": "always"}, ())
    began = datetime.now(UTC)
    async with routed.client() as client, httpx.AsyncClient(trust_env=False) as http:

        async def heartbeat() -> dict[str, object]:
            found: dict[str, object] = (await http.get(f"{routed.notifications}/heartbeat")).json()
            return found

        async def beats() -> bool:
            return bool((await heartbeat())["beats"])

        await client.send([switch], began, began + timedelta(minutes=5))
        await until(beats, "a beat")
        await client.send([switch], began, datetime.now(UTC))

        async def reported() -> bool:
            names = [a.name for one in (await client.listing()).notifications for a in one.alerts]
            return "DeadMansSwitchSilent" in names

        await until(reported, "the report of its silence")
        assert (await heartbeat())["silent"] is True
