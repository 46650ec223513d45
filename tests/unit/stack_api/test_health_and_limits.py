"""Readiness, metrics and the rate limit."""

from __future__ import annotations

import pytest
from agente.cache import RedisGoneError
from api_fakes import STAY, ApiUnderTest, make_api


async def test_ready_when_all_is_well() -> None:
    api = await make_api()
    answer = await api.client.get("/health/ready")
    assert (answer.status_code, answer.json()["down"]) == (200, [])


async def test_readiness_names_what_is_gone() -> None:
    api = await make_api()
    api.pms.status = 500
    for _ in range(5):
        await api.ask()
    api.database.is_up = False
    answer = await api.client.get("/health/ready")
    assert (answer.status_code, answer.json()["down"]) == (503, ["database", "pms"])
    assert (await api.client.get("/health/live")).status_code == 200


async def test_redis_is_not_needed_to_be_ready() -> None:
    api = await make_api()
    api.redis.is_up = False
    for _ in range(3):
        await api.ask()
    answer = await api.client.get("/health/ready")
    assert (answer.status_code, answer.json()["dependencies"]["redis"]) == (200, "down")


async def test_a_recovered_pms_makes_ready_without_any_guest() -> None:
    api = await make_api(pms_breaker_reset=1e-9)
    api.pms.status = 500
    for _ in range(5):
        await api.ask()
    api.pms.status = 200
    await api.services.pms.try_again()
    assert (await api.client.get("/health/ready")).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "pms_circuit_breaker_state",
        "database_connection_errors_total",
        "redis_cache_hits_total",
        "redis_cache_misses_total",
        "slowapi_limiter_hits_total",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "process_start_time_seconds",
    ],
)
async def test_what_the_rules_ask_for_is_there_from_the_start(name: str) -> None:
    api = await make_api()
    text = (await api.client.get("/metrics")).text
    assert any(line.startswith(f"{name} ") for line in text.splitlines())


async def test_health_and_metrics_do_not_count_as_traffic() -> None:
    api = await make_api()
    for path in ("/health/live", "/health/ready", "/metrics"):
        await api.client.get(path)
    text = (await api.client.get("/metrics")).text
    assert "http_requests_total{" not in text
    assert "http_request_duration_seconds_count{" not in text


async def test_requests_count_by_template_and_status() -> None:
    api = await make_api()
    await api.ask()
    await api.client.get("/reservations/6f1f2f0e-6a53-4b0e-9a0f-3f6f3d2c1b00")
    await api.client.get("/nowhere")
    count = api.metric
    assert count("http_requests_total", method="GET", path="/availability", status="200") == 1
    assert count("http_requests_total", method="GET", path="/reservations/{ident}", status="404") == 1
    assert count("http_requests_total", method="GET", path="unmatched", status="404") == 1
    assert count("http_request_duration_seconds_count", method="GET", path="/availability") == 1


async def test_only_the_client_over_its_limit_is_refused() -> None:
    api = await make_api()

    async def ask_as(ip: str) -> int:
        headers = {"X-Forwarded-For": f"{ip}, 192.0.2.9"}
        return (await api.client.get("/availability", params=STAY, headers=headers)).status_code

    statuses = [await ask_as("203.0.113.7") for _ in range(241)]  # more than two windows can take
    assert statuses[:120] == [200] * 120
    assert 429 in statuses
    assert await ask_as("203.0.113.8") == 200
    assert api.metric("slowapi_limiter_hits_total") == statuses.count(429)
    assert (
        await api.client.get("/health/ready", headers={"X-Forwarded-For": "203.0.113.7"})
    ).status_code == 200


async def statuses_of(api: ApiUnderTest, clients: list[str], times: int) -> list[int]:
    found = []
    for _ in range(times):
        for client in clients:
            answer = await api.client.get("/availability", params=STAY, headers={"X-Forwarded-For": client})
            found.append(answer.status_code)
    return found


async def test_without_a_rate_limit_no_client_is_refused() -> None:
    api = await make_api("no_rate_limit", rate_limit="1/hour")
    assert await statuses_of(api, ["203.0.113.7"], 5) == [200] * 5


async def test_with_one_limit_for_all_a_quiet_client_is_refused() -> None:
    api = await make_api("one_limit_for_all", rate_limit="3/hour")
    await statuses_of(api, ["203.0.113.7"], 3)
    assert await statuses_of(api, ["203.0.113.8"], 1) == [429]


async def test_a_sound_api_needs_no_redis_to_count_and_the_broken_one_does() -> None:
    sound = await make_api(rate_limit="1/hour")  # its Redis is an address where nothing listens
    assert await statuses_of(sound, ["203.0.113.7"], 2) == [200, 429]
    broken = await make_api("no_redis_fallback")
    with pytest.raises(RedisGoneError):
        await broken.ask()


async def test_a_leaky_api_keeps_memory_of_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr("agente.broken_memory.Leak.keep", lambda self, size: kept.append(size))
    await statuses_of(await make_api("leaky"), ["203.0.113.7"], 3)
    await statuses_of(await make_api(), ["203.0.113.7"], 3)
    assert kept == [512 * 1024] * 3
