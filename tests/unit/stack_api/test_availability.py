"""GET /availability: cache, PMS, stale answer, in this order; and what the broken variants do instead."""

from __future__ import annotations

import json
import time

import pytest
from api_fakes import ApiUnderTest, make_api


def grow_old(api: ApiUnderTest, seconds: float) -> None:
    """Make every cached answer older."""
    for key, text in api.redis.values.items():
        entry = json.loads(text)
        api.redis.values[key] = json.dumps({**entry, "stored": time.time() - seconds})


async def warm(api: ApiUnderTest) -> None:
    assert (await api.ask()).status_code == 200
    api.pms.calls.clear()


async def test_the_second_question_is_answered_from_the_cache() -> None:
    api = await make_api()
    await warm(api)
    answer = await api.ask()
    assert answer.json() == {"rooms_free": 3}
    assert "X-Degraded" not in answer.headers
    assert api.pms.calls == []
    assert (api.metric("redis_cache_hits_total"), api.metric("redis_cache_misses_total")) == (1, 1)


async def test_an_answer_past_its_time_is_asked_for_again() -> None:
    api = await make_api()
    await warm(api)
    grow_old(api, 301)
    assert (await api.ask()).status_code == 200
    assert api.pms.calls == ["GET /rooms/availability"]


@pytest.mark.parametrize("status", [0, 500, 503, 401, 403])
async def test_without_the_pms_the_old_answer_is_given_and_marked(status: int) -> None:
    api = await make_api()
    await warm(api)
    grow_old(api, 301)
    api.pms.status = status
    answer = await api.ask()
    assert (answer.status_code, answer.headers["X-Degraded"]) == (200, "stale-cache")
    assert answer.json() == {"rooms_free": 3}
    assert api.metric("redis_cache_hits_total") == 1, "a stale answer counts as a hit"


@pytest.mark.parametrize("status", [0, 500, 401, 403])
async def test_five_failures_open_the_breaker_and_the_pms_is_left_alone(status: int) -> None:
    api = await make_api()
    await warm(api)
    grow_old(api, 301)
    api.pms.status = status
    for _ in range(8):
        assert (await api.ask()).headers["X-Degraded"] == "stale-cache"
    assert len(api.pms.calls) == 5
    assert api.metric("pms_circuit_breaker_state") == 1


async def test_a_success_that_is_no_json_counts_as_failure() -> None:
    api = await make_api()
    api.pms.text = "<html>"
    assert (await api.ask()).status_code == 502


async def test_a_pms_that_hangs_is_given_up_on() -> None:
    api = await make_api(pms_timeout=0.01)
    api.pms.hangs = True
    answer = await api.ask()
    assert (answer.status_code, answer.json()["dependency"]) == (502, "pms")


async def test_with_nothing_to_fall_back_on_it_says_so() -> None:
    api = await make_api()
    api.pms.status = 500
    statuses = [(await api.ask()).status_code for _ in range(6)]
    assert statuses == [502] * 5 + [503]


async def test_no_fallback_refuses_although_it_knows_an_old_answer() -> None:
    api = await make_api("no_fallback")
    await warm(api)
    grow_old(api, 301)
    api.pms.status = 500
    statuses = [(await api.ask()).status_code for _ in range(6)]
    assert statuses == [502] * 5 + [503]


async def test_no_breaker_goes_on_asking_and_shows_closed() -> None:
    api = await make_api("no_breaker")
    await warm(api)
    grow_old(api, 301)
    api.pms.status = 500
    for _ in range(8):
        await api.ask()
    assert len(api.pms.calls) == 8
    assert api.metric("pms_circuit_breaker_state") == 0


async def test_a_refusal_of_one_question_is_passed_on_and_no_failure() -> None:
    api = await make_api()
    api.pms.status = 404
    for _ in range(6):
        assert (await api.ask()).status_code == 404
    assert api.metric("pms_circuit_breaker_state") == 0


async def test_without_redis_the_pms_answers_each_time() -> None:
    api = await make_api()
    api.redis.is_up = False
    for _ in range(6):
        assert (await api.ask()).status_code == 200
    assert len(api.pms.calls) == 6
    assert api.redis.asked == 3, "after three failures in a row Redis is left alone for a while"
    assert api.metric("redis_cache_misses_total") == 6


async def test_a_dead_database_does_not_matter() -> None:
    api = await make_api()
    api.database.is_up = False
    assert (await api.ask()).status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"room_type": "x", "check_in": "soon", "check_out": "later"},
        {"room_type": "x", "check_in": "2031-01-02", "check_out": "2031-01-02"},
    ],
)
async def test_a_senseless_question_is_refused(params: dict[str, str]) -> None:
    api = await make_api()
    assert (await api.client.get("/availability", params=params)).status_code == 422
