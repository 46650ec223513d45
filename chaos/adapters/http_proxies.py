"""The ``HttpProxies`` port: HAProxy's runtime interface, and a client that inspects its answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import h11

from chaos.adapters.haproxy import map_path
from chaos.errors import ToolProblem, foreign_errors
from chaos.model.stack import LinkName
from chaos.ports import DialOutcome, HttpEffect, HttpReply, HttpRule

CALL_SECONDS = 5.0  # real seconds for one command; seen: 2 ms
_UNREADABLE = (OSError, ValueError)
MOST_BYTES = 8_000_000  # of a body to keep (an endless one is read until the time-out), or of a listing
_ENOUGH = 64 * 1024  # bytes in one read


@dataclass(frozen=True)
class ProxyEndpoint:
    """Where the proxy of a link listens on this machine. ``count`` is called with gameday's own bytes and
    dials before the proxy can see them.
    """

    host: str
    port: int
    count: Callable[[int, int], None]


class HaproxyHttpProxies:
    """The HTTP proxies of one run. ``interface``: host and port of the runtime interface of a link's proxy;
    ``ToolProblem`` if it has none. ``dial``: where a client dials the link.
    """

    def __init__(
        self,
        interface: Callable[[LinkName], tuple[str, int]],
        dial: Callable[[LinkName], ProxyEndpoint],
    ) -> None:
        self._interface = interface
        self._dial = dial

    async def put(self, link: LinkName, rule: HttpRule) -> None:
        """A map may hold a key more than once, so this removes an earlier rule first."""
        await self.remove(link, rule.effect, rule.path)
        answer = await self._say(
            link, f"add map {map_path(rule.effect)} {rule.path} {rule.share}:{rule.argument}"
        )
        if answer:
            raise ToolProblem(f"HAProxy of {link} did not accept a rule: {answer}")

    async def remove(self, link: LinkName, effect: HttpEffect, path: str) -> None:
        while await self.holds(link, effect, path):
            answer = await self._say(link, f"del map {map_path(effect)} {path}")
            if answer:
                raise ToolProblem(f"HAProxy of {link} did not remove a rule: {answer}")

    async def holds(self, link: LinkName, effect: HttpEffect, path: str) -> bool:
        """Lines of the listing: an id, the path, the value."""
        listing = await self._say(link, f"show map {map_path(effect)}")
        rows = [line.split() for line in listing.splitlines() if line.strip()]
        if any(len(row) != 3 or not row[0].startswith("0x") for row in rows):
            raise ToolProblem(f"HAProxy of {link} did not list its rules: {listing[:200]}")
        return any(row[1] == path for row in rows)

    async def ask(self, link: LinkName, path: str, timeout: float) -> HttpReply:
        dialled, began = self._dial(link), time.perf_counter()
        reply = _Reply()
        try:
            with foreign_errors(f"GET {path} over {link}", passing=(*_UNREADABLE, h11.RemoteProtocolError)):
                async with asyncio.timeout(timeout):
                    await _get(dialled, path, reply)
            outcome = DialOutcome.ANSWERED
        except TimeoutError:
            outcome = DialOutcome.SLOW if reply.status else DialOutcome.TIMEOUT
        except ConnectionRefusedError:
            outcome = DialOutcome.REFUSED
        except (ConnectionResetError, BrokenPipeError, ConnectionAbortedError):
            outcome = DialOutcome.CUT if reply.status else DialOutcome.RESET
        except h11.RemoteProtocolError:
            outcome = DialOutcome.CUT if reply.status else DialOutcome.CLOSED
        except _UNREADABLE as error:
            raise ToolProblem(f"GET {path} over {link}: {error}") from error
        seconds = time.perf_counter() - began
        return HttpReply(outcome, seconds, reply.status, reply.headers, bytes(reply.body))

    async def _say(self, link: LinkName, command: str) -> str:
        """The output of one command to the runtime interface, which then closes the connection."""
        host, port = self._interface(link)
        with foreign_errors(f"the runtime interface of HAProxy of {link} does not answer"):
            async with asyncio.timeout(CALL_SECONDS):
                reader, writer = await asyncio.open_connection(host, port)
                try:
                    writer.write(f"{command}\n".encode())
                    await writer.drain()
                    return await _printed(reader, f"HAProxy of {link} printed")
                finally:
                    writer.transport.abort()


async def _printed(reader: asyncio.StreamReader, what: str) -> str:
    """All that comes. ``ToolProblem`` beginning with ``what`` if that is more than ``MOST_BYTES``."""
    output = bytearray()
    while piece := await reader.read(_ENOUGH):
        output += piece
        if len(output) > MOST_BYTES:
            raise ToolProblem(f"{what} more than {MOST_BYTES} bytes")
    return output.decode(errors="replace").strip()


class _Reply:
    """The part of an answer that has arrived so far."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()


async def _get(dialled: ProxyEndpoint, path: str, reply: _Reply) -> None:
    """Returns once the answer is complete. ``h11.RemoteProtocolError`` if the connection ends before."""
    connection = h11.Connection(our_role=h11.CLIENT)
    headers = [("Host", dialled.host), ("User-Agent", "gameday"), ("Accept", "*/*"), ("Connection", "close")]
    request = h11.Request(method="GET", target=path, headers=headers)
    sent = (connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b"")
    dialled.count(len(sent), 1)
    reader, writer = await asyncio.open_connection(dialled.host, dialled.port)
    try:
        writer.write(sent)
        await writer.drain()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(_ENOUGH))
            elif isinstance(event, h11.Response):
                reply.status = event.status_code
                reply.headers = {name.decode(): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                reply.body += event.data[: MOST_BYTES - len(reply.body)]
            elif isinstance(event, h11.EndOfMessage):
                return
            elif isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("the connection ended without an answer")
    finally:
        writer.transport.abort()
