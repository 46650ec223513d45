"""Alerts that cannot be read, or that fire, are no sign of a steady state."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.faults.container_kill import ContainerKill
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.runner import Runner
from chaos.runner.waits import longest_load
from tests.runner_harness import RunnerHarness

FACTS = DetectionFacts(
    scrape_interval=1,
    evaluation_interval=1,
    rules=(
        AlertRule(alert="down", expr="up < 1"),
        AlertRule(alert="Watchdog", expr="vector(1)", reads_now=False),
    ),
)


def harness_at(folder: Path) -> RunnerHarness:
    fault = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    harness = RunnerHarness(folder, fault)
    harness.plan = harness.plan.model_copy(update={"detection": FACTS})
    return harness


async def test_without_a_word_of_the_alerts_nothing_is_injected(tmp_path: Path) -> None:
    harness = harness_at(tmp_path)
    harness.metrics.mute = True
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (steady,) = harness.journal.of("steady_state")
    assert not steady.held
    assert "the alerts cannot be read" in steady.failing
    assert "kill cache" not in harness.deployment.log


async def test_a_slow_stack_gets_the_time_that_its_file_says(tmp_path: Path) -> None:
    fault = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    harness = RunnerHarness(tmp_path, fault)
    harness.metrics.mute = True
    slow = harness.plan.stack.model_copy(update={"start_within": 600.0, "steady_within": 300.0})
    plan = harness.plan.model_copy(update={"stack": slow})
    began = harness.clock.mono()
    await harness.clock.run(Runner(plan, harness.needs()).run())
    assert harness.stack.start_within == 600.0
    assert 300.0 <= harness.clock.mono() - began < 400.0
    assert longest_load(plan) - longest_load(harness.plan) == 2 * (300.0 - 45.0)


@pytest.mark.parametrize(("alert", "held"), [("down", False), ("Watchdog", True)])
async def test_an_alert_keeps_the_steady_state_from_holding_unless_it_always_fires(
    alert: str, held: bool, tmp_path: Path
) -> None:
    harness = harness_at(tmp_path)
    harness.metrics.firing = (alert,)
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    before = harness.journal.of("steady_state")[0]
    assert before.held is held
    assert ("alert down is firing" in before.failing) is not held
    assert ("kill cache" in harness.deployment.log) is held


@pytest.mark.parametrize("silent_again", [True, False])
async def test_an_alert_that_fires_again_is_watched_until_it_has_settled_or_its_time_is_over(
    silent_again: bool, tmp_path: Path
) -> None:
    harness = harness_at(tmp_path)
    plan = harness.plan.model_copy(update={"relapse_watch": 8.0, "recovery_limit": 60.0})

    async def flap() -> None:
        while not harness.journal.of("watched_on"):
            await harness.clock.sleep(0.5)
        await harness.clock.sleep(7.0)
        harness.metrics.firing = ("down",)
        await harness.clock.sleep(10.0)
        if silent_again:
            harness.metrics.firing = ()

    flapping = asyncio.ensure_future(flap())
    await harness.clock.run(Runner(plan, harness.needs()).run())
    flapping.cancel()
    began = {event.phase: event.mono for event in harness.journal.of("phase_began")}
    recovery, teardown = began["recovery"], began["teardown"]
    (watched,) = harness.journal.of("watched_on")
    if silent_again:
        assert 17.0 < teardown - watched.mono < 25.0
    else:
        assert 60.0 <= teardown - recovery < 62.0
