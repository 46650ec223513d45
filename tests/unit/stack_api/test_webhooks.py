"""Webhooks: who is believed, answered once, charged once, and what waits while something is gone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import channels_webhooks as provider
import httpx
import pytest
from agente.settings import ChannelSettings
from api_fakes import ApiUnderTest, make_api

SECRETS = replace(
    ChannelSettings(),
    whatsapp_app_secret="app-secret",
    whatsapp_verify_token="verify-me",
    payment_webhook_secret="pay-secret",
)
PAYMENT: dict[str, object] = {"type": "payment", "data": {"id": "pay-1"}}


def wrote(*messages: dict[str, str]) -> dict[str, object]:
    return {"entry": [{"changes": [{"value": {"messages": list(messages)}}]}]}


HELLO = {"id": "wamid.1", "from": "+12025550100", "text": "hola"}


async def whatsapp(api: ApiUnderTest, event: dict[str, object], secret: str = "app-secret") -> httpx.Response:
    body = json.dumps(event).encode()
    headers = provider.sign_whatsapp(body, event, secret)
    return await api.client.post("/webhooks/whatsapp", content=body, headers=headers)


async def payment(
    api: ApiUnderTest, event: dict[str, object] = PAYMENT, secret: str = "pay-secret"
) -> httpx.Response:
    body = json.dumps(event).encode()
    headers = provider.sign_payment(body, event, secret)
    return await api.client.post("/webhooks/payments", content=body, headers=headers)


def failures(api: ApiUnderTest, name: str, reason: str) -> float:
    return api.metric("webhook_failures_total", provider=name, reason=reason)


async def test_a_message_is_answered_on_whatsapp() -> None:
    api = await make_api(channels=SECRETS)
    assert (await whatsapp(api, wrote(HELLO))).status_code == 200
    assert api.channels.sent == ["wamid.1"]
    assert api.database.outgoing["wamid.1"]["sent"]


async def test_the_same_message_again_is_answered_once() -> None:
    api = await make_api(channels=SECRETS)
    for _ in range(2):
        assert (await whatsapp(api, wrote(HELLO))).status_code == 200
    assert api.channels.sent == ["wamid.1"]
    assert api.metric("webhook_duplicates_total", provider="whatsapp") == 1


async def test_while_whatsapp_is_out_answers_wait_and_are_sent_later() -> None:
    api = await make_api(channels=SECRETS)
    api.channels.status = 503
    answer = await whatsapp(api, wrote(HELLO))
    assert (answer.status_code, answer.headers["x-degraded"]) == (200, "queued")
    await api.services.outbox.drain()
    assert api.metric("outgoing_messages_waiting") == 1
    api.channels.status = 200
    await api.services.outbox.drain()
    assert (api.channels.sent, api.metric("outgoing_messages_waiting")) == (["wamid.1"], 0)


async def test_a_round_of_the_outbox_leaves_alone_what_a_request_is_sending() -> None:
    api = await make_api(channels=SECRETS)
    api.channels.takes.clear()
    sending = asyncio.create_task(whatsapp(api, wrote(HELLO)))
    await api.channels.asked.wait()
    await api.services.outbox.drain()
    api.channels.takes.set()
    await sending
    await api.services.outbox.drain()
    assert api.channels.sent == ["wamid.1"]


async def test_a_row_that_was_read_before_it_was_marked_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = await make_api(channels=SECRETS)
    read = api.database.fetch

    async def read_early(statement: str, *values: object) -> list[dict[str, object]]:
        """What the round reads is from the moment in which the request had stored and not yet marked."""
        await whatsapp(api, wrote(HELLO))
        return [{**row, "sent": False} for row in api.database.outgoing.values()]

    monkeypatch.setattr(api.database, "fetch", read_early)
    await api.services.outbox.drain()
    monkeypatch.setattr(api.database, "fetch", read)
    assert api.channels.sent == ["wamid.1"]


async def test_without_an_outbox_the_answer_is_lost() -> None:
    api = await make_api("no_outbox", channels=SECRETS)
    api.channels.status = 503
    await whatsapp(api, wrote(HELLO))
    api.channels.status = 200
    await api.services.outbox.drain()
    assert api.channels.sent == []


async def test_without_the_database_nothing_is_acknowledged() -> None:
    api = await make_api(channels=SECRETS)
    api.database.is_up = False
    assert (await whatsapp(api, wrote(HELLO))).status_code == 503
    assert (await payment(api)).status_code == 503
    assert failures(api, "whatsapp", "database") == failures(api, "payments", "database") == 1
    assert api.channels.sent == []


@pytest.mark.parametrize("secret", ["", "other"])
async def test_a_wrong_signature_is_refused_and_does_nothing(secret: str) -> None:
    api = await make_api(channels=SECRETS)
    assert (await whatsapp(api, wrote(HELLO), secret)).status_code == 401
    assert (await payment(api, secret=secret)).status_code == 401
    assert (api.channels.sent, api.database.charges) == ([], [])
    assert failures(api, "whatsapp", "signature") == failures(api, "payments", "signature") == 1


async def test_without_a_secret_no_one_is_believed_not_even_who_signs_with_nothing() -> None:
    api = await make_api()
    assert (await whatsapp(api, wrote(HELLO), "")).status_code == 401
    assert (await payment(api, secret="")).status_code == 401


async def test_the_broken_variant_believes_anybody() -> None:
    api = await make_api("no_signature_check", channels=SECRETS)
    assert (await whatsapp(api, wrote(HELLO), "other")).status_code == 200
    assert (await payment(api, secret="other")).status_code == 200
    assert (api.channels.sent, api.database.charges) == (["wamid.1"], ["pay-1"])


async def test_a_payment_reported_twice_side_by_side_is_charged_once() -> None:
    api = await make_api(channels=SECRETS)
    answers = await asyncio.gather(payment(api), payment(api))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert api.database.charges == ["pay-1"]
    assert api.metric("webhook_duplicates_total", provider="payments") == 1


async def test_the_broken_variant_charges_twice() -> None:
    api = await make_api("charge_twice", channels=SECRETS)
    await payment(api)
    await payment(api)
    assert api.database.charges == ["pay-1", "pay-1"]


async def test_while_the_provider_is_out_a_payment_is_not_acknowledged() -> None:
    api = await make_api(channels=SECRETS)
    api.channels.status = 500
    assert (await payment(api)).status_code == 503
    assert failures(api, "payments", "provider") == 1


@pytest.mark.parametrize("ident", ["../../admin", "a/b", ""])
async def test_an_id_that_is_no_id_is_refused_before_it_becomes_a_path(ident: str) -> None:
    api = await make_api(channels=SECRETS)
    assert (await payment(api, {"data": {"id": ident}})).status_code == 422


async def test_meta_s_question_is_answered_only_with_the_token() -> None:
    api = await make_api(channels=SECRETS)
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "verify-me"}
    answer = await api.client.get("/webhooks/whatsapp", params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    wrong = {**query, "hub.verify_token": "guess"}
    assert (await api.client.get("/webhooks/whatsapp", params=wrong)).status_code == 403


async def test_a_provider_is_not_limited_like_a_guest() -> None:
    api = await make_api(channels=SECRETS, rate_limit="1/minute")
    for _ in range(3):
        assert (await payment(api)).status_code == 200
