"""The broken variants `until_closed`, `one_connection` and `one_at_a_time`: HTTP that works in a quick test.

`until_closed` reads an answer of the PMS until the connection ends. `one_connection` has one connection to
the PMS for all requests. `one_at_a_time` reads and answers one request at a time, so that one slow client
delays all others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import ClassVar

import httpx
from uvicorn.protocols.http.h11_impl import H11Protocol

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


class OneAtATime(H11Protocol):
    """Reads one request to its end and answers it before it reads of another connection, as a server with one
    worker that waits for the network does.
    """

    _served: ClassVar[OneAtATime | None] = None
    _waiting: ClassVar[deque[tuple[OneAtATime, bytes]]] = deque()

    def data_received(self, data: bytes) -> None:
        if OneAtATime._served not in (None, self):
            self._waiting.append((self, data))
            return
        OneAtATime._served = self
        super().data_received(data)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._let_in_the_next()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for entry in [one for one in self._waiting if one[0] is self]:
            self._waiting.remove(entry)
        if OneAtATime._served is self:
            self._let_in_the_next()

    def _let_in_the_next(self) -> None:
        OneAtATime._served = None
        if not self._waiting:
            return
        first = self._waiting[0][0]
        came = [data for one, data in self._waiting if one is first]
        for data in came:
            self._waiting.remove((first, data))
        first.data_received(b"".join(came))
