"""What an operator can do: features, level, calendars, faults of a game day."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from agente.degradation import Level
from agente.levers.burn import Burn
from agente.levers.burst import Burst
from agente.levers.leak import Leak
from agente.levers.orders import MEGABYTE, TICK, LeakOrder, Levers, Mode
from agente.limits_of_container import ContainerLimits
from agente.pms_mock import MockPms
from agente.settings import PmsType, SettingsError, settings_from
from api_fakes import STAY, ApiUnderTest, make_api
from prometheus_client import CollectorRegistry

OPERATOR = {"Authorization": "Bearer admin"}


async def operated(defect: str = "") -> ApiUnderTest:
    return await make_api(defect, admin_token="admin")


async def level(api: ApiUnderTest) -> str:
    return str((await api.client.get("/admin/features", headers=OPERATOR)).json()["level"])


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_only_operators_are_let_in(token: str) -> None:
    for api in (await operated(), await make_api()):
        for path in ("/admin/features", "/admin/faults"):
            answer = await api.client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401


async def test_the_level_follows_from_what_is_gone() -> None:
    api = await operated()
    assert await level(api) == "normal"
    api.pms.status = 500
    for _ in range(5):
        await api.ask()
    assert await level(api) == "degraded"
    api.database.is_up = False
    assert await level(api) == "critical"
    await api.services.show()
    assert api.metric("degradation_level") == Level.CRITICAL
    assert api.metric("dependency_up", dependency="database") == 0
    assert api.metric("dependency_up", dependency="redis") == 1


async def test_the_broken_variant_stays_normal() -> None:
    api = await operated("no_degradation")
    api.database.is_up = False
    assert await level(api) == "normal"


async def test_a_feature_is_switched_by_hand_and_given_back() -> None:
    api = await operated()
    for on, is_on in ((False, False), (None, True)):
        wish = {"feature": "audio", "on": on}
        shown = (await api.client.post("/admin/features", json=wish, headers=OPERATOR)).json()
        assert shown["features"]["audio"] is is_on


async def test_a_forced_level_switches_features_off() -> None:
    api = await operated()
    shown = (await api.client.post("/admin/degradation", json={"level": 1}, headers=OPERATOR)).json()
    assert shown == {"level": "degraded", "features": {"recommendations": False, "audio": True}}


async def test_an_unknown_feature_is_refused() -> None:
    api = await operated()
    wish = {"feature": "singing", "on": True}
    assert (await api.client.post("/admin/features", json=wish, headers=OPERATOR)).status_code == 422


async def test_a_burst_of_errors_hits_its_share_of_the_traffic_and_ends() -> None:
    api = await operated()
    order = {"mode": "errors", "share": 0.25}
    assert (await api.client.post("/admin/faults", json=order, headers=OPERATOR)).json() == order
    statuses = [(await api.ask()).status_code for _ in range(20)]
    assert statuses.count(500) == 5
    assert (await api.client.get("/health/ready")).status_code == 200
    assert (await api.client.delete("/admin/faults", headers=OPERATOR)).json() == {"mode": "none"}
    assert {(await api.ask()).status_code for _ in range(8)} == {200}


@pytest.mark.parametrize(
    "order", [{"mode": "rain"}, {"mode": "burn", "share": 2}, {"mode": "leak", "bytes": 1}]
)
async def test_a_wrong_order_is_refused(order: dict[str, object]) -> None:
    api = await operated()
    assert (await api.client.post("/admin/faults", json=order, headers=OPERATOR)).status_code == 422
    assert (await api.client.get("/admin/faults", headers=OPERATOR)).json() == {"mode": "none"}


async def test_a_leak_is_ordered_and_given_back() -> None:
    api = await operated()
    await api.client.post("/admin/faults", json={"mode": "leak", "megabytes_per_second": 1}, headers=OPERATOR)
    assert api.services.levers.order is not None
    await api.client.delete("/admin/faults", headers=OPERATOR)
    assert api.services.levers.order is None


async def grown(levers: Levers) -> None:
    async with asyncio.timeout(10):
        while levers._leak.size == 0:  # noqa: ASYNC110  # the leak has no event, and needs none
            await asyncio.sleep(TICK / 4)


async def test_a_leak_ends_at_what_the_container_holds_and_not_its_process(tmp_path: Path) -> None:
    """The process of these tests holds far more than 1 MB; the container holds less, then exactly that."""
    for name, text in (("memory.max", "268435456"), ("memory.stat", "inactive_file 100")):
        (tmp_path / name).write_text(text)
    usage = tmp_path / "memory.current"
    usage.write_text(str(MEGABYTE + 99))
    levers = Levers(tmp_path)
    levers.set(LeakOrder(mode=Mode.LEAK, megabytes_per_second=1, up_to_megabytes=1))
    growing = levers._leaking
    assert growing is not None
    await grown(levers)
    usage.write_text(str(MEGABYTE + 100))
    await asyncio.wait_for(growing, timeout=10)
    levers.clear()


async def test_a_late_tick_takes_no_more_than_is_left(tmp_path: Path) -> None:
    """At 1000 MB/s a tick of 0.1 s is 100 MB; a tenth of a megabyte is left."""
    for name, text in (
        ("memory.max", "268435456"),
        ("memory.stat", "inactive_file 0"),
        ("memory.current", "0"),
    ):
        (tmp_path / name).write_text(text)
    levers = Levers(tmp_path)
    levers.set(LeakOrder(mode=Mode.LEAK, megabytes_per_second=1000, up_to_megabytes=0.1))
    await grown(levers)
    assert levers._leak.size <= 0.1 * MEGABYTE
    levers.clear()


async def test_without_a_limit_a_leak_ends_at_what_the_process_holds(tmp_path: Path) -> None:
    levers = Levers(tmp_path)
    levers.set(LeakOrder(mode=Mode.LEAK, megabytes_per_second=1, up_to_megabytes=1))
    growing = levers._leaking
    assert growing is not None
    await asyncio.wait_for(growing, timeout=10)
    levers.clear()


def test_a_leak_goes_well_beyond_the_threshold_of_its_alert_and_stays_below_the_limit() -> None:
    limit = 256  # megabytes, in compose.yaml
    default = LeakOrder(mode=Mode.LEAK).up_to_megabytes
    assert 0.94 * limit < default < 0.96 * limit  # memory_usage fires above 0.90


def test_a_leak_holds_what_it_was_given_until_it_is_cleared() -> None:
    leak = Leak()
    leak.keep(10_000)
    leak.keep(5_000)
    assert leak.size == 15_000
    leak.clear()
    assert leak.size == 0


def test_a_burst_is_spread_evenly() -> None:
    burst = Burst()
    burst.share = 0.5
    assert [burst.hits() for _ in range(4)] == [False, True, False, True]


def test_a_burning_thread_ends_when_it_is_stopped() -> None:
    burn = Burn()
    burn.start(0.01)
    thread = burn._thread
    burn.stop()
    assert thread is not None
    assert not thread.is_alive()


async def test_mock_mode_answers_availability_and_keeps_bookings_for_later() -> None:
    api = await make_api(pms_type=PmsType.MOCK, admin_token="admin")
    asked = await api.client.get("/availability", params=STAY)
    assert (asked.status_code, asked.headers["x-degraded"]) == (200, "mock")
    booked = await api.book()
    assert (booked.status_code, booked.headers["x-degraded"]) == (202, "queued")
    await api.services.queue.drain()
    assert [row["status"] for row in api.database.rows.values()] == ["queued"]
    assert (await api.client.get("/health/ready")).status_code == 200
    assert await level(api) == "degraded"
    assert isinstance(api.services.pms, MockPms)
    assert api.pms.calls == []


def test_a_wrong_type_of_pms_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="PMS_TYPE='opera' is not one of qloapps, mock"):
        settings_from({"PMS_TYPE": "opera"})
    with pytest.raises(SettingsError, match="AUDIO_ENABLED='perhaps'"):
        settings_from({"AUDIO_ENABLED": "perhaps"})


def group(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    return folder


def test_the_limit_of_the_container_and_what_it_uses_are_shown(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    stat = "anon 5\ninactive_file 1000\n"
    groups = group(tmp_path, memory_max="4000\n", memory_current="3000\n", memory_stat=stat)
    ContainerLimits(registry, groups, tmp_path)
    assert registry.get_sample_value("container_spec_memory_limit_bytes") == 4000
    assert registry.get_sample_value("container_memory_working_set_bytes") == 2000
    assert (registry.get_sample_value("container_fs_limit_bytes") or 0) > 0


@pytest.mark.parametrize("limit", ["max\n", f"{1 << 62}\n"])
def test_without_a_limit_there_is_no_series(tmp_path: Path, limit: str) -> None:
    registry = CollectorRegistry()
    ContainerLimits(registry, group(tmp_path, memory_max=limit, memory_current="1", memory_stat=""), None)
    assert list(registry.collect()) == []
