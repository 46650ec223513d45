"""The variants that keep data badly: each breaks its own promise and no other, and it can be read back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from agente import broken
from agente.database import DatabaseGoneError
from api_fakes import ApiUnderTest, make_api

KEY, OTHER = "gd-1-ledger-1", "gd-1-ledger-2"


async def read_back(api: ApiUnderTest) -> list[tuple[str, str]]:
    answer = await api.client.get("/reservations", params={"reference_prefix": "gd-1-ledger-"})
    return [(row["reference"], row["room"]) for row in answer.json()["reservations"]]


class Moments:
    """Stands for the moment before a commit: lasts until the test says how it ends."""

    def __init__(self) -> None:
        self._ends: list[asyncio.Future[None]] = []

    async def last(self, seconds: float) -> None:
        self._ends.append(asyncio.get_running_loop().create_future())
        await self._ends[-1]

    async def end(self, how: Callable[[asyncio.Future[None]], object]) -> None:
        for end in self._ends:
            how(end)
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def moments(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Moments]:
    moments, sleep = Moments(), asyncio.sleep

    async def fake(seconds: float) -> None:
        await (moments.last(seconds) if seconds == broken.MOMENT else sleep(seconds))

    monkeypatch.setattr("agente.broken.asyncio.sleep", fake)
    yield moments
    await moments.end(lambda end: end.cancel())


async def test_ack_before_commit_forgets_what_it_promised_when_the_database_dies(moments: Moments) -> None:
    api = await make_api("ack_before_commit")
    assert (await api.book(KEY)).status_code == 201
    await moments.end(lambda end: end.set_exception(DatabaseGoneError("killed")))
    assert await read_back(api) == []


async def test_ack_before_commit_keeps_it_when_nothing_happens(moments: Moments) -> None:
    api = await make_api("ack_before_commit")
    assert (await api.book(KEY)).status_code == 201
    await moments.end(lambda end: end.set_result(None))
    assert await read_back(api) == [(KEY, "12")]
    assert (await api.book(KEY)).status_code == 200, "the same request again is the same booking"
    assert (await api.book(OTHER)).status_code == 409, "a taken room is refused"


async def test_ack_before_commit_promises_nothing_without_the_database(moments: Moments) -> None:
    api = await make_api("ack_before_commit")
    api.database.is_up = False
    assert (await api.book(KEY)).status_code == 503


async def test_double_booking_confirms_two_stays_in_one_room() -> None:
    api = await make_api("double_booking")
    assert [(await api.book(key)).status_code for key in (KEY, OTHER)] == [201, 201]
    assert await read_back(api) == [(KEY, "12"), (OTHER, "12")]
    assert {row["status"] for row in api.database.rows.values()} == {"confirmed"}
    assert (await api.book(KEY)).status_code == 200, "the same request again is the same booking"


async def test_no_idempotency_books_the_same_request_twice() -> None:
    api = await make_api("no_idempotency")
    assert [(await api.book(KEY)).status_code for _ in range(2)] == [201, 201]
    (first, room), (second, alike) = await read_back(api)
    assert (first, room, second) == (KEY, "12", KEY)
    assert alike.startswith("12~")
    assert [json.loads(body)["reference"] for body in api.pms.bodies] == [KEY, KEY]
    assert len({json.loads(body)["id"] for body in api.pms.bodies}) == 2
    assert (await api.book(OTHER)).status_code == 409, "a taken room is refused to others"


@pytest.mark.parametrize("defect", ["", "no_breaker", "no_fallback", "no_timeout"])
async def test_the_others_keep_every_promise_about_data(defect: str) -> None:
    api = await make_api(defect)
    statuses = [(await api.book(key)).status_code for key in (KEY, KEY, OTHER)]
    assert statuses == [201, 200, 409]
    assert await read_back(api) == [(KEY, "12")]
    assert api.database.dropped == set()
