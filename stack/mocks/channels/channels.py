"""A stand-in for the channels of the hotel: WhatsApp, the payment provider, the portals' calendars (iCal).

The API sees three providers. Below ``/guest`` is where guests write and pay; the API hears of that by
webhook. ``fault_switch`` applies the faults to what the API calls, `channels_webhooks` to what is delivered.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
from channels_webhooks import Provider, Webhooks, sign_payment, sign_whatsapp
from fault_modes import COMMON, Json, Mode, Switch
from fault_switch import ApplyFault, fault_routes
from serving import health, json_object, serve, wrong_key
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

MODES = COMMON | {Mode.BAD_SIGNATURE, Mode.DUPLICATES}


class Channels:
    def __init__(
        self,
        webhooks: Webhooks,
        whatsapp: Provider,
        payments: Provider,
        token: str,
        calendars: Path,
    ) -> None:
        """`token`: what the API must show; `calendars`: a folder of ``PROPERTY.ics`` files."""
        self._webhooks = webhooks
        self._whatsapp = whatsapp
        self._payments = payments
        self._token = token
        self._calendars = calendars
        self._sent: Counter[str] = Counter()  # message answered -> how many answers arrived
        self._paid: dict[str, Json] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/health", health),
            Route("/whatsapp/messages", self.take_answer, methods=["POST"]),
            Route("/payments/{ident}", self.read_payment),
            Route("/ical/{property}.ics", self.calendar),
            Route("/guest/messages", self.guest_writes, methods=["POST"]),
            Route("/guest/payments", self.guest_pays, methods=["POST"]),
            Route("/admin/sent", self.read_sent),
            Route("/admin/payments", self.read_payments),
        ]

    async def take_answer(self, request: Request) -> Response:
        if (refusal := wrong_key(request, self._token)) is not None:
            return refusal
        wish = await json_object(request)
        if wish is None or not isinstance(wish.get("in_reply_to"), str):
            return JSONResponse({"error": "expected a JSON object with in_reply_to"}, 422)
        self._sent[wish["in_reply_to"]] += 1
        return JSONResponse({"status": "sent"}, 201)

    async def read_payment(self, request: Request) -> Response:
        if (refusal := wrong_key(request, self._token)) is not None:
            return refusal
        payment = self._paid.get(request.path_params["ident"])
        return JSONResponse(payment) if payment else JSONResponse({"error": "no such payment"}, 404)

    async def calendar(self, request: Request) -> Response:
        file = self._calendars / f"{Path(request.path_params['property']).name}.ics"
        if not file.is_file():
            return JSONResponse({"error": "no such calendar"}, 404)
        return PlainTextResponse(file.read_text(encoding="utf-8"), media_type="text/calendar")

    async def guest_writes(self, request: Request) -> Response:
        wish = await json_object(request)
        if not _has_texts(wish, "id", "from"):
            return JSONResponse({"error": "expected a JSON object with id, from, and text or audio"}, 422)
        assert wish is not None
        message = {name: wish[name] for name in ("id", "from", "text", "audio") if name in wish}
        event: Json = {"entry": [{"changes": [{"value": {"messages": [message]}}]}]}
        return await self._delivered(self._whatsapp, event, wish["id"])

    async def guest_pays(self, request: Request) -> Response:
        wish = await json_object(request)
        if not _has_texts(wish, "id", "reference", "amount"):
            return JSONResponse({"error": "expected a JSON object with id, reference, amount, as texts"}, 422)
        assert wish is not None
        payment = {name: wish[name] for name in ("id", "reference", "amount")}
        self._paid[wish["id"]] = {**payment, "currency": wish.get("currency", "EUR"), "status": "approved"}
        event: Json = {"type": "payment", "action": "payment.created", "data": {"id": wish["id"]}}
        return await self._delivered(self._payments, event, wish["id"])

    async def read_sent(self, request: Request) -> Response:
        answers = [{"message": message, "answers": count} for message, count in self._sent.items()]
        return JSONResponse({"count": len(answers), "sent": answers})

    async def read_payments(self, request: Request) -> Response:
        return JSONResponse({"count": len(self._paid), "payments": list(self._paid.values())})

    async def _delivered(self, provider: Provider, event: Json, ident: str) -> Response:
        """200 when the API has it, 202 while it does not: it is delivered again."""
        done = await self._webhooks.deliver(provider, event)
        return JSONResponse({"id": ident, "delivered": done}, 200 if done else 202)


def _has_texts(wish: Mapping[str, object] | None, *names: str) -> bool:
    return wish is not None and all(isinstance(wish.get(name), str) and wish[name] for name in names)


def make_app(
    http: httpx.AsyncClient,
    token: str,
    whatsapp_secret: str,
    payment_secret: str,
    calendars: Path,
    redeliver_every: float = 30.0,
) -> Starlette:
    """`http` leads to the API; `redeliver_every` in seconds."""
    switch = Switch(MODES)
    webhooks = Webhooks(http, switch)
    whatsapp = Provider("/whatsapp", "/webhooks/whatsapp", whatsapp_secret, sign_whatsapp)
    payments = Provider("/payments", "/webhooks/payments", payment_secret, sign_payment)

    async def redeliver() -> None:
        while True:
            await asyncio.sleep(redeliver_every)
            await webhooks.redeliver()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(redeliver())
        try:
            yield
        finally:
            task.cancel()
            await http.aclose()

    return Starlette(
        routes=[*Channels(webhooks, whatsapp, payments, token, calendars).routes(), *fault_routes(switch)],
        middleware=[Middleware(ApplyFault, switch=switch)],
        lifespan=lifespan,
    )


def main() -> None:
    env = os.environ
    http = httpx.AsyncClient(base_url=env["API_URL"], timeout=httpx.Timeout(5.0), trust_env=False)
    serve(
        make_app(
            http,
            env["CHANNELS_TOKEN"],
            env["WHATSAPP_APP_SECRET"],
            env["PAYMENT_WEBHOOK_SECRET"],
            Path(env.get("CALENDARS", "/fixtures/ical")),
            float(env.get("REDELIVER_SECONDS", "30")),
        )
    )


if __name__ == "__main__":
    main()
