"""The stand-in for WhatsApp, the payment provider and the calendars."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import channels
import channels_webhooks
import httpx
import pytest
from fault_modes import Switch

TOKEN = {"Authorization": "Bearer token"}
MESSAGE = {"id": "wamid.1", "from": "+34600000001", "text": "hola"}
PAYMENT = {"id": "pay-1", "reference": "key-00000001", "amount": "120.00"}


class Receiver:
    """The API's webhooks: keeps what arrives, answers as the test says."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(self.status)


def api(tmp_path: Path, status: int = 200) -> tuple[httpx.AsyncClient, Receiver]:
    receiver = Receiver(status)
    http = httpx.AsyncClient(base_url="http://api", transport=httpx.MockTransport(receiver))
    app = channels.make_app(http, "token", "app-secret", "pay-secret", tmp_path)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channels"), receiver


async def test_a_message_of_a_guest_is_delivered_and_signed_as_meta_does(tmp_path: Path) -> None:
    client, receiver = api(tmp_path)
    assert (await client.post("/guest/messages", json=MESSAGE)).status_code == 200
    (request,) = receiver.requests
    right = hmac.new(b"app-secret", request.content, hashlib.sha256).hexdigest()
    assert (request.url.path, request.headers["x-hub-signature-256"]) == (
        "/webhooks/whatsapp",
        f"sha256={right}",
    )


async def test_a_payment_is_reported_by_its_id_and_read_with_the_token(tmp_path: Path) -> None:
    client, receiver = api(tmp_path)
    assert (await client.post("/guest/payments", json=PAYMENT)).status_code == 200
    assert receiver.requests[0].url.path == "/webhooks/payments"
    assert (await client.get("/payments/pay-1")).status_code == 401
    paid = (await client.get("/payments/pay-1", headers=TOKEN)).json()
    assert paid == {**PAYMENT, "currency": "EUR", "status": "approved"}
    assert (await client.get("/payments/pay-2", headers=TOKEN)).status_code == 404


async def test_the_order_of_duplicates_delivers_each_event_so_often(tmp_path: Path) -> None:
    client, receiver = api(tmp_path)
    order = {"mode": "duplicates", "count": 2, "path": "/payments"}
    assert (await client.post("/admin/faults", json=order)).status_code == 200
    await client.post("/guest/payments", json=PAYMENT)
    await client.post("/guest/messages", json=MESSAGE)
    paths = [request.url.path for request in receiver.requests]
    assert paths == ["/webhooks/payments", "/webhooks/payments", "/webhooks/whatsapp"]


async def test_the_order_of_a_bad_signature_signs_with_another_secret(tmp_path: Path) -> None:
    client, receiver = api(tmp_path)
    await client.post("/admin/faults", json={"mode": "bad_signature"})
    await client.post("/guest/messages", json=MESSAGE)
    right = hmac.new(b"app-secret", receiver.requests[0].content, hashlib.sha256).hexdigest()
    assert receiver.requests[0].headers["x-hub-signature-256"] != f"sha256={right}"


async def test_answers_are_counted_by_the_message_they_answer(tmp_path: Path) -> None:
    client, _ = api(tmp_path)
    answer = {"to": "+34600000001", "text": "hola", "in_reply_to": "wamid.1"}
    assert (await client.post("/whatsapp/messages", json=answer)).status_code == 401
    assert (await client.post("/whatsapp/messages", json=answer, headers=TOKEN)).status_code == 201
    assert (await client.get("/admin/sent")).json()["sent"] == [{"message": "wamid.1", "answers": 1}]


async def test_an_outage_of_whatsapp_spares_payments_and_guests(tmp_path: Path) -> None:
    client, _ = api(tmp_path)
    await client.post("/admin/faults", json={"mode": "errors", "status": 503, "path": "/whatsapp"})
    assert (await client.post("/whatsapp/messages", json={}, headers=TOKEN)).status_code == 503
    assert (await client.post("/guest/payments", json=PAYMENT)).status_code == 200
    assert (await client.get("/payments/pay-1", headers=TOKEN)).status_code == 200


@pytest.mark.parametrize("status", [0, 401, 503])
async def test_what_got_no_200_is_delivered_again(status: int) -> None:
    receiver = Receiver(status)
    http = httpx.AsyncClient(base_url="http://api", transport=httpx.MockTransport(receiver))
    hooks = channels_webhooks.Webhooks(http, Switch())
    provider = channels_webhooks.Provider("/whatsapp", "/hook", "s", channels_webhooks.sign_whatsapp)
    assert not await hooks.deliver(provider, {})
    assert hooks.waiting == 1
    receiver.status = 200
    await hooks.redeliver()
    assert (hooks.waiting, len(receiver.requests)) == (0, 2)


@pytest.mark.parametrize(
    ("path", "body"), [("/guest/messages", {"id": "1"}), ("/guest/payments", {**PAYMENT, "amount": 12})]
)
async def test_an_incomplete_wish_of_a_guest_is_refused(
    tmp_path: Path, path: str, body: dict[str, object]
) -> None:
    client, receiver = api(tmp_path)
    assert (await client.post(path, json=body)).status_code == 422
    assert receiver.requests == []


async def test_calendars_are_files_and_nothing_else_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "ical").mkdir()
    (tmp_path / "ical" / "casa.ics").write_text("BEGIN:VCALENDAR")
    (tmp_path / "secret.ics").write_text("no")
    client, _ = api(tmp_path / "ical")
    assert (await client.get("/ical/casa.ics")).text == "BEGIN:VCALENDAR"
    for path in ("/ical/other.ics", "/ical/..%2Fsecret.ics"):
        assert (await client.get(path)).status_code == 404
