"""Alerts that nobody can read are no sign of a steady state."""

from __future__ import annotations

from pathlib import Path

from chaos.faults.container_kill import ContainerKill
from chaos.runner import Runner
from tests.stage import Stage


async def test_without_a_word_of_the_alerts_nothing_is_injected(tmp_path: Path) -> None:
    fault = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    stage = Stage(tmp_path, fault)
    stage.metrics.mute = True
    await stage.clock.run(Runner(stage.plan, stage.needs()).run())
    (steady,) = stage.journal.of("steady_state")
    assert not steady.held
    assert "the alerts cannot be read" in steady.failing
    assert "kill cache" not in stage.world.log
