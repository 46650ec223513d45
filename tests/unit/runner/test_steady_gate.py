"""Alerts that cannot be read are no sign of a steady state."""

from __future__ import annotations

from pathlib import Path

from chaos.faults.container_kill import ContainerKill
from chaos.runner import Runner
from tests.runner_harness import RunnerHarness


async def test_without_a_word_of_the_alerts_nothing_is_injected(tmp_path: Path) -> None:
    fault = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    harness = RunnerHarness(tmp_path, fault)
    harness.metrics.mute = True
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (steady,) = harness.journal.of("steady_state")
    assert not steady.held
    assert "the alerts cannot be read" in steady.failing
    assert "kill cache" not in harness.deployment.log
