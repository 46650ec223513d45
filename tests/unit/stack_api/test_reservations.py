"""POST and GET /reservations: stored, then sent to the PMS, queued if need be, refused without database."""

from __future__ import annotations

import uuid

import pytest
from agente import reservations
from agente.database import DatabaseGoneError
from api_fakes import make_api


async def test_a_booking_is_stored_sent_and_confirmed() -> None:
    api = await make_api()
    answer = await api.book()
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")
    assert api.pms.calls == ["POST /bookings"]
    read = await api.client.get(f"/reservations/{answer.json()['id']}")
    assert read.json() == answer.json()


async def test_the_same_request_again_is_the_same_booking() -> None:
    api = await make_api()
    first, second = await api.book(), await api.book()
    assert (second.status_code, second.json()) == (200, first.json())
    assert api.pms.calls == ["POST /bookings"]


async def test_a_key_used_for_something_else_is_refused() -> None:
    api = await make_api()
    await api.book()
    assert (await api.book(room="13")).status_code == 422


async def test_a_taken_room_is_refused() -> None:
    api = await make_api()
    await api.book()
    assert (await api.book("key-00000002")).status_code == 409
    assert (await api.book("key-00000003", check_in="2031-03-05", check_out="2031-03-06")).status_code == 201


async def test_without_the_pms_it_is_queued_and_sent_later() -> None:
    api = await make_api()
    api.pms.status = 0
    answer = await api.book()
    assert (answer.status_code, answer.headers["X-Degraded"]) == (202, "queued")
    ident = uuid.UUID(answer.json()["id"])
    await api.services.queue.drain()
    assert api.database.rows[ident]["status"] == "queued"
    api.pms.status = 201
    await api.services.queue.drain()
    assert api.database.rows[ident]["status"] == "confirmed"


async def test_the_queue_waits_while_the_breaker_is_open() -> None:
    api = await make_api()
    api.pms.status = 500
    for number in range(5):
        await api.book(f"key-{number:08d}", room=str(number))
    asked = len(api.pms.calls)
    await api.services.queue.drain()
    assert len(api.pms.calls) == asked == 5
    assert api.services.metrics.registry.get_sample_value("reservations_queued") == 5.0


async def test_the_queue_leaves_alone_what_a_request_is_telling_now() -> None:
    api = await make_api()
    api.pms.status = 0
    ident = uuid.UUID((await api.book()).json()["id"])
    api.pms.status, api.pms.calls = 201, []
    api.services.queue.in_hand.add(ident)
    await api.services.queue.drain()
    assert api.pms.calls == []


async def test_without_the_database_it_is_a_clean_503() -> None:
    api = await make_api()
    api.database.is_up = False
    for answer in (await api.book(), await api.client.get(f"/reservations/{uuid.uuid4()}")):
        assert (answer.status_code, answer.json()["dependency"]) == (503, "database")
        assert int(answer.headers["Retry-After"]) >= 1
    assert api.pms.calls == [], "the PMS hears of nothing that is not stored"


async def test_a_database_that_goes_after_the_pms_knows_leaves_it_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = await make_api()

    async def gone(connection: object, ident: uuid.UUID) -> None:
        raise DatabaseGoneError("gone")

    monkeypatch.setattr(reservations, "confirm", gone)
    answer = await api.book()
    assert (answer.status_code, answer.headers["X-Degraded"]) == (202, "queued")


async def test_no_fallback_refuses_and_keeps_nothing() -> None:
    api = await make_api("no_fallback")
    api.pms.status = 500
    statuses = [(await api.book(f"key-{number:08d}", room=str(number))).status_code for number in range(6)]
    assert statuses == [502] * 5 + [503]
    assert api.database.rows == {}


async def test_what_the_pms_itself_refuses_is_not_kept() -> None:
    api = await make_api()
    api.pms.status = 409
    assert (await api.book()).status_code == 409
    assert api.database.rows == {}


async def test_unknown_reservations_are_404() -> None:
    api = await make_api()
    assert (await api.client.get(f"/reservations/{uuid.uuid4()}")).status_code == 404


@pytest.mark.parametrize("changes", [{"room": ""}, {"check_in": "soon"}, {"check_out": "2031-03-03"}])
async def test_a_senseless_wish_is_refused(changes: dict[str, str]) -> None:
    api = await make_api()
    assert (await api.book(**changes)).status_code == 422


async def test_a_booking_needs_an_idempotency_key() -> None:
    api = await make_api()
    assert (await api.client.post("/reservations", json={})).status_code == 422
