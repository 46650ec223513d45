"""WhatsApp and the payment provider as the API calls them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from agente.gate import Gate, GoneError


class ChannelGoneError(GoneError):
    """The provider did not take or give what it was asked."""


@dataclass(frozen=True)
class Payment:
    """`reference`: the booking's; `amount` in `currency`."""

    ident: str
    reference: str
    amount: Decimal
    currency: str


class ChannelsClient:
    def __init__(self, http: httpx.AsyncClient, timeout: float | None) -> None:
        """`timeout`: seconds for a whole call."""
        self._http = http
        failures = (httpx.HTTPError, ValueError, KeyError, InvalidOperation)
        self._whatsapp = Gate("WhatsApp", timeout, failures, ChannelGoneError)
        self._payments = Gate("the payment provider", timeout, failures, ChannelGoneError)

    async def send(self, message: str, to: str, text: str) -> None:
        """An answer to the message of that id. Raises ChannelGoneError."""
        body = {"in_reply_to": message, "to": to, "text": text}
        await self._whatsapp.run(lambda: self._call("POST", "/whatsapp/messages", body))

    async def payment(self, ident: str) -> Payment:
        """What the provider says of a payment: the webhook names only its id. Raises ChannelGoneError."""

        async def read() -> Payment:
            said = await self._call("GET", f"/payments/{ident}")
            return Payment(ident, str(said["reference"]), Decimal(str(said["amount"])), str(said["currency"]))

        return await self._payments.run(read)

    async def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        response = (await self._http.request(method, path, json=body)).raise_for_status()
        answer = response.json()
        if not isinstance(answer, dict):
            raise ValueError(f"{path}: expected a JSON object")
        return answer
