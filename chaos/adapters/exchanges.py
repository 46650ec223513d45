"""Longer exchanges over a link: much data on one connection, and how a connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chaos.adapters.pings import PINGS
from chaos.errors import ToolProblem
from chaos.model.stack import ServiceRole
from chaos.ports import DialOutcome, Exchange

MOST_REQUESTS = 400  # HTTP requests on one connection: an exchange is not a load test
LONGEST_HEADER = 4000  # bytes of padding in one HTTP request; servers accept 8 KiB and more
ASK_EVERY = 0.5  # real seconds between two requests on a connection that is kept open
_BLANK = b"\r\n\r\n"

Counted = Callable[[int], None]


@dataclass
class _Dialled:
    """``sent`` and ``received``: bytes so far."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    count: Counted
    sent: int = 0
    received: bytearray = field(default_factory=bytearray)

    async def send(self, data: bytes) -> None:
        self.count(len(data))  # before the proxy can count it
        self.writer.write(data)
        await self.writer.drain()
        self.sent += len(data)

    async def read_until(self, complete: Callable[[bytearray], bool]) -> bool:
        """False: the connection ended before that."""
        while not complete(self.received):
            more = await self.reader.read(65536)
            if not more:
                return False
            self.received += more
        return True


async def exchange(
    host: str,
    port: int,
    role: ServiceRole,
    size: int,
    timeout: float,
    mono: Callable[[], float],
    count: Counted,
) -> Exchange:
    """Send and receive ``size`` bytes or more on one new connection, within ``timeout`` real seconds.

    HTTP: ``HEAD /`` again and again without waiting, at most ``MOST_REQUESTS``. Redis: ``ECHO``.
    ``count`` is called with the length of what is sent, before it is. ``ToolProblem`` for another role.
    """
    talk = (
        _echo if role is ServiceRole.REDIS else _heads if PINGS.get(role, b"").startswith(b"HEAD") else None
    )
    if talk is None:
        raise ToolProblem(f"gameday cannot exchange large amounts of data with the role {role.value}")
    began = mono()
    dialled: list[_Dialled] = []
    outcome = await _outcome(host, port, timeout, count, dialled, lambda one: talk(one, size))
    sent, received = (dialled[0].sent, len(dialled[0].received)) if dialled else (0, 0)
    return Exchange(outcome, sent, received, mono() - began)


async def ending(
    host: str, port: int, role: ServiceRole, timeout: float, mono: Callable[[], float], count: Counted
) -> Exchange:
    """Send one request, close this side of the connection, and wait for the other side to close.

    ``seconds``: from our end to the other one; ``outcome`` answered if it came within ``timeout``.
    """
    began = mono()

    async def ask(one: _Dialled) -> bool:
        nonlocal began
        await one.send(_kept_alive(role))
        if not await one.read_until(bool):
            return False
        began = mono()
        one.writer.write_eof()
        await one.read_until(lambda seen: False)
        return True

    dialled: list[_Dialled] = []
    outcome = await _outcome(host, port, timeout, count, dialled, ask)
    sent, received = (dialled[0].sent, len(dialled[0].received)) if dialled else (0, 0)
    return Exchange(outcome, sent, received, mono() - began)


async def lasts(host: str, port: int, role: ServiceRole, seconds: float, count: Counted) -> bool:
    """Dial, and send a request every ``ASK_EVERY`` real seconds on the same connection, so that no server
    closes it as idle. False as soon as it ends or cannot be opened; True if it is open after ``seconds``.
    """
    alive = False

    async def keep(one: _Dialled) -> bool:
        nonlocal alive
        alive = True
        ping = _kept_alive(role)
        while True:
            if ping:
                await one.send(ping)
            if ping and not await one.read_until(bool):
                return alive
            one.received.clear()
            if role is ServiceRole.POSTGRES:
                ping = b""  # it accepts the request only once
            try:
                async with asyncio.timeout(ASK_EVERY):
                    if not await one.read_until(bool):
                        return alive
            except TimeoutError:
                continue

    # ``keep`` only ends when the connection ends; the overall time-out means success.
    return await _outcome(host, port, seconds, count, [], keep) is DialOutcome.TIMEOUT and alive


def _kept_alive(role: ServiceRole) -> bytes:
    """A request after which a server of this role keeps the connection open; b"" for other roles."""
    return PINGS.get(role, b"").replace(b"HTTP/1.0\r\n", b"HTTP/1.1\r\nHost: gameday\r\n")


async def _outcome(
    host: str,
    port: int,
    timeout: float,
    count: Counted,
    dialled: list[_Dialled],
    talk: Callable[[_Dialled], Awaitable[bool]],
) -> DialOutcome:
    try:
        async with asyncio.timeout(timeout), _dial(host, port, count) as one:
            dialled.append(one)
            return DialOutcome.ANSWERED if await talk(one) else DialOutcome.CLOSED
    except TimeoutError:
        return DialOutcome.TIMEOUT
    except ConnectionRefusedError:
        return DialOutcome.REFUSED
    except (ConnectionResetError, BrokenPipeError, ConnectionAbortedError):
        return DialOutcome.RESET
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be one of a host
        raise ToolProblem(f"cannot dial {host}:{port}: {error}") from error


@asynccontextmanager
async def _dial(host: str, port: int, count: Counted) -> AsyncIterator[_Dialled]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield _Dialled(reader, writer, count)
    finally:
        writer.transport.abort()


async def _echo(one: _Dialled, size: int) -> bool:
    words = (b"ECHO", b"x" * size)
    await one.send(b"*2\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    return await one.read_until(lambda seen: len(seen) >= size or seen.startswith(b"-"))


async def _heads(one: _Dialled, size: int) -> bool:
    await one.send(_head(0))
    if not await one.read_until(lambda seen: _BLANK in seen):
        return False
    more = min(-(-size // len(one.received)), MOST_REQUESTS)
    await one.send(_head(min(size // more, LONGEST_HEADER)) * more)
    return await one.read_until(lambda seen: seen.count(_BLANK) > more)


def _head(padding: int) -> bytes:
    return b"HEAD / HTTP/1.1\r\nHost: gameday\r\nX-Gameday: %s\r\n\r\n" % (b"x" * padding)
