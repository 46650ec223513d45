"""The admin interface of a mock's faults, and the middleware that applies the order in force.

Calls of the API meet the fault. ``/health``, ``/admin`` and ``/guest`` (what guests do) never do.
"""

from __future__ import annotations

import asyncio

from fault_modes import Mode, Order, OrderError, Switch
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SPARED = ("/health", "/admin", "/guest")
FIXED_STATUS = {Mode.AUTH: 401, Mode.RATE_LIMITED: 429, Mode.FAIL_FIRST: 500, Mode.FLAPPING: 500}


def fault_routes(switch: Switch) -> list[Route]:
    """GET, POST and DELETE /admin/faults: read, set and clear the order."""

    async def read(request: Request) -> Response:
        return JSONResponse(switch.order.as_json())

    async def order(request: Request) -> Response:
        try:
            switch.set(await request.json())
        except OrderError as error:
            return JSONResponse({"error": str(error)}, 422)
        except ValueError:
            return JSONResponse({"error": "expected a JSON object"}, 422)
        return JSONResponse(switch.order.as_json())

    async def clear(request: Request) -> Response:
        switch.clear()
        return JSONResponse(switch.order.as_json())

    async def met(request: Request) -> Response:
        """Whether a call or a webhook has met the order; one that none has met yet had no effect."""
        return JSONResponse({"met": switch.met})

    path = "/admin/faults"
    return [
        Route(f"{path}/met", met, methods=["GET"]),
        Route(path, read, methods=["GET"]),
        Route(path, order, methods=["POST"]),
        Route(path, clear, methods=["DELETE"]),
    ]


class ApplyFault:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, switch: Switch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(SPARED):
            await self._app(scope, receive, send)
            return
        order = self._switch.in_force(scope["path"])
        refusal = _refusal(order)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if order.mode is Mode.SLOW:
            await asyncio.sleep(order.seconds)
        late = order.seconds if order.mode is Mode.SLOW_BODY else 0.0
        await self._app(scope, receive, _late_body(send, late) if late else send)


def _refusal(order: Order) -> Response | None:
    if order.mode is Mode.ERRORS:
        return JSONResponse({"error": "out of order"}, order.status)
    if order.mode is Mode.MALFORMED:
        return Response('{"rooms_free": ', media_type="application/json")
    if order.mode in FIXED_STATUS:
        headers = {"Retry-After": "1"} if order.mode is Mode.RATE_LIMITED else None
        return JSONResponse({"error": order.mode.value}, FIXED_STATUS[order.mode], headers=headers)
    return None


def _late_body(send: Send, seconds: float) -> Send:
    """`send`, but the first part of the body waits; the head does not."""
    waited = False

    async def late(message: Message) -> None:
        nonlocal waited
        if message["type"] == "http.response.body" and not waited:
            waited = True
            await asyncio.sleep(seconds)
        await send(message)

    return late
