"""POST and GET /reservations: stored, then sent to the PMS, queued if need be, refused without database."""

from __future__ import annotations

import uuid

import pytest
from agente import reservations
from agente.database import DatabaseGoneError
from api_fakes import make_world


async def test_a_booking_is_stored_sent_and_confirmed() -> None:
    world = await make_world()
    answer = await world.book()
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")
    assert world.pms.calls == ["POST /bookings"]
    read = await world.client.get(f"/reservations/{answer.json()['id']}")
    assert read.json() == answer.json()


async def test_the_same_request_again_is_the_same_booking() -> None:
    world = await make_world()
    first, second = await world.book(), await world.book()
    assert (second.status_code, second.json()) == (200, first.json())
    assert world.pms.calls == ["POST /bookings"]


async def test_a_key_used_for_something_else_is_refused() -> None:
    world = await make_world()
    await world.book()
    assert (await world.book(room="13")).status_code == 422


async def test_a_taken_room_is_refused() -> None:
    world = await make_world()
    await world.book()
    assert (await world.book("key-00000002")).status_code == 409
    assert (
        await world.book("key-00000003", check_in="2031-03-05", check_out="2031-03-06")
    ).status_code == 201


async def test_without_the_pms_it_is_queued_and_sent_later() -> None:
    world = await make_world()
    world.pms.status = 0
    answer = await world.book()
    assert (answer.status_code, answer.headers["X-Degraded"]) == (202, "queued")
    ident = uuid.UUID(answer.json()["id"])
    await world.services.queue.drain()
    assert world.database.rows[ident]["status"] == "queued"
    world.pms.status = 201
    await world.services.queue.drain()
    assert world.database.rows[ident]["status"] == "confirmed"


async def test_the_queue_waits_while_the_breaker_is_open() -> None:
    world = await make_world()
    world.pms.status = 500
    for number in range(5):
        await world.book(f"key-{number:08d}", room=str(number))
    asked = len(world.pms.calls)
    await world.services.queue.drain()
    assert len(world.pms.calls) == asked == 5


async def test_the_queue_leaves_alone_what_a_request_is_telling_now() -> None:
    world = await make_world()
    world.pms.status = 0
    ident = uuid.UUID((await world.book()).json()["id"])
    world.pms.status, world.pms.calls = 201, []
    world.services.queue.in_hand.add(ident)
    await world.services.queue.drain()
    assert world.pms.calls == []


async def test_without_the_database_it_is_a_clean_503() -> None:
    world = await make_world()
    world.database.is_up = False
    for answer in (await world.book(), await world.client.get(f"/reservations/{uuid.uuid4()}")):
        assert (answer.status_code, answer.json()["dependency"]) == (503, "database")
        assert int(answer.headers["Retry-After"]) >= 1
    assert world.pms.calls == [], "the PMS hears of nothing that is not stored"


async def test_a_database_that_goes_after_the_pms_knows_leaves_it_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await make_world()

    async def gone(connection: object, ident: uuid.UUID) -> None:
        raise DatabaseGoneError("gone")

    monkeypatch.setattr(reservations, "confirm", gone)
    answer = await world.book()
    assert (answer.status_code, answer.headers["X-Degraded"]) == (202, "queued")


async def test_no_fallback_refuses_and_keeps_nothing() -> None:
    world = await make_world("no_fallback")
    world.pms.status = 500
    statuses = [(await world.book(f"key-{number:08d}", room=str(number))).status_code for number in range(6)]
    assert statuses == [502] * 5 + [503]
    assert world.database.rows == {}


async def test_what_the_pms_itself_refuses_is_not_kept() -> None:
    world = await make_world()
    world.pms.status = 409
    assert (await world.book()).status_code == 409
    assert world.database.rows == {}


async def test_unknown_reservations_are_404() -> None:
    world = await make_world()
    assert (await world.client.get(f"/reservations/{uuid.uuid4()}")).status_code == 404


@pytest.mark.parametrize("changes", [{"room": ""}, {"check_in": "soon"}, {"check_out": "2031-03-03"}])
async def test_a_senseless_wish_is_refused(changes: dict[str, str]) -> None:
    world = await make_world()
    assert (await world.book(**changes)).status_code == 422


async def test_a_booking_needs_an_idempotency_key() -> None:
    world = await make_world()
    assert (await world.client.post("/reservations", json={})).status_code == 422
