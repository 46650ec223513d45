"""A fire alarm sends every alert once, without its root cause, and finds what does not arrive."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.alertmanager.config import read_routing
from chaos.alertmanager.fire_alarm import (
    DRILL,
    AlarmDelivery,
    DrillAlert,
    drill_alerts,
    judge_alarm,
    missing,
    waves,
)
from chaos.alertmanager.routing import receivers_at, silenced_by
from chaos.app.command_context import CommandContext
from chaos.app.fire_alarm import PATIENCE, run_fire_alarm, sound_alarm
from chaos.errors import BadInput, ToolProblem
from chaos.model.notifications import DeliveredNotification
from chaos.scenario import load_stack, read_detection
from tests.fakes import ManualClock
from tests.streamed import StreamedTransport

STACK = Path(__file__).parents[3] / "stack"
ROUTING = read_routing((STACK / "alertmanager" / "alertmanager.yml").read_text(), "alertmanager.yml")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LOADED = load_stack(STACK / "stack.yaml", "stack.yaml")
RULES = read_detection(LOADED.stack, LOADED.root)
assert RULES is not None
ALERTS = drill_alerts(ROUTING, RULES, "7", NOON)


def named(name: str) -> DrillAlert:
    return next(one for one in ALERTS if one.name == name)


def arrived(*where: tuple[str, str], alarm: str = "7", status: str = "firing") -> list[DeliveredNotification]:
    return [
        DeliveredNotification.model_validate(
            {
                "number": number,
                "channel": channel,
                "age": 1,
                "alerts": [{"status": status, "labels": {**named(name).labels, DRILL: alarm}}],
            }
        )
        for number, (name, channel) in enumerate(where, 1)
    ]


def test_every_rule_is_sent_with_its_labels_and_marked() -> None:
    assert {"service_down", "ErrorRateTier", "replication_lag"} <= {one.name for one in ALERTS}
    assert "Watchdog" not in {one.name for one in ALERTS}
    assert all(one.labels[DRILL] == "7" and one.annotations[DRILL] for one in ALERTS)
    assert [one.severity for one in ALERTS if one.name == "ErrorRateTier"] == ["CRITICAL", "WARNING", "INFO"]
    assert named("service_down").labels["runbook"] == "08-high-error-rate"


def test_each_goes_to_the_channels_of_its_receivers_and_waits_for_its_hours() -> None:
    assert named("high_latency_p95").channels == ("chat", "email")
    assert named("service_down").channels == ("pager",)
    assert named("slow_response_p50").channels == ()
    assert RULES is not None
    morning = drill_alerts(ROUTING, RULES, "7", NOON.replace(hour=9, minute=5))
    assert next(one for one in morning if one.name == "slow_response_p50").channels == ("digest",)


def test_no_alert_of_a_wave_is_silenced_by_another_and_none_is_left_out() -> None:
    found = waves(ROUTING, ALERTS)
    assert sorted(one.name for wave in found for one in wave) == sorted(one.name for one in ALERTS)
    assert len(found) == 3  # DatabaseDown, HighErrorRate, high_error_rate
    for wave in found:
        for one in wave:
            others = [other.labels for other in wave if other is not one]
            assert silenced_by(ROUTING, one.labels, others) is None


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ([("high_latency_p95", "chat"), ("high_latency_p95", "email")], ""),
        ([("high_latency_p95", "chat")], "did not arrive in email"),
        ([("high_latency_p95", "chat"), ("high_latency_p95", "email")] * 2, "more than once in chat, email"),
        (
            [("high_latency_p95", c) for c in ("chat", "email", "pager")],
            "arrived in pager as well",
        ),
        ([], "did not arrive in chat, email"),
    ],
)
def test_what_is_wrong_is_named(where: list[tuple[str, str]], problem: str) -> None:
    alert = named("high_latency_p95")
    (found,) = judge_alarm([alert], arrived(*where), "7")
    assert problem in found.problem
    assert bool(found.problem) is bool(problem)
    assert missing([alert], arrived(*where), "7") is ("did not arrive" in problem)


def test_messages_of_real_alerts_of_other_alarms_and_of_ends_do_not_count() -> None:
    alert = named("service_down")
    assert missing([alert], arrived(("service_down", "pager"), alarm="6"), "7")
    assert missing([alert], arrived(("service_down", "pager"), status="resolved"), "7")
    assert missing([alert], arrived(("RedisDown", "pager")), "7")


# -- the alarm itself, with an Alertmanager in memory


class FakeAlertmanager:
    """Sends what it gets at once; ``lost``: a channel to which nothing is delivered."""

    def __init__(self, clock: ManualClock, lost: str = "") -> None:
        self.clock = clock
        self.lost = lost
        self.posts: list[list[str]] = []  # names of the alerts of each
        self.sent: list[dict[str, object]] = []
        self.answer: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.answer is not None:
            return self.answer
        if request.url.path == "/notifications":
            return httpx.Response(200, json={"count": len(self.sent), "notifications": self.sent})
        alerts = json.loads(request.content)
        self.posts.append([one["labels"]["alertname"] for one in alerts])
        for one in alerts:
            if datetime.fromisoformat(one["endsAt"]).timestamp() > self.clock.wall():
                self._deliver(one["labels"])
        return httpx.Response(200)

    def _deliver(self, labels: dict[str, str]) -> None:
        for receiver in receivers_at(ROUTING, labels, NOON):
            for channel in ROUTING.channels[receiver]:
                if channel != self.lost:
                    alert = {"status": "firing", "labels": labels}
                    number = len(self.sent) + 1
                    self.sent.append({"number": number, "channel": channel, "age": 0, "alerts": [alert]})


async def alarm(fake: FakeAlertmanager) -> tuple[AlarmDelivery, ...]:
    context = CommandContext(clock=fake.clock)
    transport = StreamedTransport(fake)
    client = AlertmanagerClient("http://127.0.0.1:9093", "http://127.0.0.1:8084", "/notifications", transport)
    return await sound_alarm(client, ROUTING, ALERTS, "7", context)


async def sound(fake: FakeAlertmanager) -> dict[str, str]:
    found = await fake.clock.run(alarm(fake))
    return {one.alert.name: one.problem for one in found if one.problem}


async def test_a_routing_that_works_has_no_problem_and_every_wave_is_resolved() -> None:
    fake = FakeAlertmanager(ManualClock())
    assert await sound(fake) == {}
    fired, resolved = fake.posts[::2], fake.posts[1::2]
    assert fired == resolved
    assert len(fired) == 3
    assert fake.clock.mono() < 10  # it does not wait for more than it awaits


async def test_a_channel_that_receives_nothing_is_found_once_the_waiting_time_is_over() -> None:
    fake = FakeAlertmanager(ManualClock(), lost="email")
    problems = await sound(fake)
    two_channels = {"high_latency_p95", "high_memory_usage", "database_connection_failures"}
    assert problems == dict.fromkeys(two_channels, "did not arrive in email")
    assert fake.clock.mono() >= 30 + PATIENCE  # group_wait is 30 s


class MuteReceiver(FakeAlertmanager):
    """Its list of notifications cannot be read; ``happens`` is called when somebody tries to."""

    def __init__(self, clock: ManualClock, happens: Callable[[], object] = lambda: None) -> None:
        super().__init__(clock)
        self.happens = happens

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/notifications":
            self.happens()
            return httpx.Response(200, text="no listing")
        return super().__call__(request)


async def test_no_alert_fires_on_after_an_error() -> None:
    fake = MuteReceiver(ManualClock())
    with pytest.raises(ToolProblem, match="did not return a list"):
        await sound(fake)
    fired, resolved = fake.posts
    assert fired == resolved


async def test_no_alert_fires_on_after_an_interruption() -> None:
    fake = MuteReceiver(ManualClock())
    task = asyncio.ensure_future(alarm(fake))
    fake.happens = task.cancel
    with pytest.raises(asyncio.CancelledError):
        await task
    fired, resolved = fake.posts
    assert fired == resolved


@pytest.mark.parametrize(
    "answer", [httpx.Response(500, text="broken"), httpx.Response(200, text="no listing")]
)
async def test_an_answer_that_is_none_is_a_problem_of_a_tool(answer: httpx.Response) -> None:
    fake = FakeAlertmanager(ManualClock())
    fake.answer = answer
    with pytest.raises(ToolProblem, match=r"answers .* with 500|did not return a list"):
        await sound(fake)


def test_an_address_elsewhere_is_refused() -> None:
    arguments = Namespace(
        stack=STACK, alertmanager="http://example.org:9093", notifications="http://127.0.0.1:1"
    )
    with pytest.raises(BadInput):
        run_fire_alarm(arguments, CommandContext(cwd=Path("/")))


def test_a_stack_without_alertmanager_is_named() -> None:
    arguments = Namespace(
        stack=STACK.parent / "examples" / "counter",
        alertmanager="http://127.0.0.1:9093",
        notifications="http://127.0.0.1:8084",
    )
    with pytest.raises(BadInput, match="alertmanager:"):
        run_fire_alarm(arguments, CommandContext(cwd=Path("/")))
