"""A PMS that serves one call after the other, as a small server does."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

BUSINESS = ("/rooms", "/bookings")


class ServeInTurn:
    """ASGI middleware: each business call takes its turn, also when its caller has gone meanwhile.

    Anything else is answered at once, so that a witness measures the link and not the queue of the PMS.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        """``seconds``: what a call costs; 0 leaves all calls alone."""
        self._app = app
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._seconds > 0 and scope["type"] == "http" and scope["path"].startswith(BUSINESS):
            async with self._turn:
                await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)
