"""A control run is the same run without its faults: as long, and with nothing injected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chaos.runner import Runner
from tests.runner_harness import RunnerHarness
from tests.service import KILL


async def test_nothing_is_injected_for_as_long_as_the_faults_would_have_taken(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, KILL)
    plan = harness.plan.model_copy(update={"control": True})
    await harness.clock.run(Runner(plan, replace(harness.needs())).run())
    assert not any(kind.startswith("fault_") for kind in harness.journal.kinds())
    assert "kill cache" not in harness.deployment.log
    began = {event.phase: event.mono for event in harness.journal.of("phase_began")}
    assert began["recovery"] - began["timeline"] >= plan.timeline_seconds - 0.001
    assert harness.journal.kinds()[-1] == "run_ended"
