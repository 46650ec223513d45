"""The broken variant `leaky`: some memory of each request is kept for ever."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from agente.levers.leak import Leak

A_REQUEST = 512 * 1024  # bytes; at 20 requests a second the container's limit is near within a quarter minute


class LeakEach:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._leak = Leak()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._leak.keep(A_REQUEST)
        await self._app(scope, receive, send)
