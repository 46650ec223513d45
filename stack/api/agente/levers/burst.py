"""Errors for a share of the requests: what a bad deployment looks like from outside."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class Burst:
    """Which requests fail: evenly spread, so that a share of 0.25 is every fourth."""

    def __init__(self) -> None:
        self.share = 0.0
        self._due = 0.0

    def hits(self) -> bool:
        if self.share == 0.0:
            return False
        self._due += self.share
        if self._due < 1.0:
            return False
        self._due -= 1.0
        return True


class FailSome:
    """ASGI middleware: 500 for the requests that the burst hits; health, metrics and admin are spared."""

    def __init__(self, app: ASGIApp, burst: Burst, spared: tuple[str, ...]) -> None:
        self._app = app
        self._burst = burst
        self._spared = spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self._spared) and self._burst.hits():
            await JSONResponse({"error": "internal error"}, 500)(scope, receive, send)
            return
        await self._app(scope, receive, send)
