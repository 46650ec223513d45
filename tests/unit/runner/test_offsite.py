"""When what stands for off-site storage is deleted, and when it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import ToolProblem
from chaos.model.scenario import Guardrail
from tests.unit.runner.operators import RESTORE, START, Ran, Set, killed


async def test_off_site_data_goes_after_a_run_that_went_well(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    await stand.run()
    log = stand.harness.deployment.log
    assert log.index("down") < log.index("discard offsite")
    assert stand.harness.cleared == 1


async def test_off_site_data_stays_when_a_procedure_failed(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.operator.answers = {START: Ran(1)}
    await stand.run()
    assert "discard offsite" not in stand.harness.deployment.log
    assert f"off-site data remains in {tmp_path / 'offsite'}: kept" in stand.said()


async def test_off_site_data_stays_when_the_run_broke(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.harness.deployment.broken.add("kill")
    with pytest.raises(ToolProblem):
        await stand.run()
    assert "discard offsite" not in stand.harness.deployment.log


async def test_off_site_data_that_cannot_be_deleted_is_reported(tmp_path: Path) -> None:
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    stand.harness.stack.stays = "not ours"
    await stand.run()
    assert f"off-site data remains in {tmp_path / 'offsite'}: not ours" in stand.said()


async def test_off_site_data_stays_when_a_guardrail_ended_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos.runner.guard.read_host", lambda probe, folder: 99.0)
    stand = Set(tmp_path, killed("restore"), known=RESTORE)
    rails = (Guardrail(probe="host_memory", below="90%"),)
    scenario = stand.harness.plan.scenario.model_copy(update={"guardrails": rails})
    stand.harness.plan = stand.harness.plan.model_copy(update={"scenario": scenario})
    await stand.run()
    assert stand.of("guardrail_tripped")
    assert "discard offsite" not in stand.harness.deployment.log
