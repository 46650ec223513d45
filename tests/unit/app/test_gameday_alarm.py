"""The test alert of a game day: one drill for each severity, through the stack's own routes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos.alertmanager.config import read_routing
from chaos.alertmanager.fire_alarm import DRILL, AlarmDelivery
from chaos.app.command_context import CommandContext
from chaos.app.gamedays.alarm import NAME, StackAlarm, alerts_of_test, result_of
from chaos.app.plans import plan_of
from chaos.scenario import load_scenario
from tests.unit.test_house import ROOT

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def alerts() -> dict[str, tuple[str, ...]]:
    loaded = load_scenario(ROOT / "scenarios" / "pms" / "pms-down.yaml")
    facts = loaded.stack.alertmanager
    assert facts is not None
    assert loaded.detection is not None
    file = Path(loaded.stack_root) / facts.config
    found = alerts_of_test(read_routing(file.read_text(), str(file)), loaded.detection, "7", NOON)
    assert all((one.name, one.labels[DRILL]) == (NAME, "7") for one in found)
    assert all("DRILL" in one.annotations[DRILL] for one in found)
    return {one.severity: one.channels for one in found}


def test_every_severity_that_is_sent_at_this_hour_is_tried_in_all_its_channels() -> None:
    found = alerts()
    assert found["SEV1"] == ("pager",)
    assert found["SEV2"] == ("chat", "email")
    assert "SEV4" not in found  # the digest waits for its hour


def test_what_did_not_arrive_is_missing_and_nothing_to_send_is_unknown() -> None:
    loaded = load_scenario(ROOT / "scenarios" / "pms" / "pms-down.yaml")
    facts, detection = loaded.stack.alertmanager, loaded.detection
    assert facts is not None
    assert detection is not None
    file = Path(loaded.stack_root) / facts.config
    one, *_ = alerts_of_test(read_routing(file.read_text(), str(file)), detection, "7", NOON)
    good = result_of((AlarmDelivery(one, {"pager": 1}),), 4.04)
    assert (good.state.value, good.channels, good.seconds) == ("arrived", ("pager",), 4.0)
    bad = result_of((AlarmDelivery(one, {"pager": 1}), AlarmDelivery(one, {}, "did not arrive in chat")), 4.0)
    assert bad.state.value == "missing"
    assert "did not arrive in chat" in bad.detail
    assert result_of((), 0.0).state.value == "unknown"


async def test_a_stack_without_alertmanager_says_so_and_starts_nothing(tmp_path: Path) -> None:
    loaded = load_scenario(ROOT / "examples" / "counter" / "scenarios" / "redis-down.yaml")
    result = await StackAlarm(plan_of(loaded, 20), tmp_path, CommandContext(cwd=tmp_path)).sound()
    assert result.state.value == "unknown"
    assert "alertmanager:" in result.detail
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
