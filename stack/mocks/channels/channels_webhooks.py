"""Webhooks as WhatsApp and the payment provider send them: signed, and sent again until they get a 200."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from fault_modes import Json, Mode, Switch

NO_ANSWER = 0  # in place of a status
Sign = Callable[[bytes, Json, str], dict[str, str]]


@dataclass(frozen=True)
class Provider:
    """Who delivers: the path of its own API here, the path of its webhook at the receiver, its signature."""

    path: str
    webhook: str
    secret: str
    sign: Sign


def sign_whatsapp(body: bytes, event: Json, secret: str) -> dict[str, str]:
    """Meta's form: HMAC-SHA256 of the body under the app secret."""
    return {"X-Hub-Signature-256": f"sha256={_hmac(secret, body)}"}


def sign_payment(body: bytes, event: Json, secret: str) -> dict[str, str]:
    """Mercado Pago's form: HMAC-SHA256 of payment id, request id and time stamp."""
    request_id, stamp = uuid.uuid4().hex, str(int(time.time()))
    data = event["data"]
    assert isinstance(data, dict)
    manifest = f"id:{data['id']};request-id:{request_id};ts:{stamp};"
    return {"X-Request-Id": request_id, "X-Signature": f"ts={stamp},v1={_hmac(secret, manifest.encode())}"}


def _hmac(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class Webhooks:
    """Delivers events; what got no 200 waits for `redeliver`."""

    def __init__(self, http: httpx.AsyncClient, switch: Switch) -> None:
        self._http = http
        self._switch = switch
        self._waiting: list[tuple[Provider, Json]] = []

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def deliver(self, provider: Provider, event: Json) -> bool:
        """True when the receiver answered 200 to every copy. Else the event is delivered again later."""
        order = self._switch.order
        applies = provider.path.startswith(order.path)
        copies = order.count if applies and order.mode is Mode.DUPLICATES else 1
        wrong = applies and order.mode is Mode.BAD_SIGNATURE
        self._switch.met = self._switch.met or wrong or copies > 1
        secret = f"not {provider.secret}" if wrong else provider.secret
        # At the same moment: a receiver that looks first and stores later must be caught.
        statuses = await asyncio.gather(*(self._send(provider, event, secret) for _ in range(copies)))
        if all(status == 200 for status in statuses):
            return True
        self._waiting.append((provider, event))
        return False

    async def redeliver(self) -> None:
        """One more try for each event that waits, in order."""
        waiting, self._waiting = self._waiting, []
        for provider, event in waiting:
            await self.deliver(provider, event)

    async def _send(self, provider: Provider, event: Json, secret: str) -> int:
        body = json.dumps(event).encode()
        headers = {"Content-Type": "application/json", **provider.sign(body, event, secret)}
        try:
            return (await self._http.post(provider.webhook, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return NO_ANSWER
