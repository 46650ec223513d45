"""The broken variants `until_closed`, `one_connection` and `one_at_a_time`: HTTP that works in a quick test.

`until_closed` reads an answer of the PMS until the connection ends. `one_connection` has one connection to
the PMS for all requests. `one_at_a_time` reads the body of one request at a time, so that one slow client
delays all others.
"""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agente.defects import Defects

HEAD_ENDS = b"\r\n\r\n"


def transport_of(defects: Defects) -> httpx.AsyncBaseTransport | None:
    """How the PMS is asked; None: as httpx does it by itself."""
    if defects.one_connection:
        return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1))
    return UntilClosed() if defects.until_closed else None


class UntilClosed(httpx.AsyncBaseTransport):
    """A connection for each request; the answer is what came before the other side closed it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        try:
            reader, writer = await asyncio.open_connection(request.url.host, request.url.port or 80)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        try:
            kept = [(name, value) for name, value in request.headers.raw if name.lower() != b"connection"]
            lines = [name + b": " + value for name, value in [*kept, (b"Connection", b"close")]]
            target = request.url.raw_path
            head = [request.method.encode() + b" " + target + b" HTTP/1.1", *lines]
            writer.write(b"\r\n".join(head) + HEAD_ENDS + body)
            answer = await reader.read()
        except OSError as error:
            raise httpx.ReadError(str(error)) from error
        finally:
            writer.close()
        return _response(answer)


def _response(answer: bytes) -> httpx.Response:
    head, ends, body = answer.partition(HEAD_ENDS)
    words = head.split(b" ", 2)
    if not ends or len(words) < 2 or not words[1].isdigit():
        raise httpx.RemoteProtocolError("the answer has no head")
    return httpx.Response(int(words[1]), content=body)


class OneAtATime:
    """ASGI middleware: each body is read under one lock, before the app sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read: list[Message] = []
        async with self._lock:
            more = True
            while more:
                message = await receive()
                read.append(message)
                more = message.get("more_body", False)

        async def again() -> Message:
            return read.pop(0) if read else await receive()

        await self._app(scope, again, send)
