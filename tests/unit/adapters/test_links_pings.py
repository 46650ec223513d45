"""Round trips against small servers of this process."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from chaos.adapters import pings
from chaos.adapters.pings import round_trip
from chaos.errors import ToolProblem
from chaos.model.stack import ServiceRole
from chaos.ports import DialOutcome, RoundTrip

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(behaviour: Behaviour) -> AsyncIterator[int]:
    instance = await asyncio.start_server(behaviour, "127.0.0.1", 0)
    async with instance:
        yield instance.sockets[0].getsockname()[1]


async def dial(port: int, role: ServiceRole, timeout: float = 5.0) -> RoundTrip:
    return await round_trip("127.0.0.1", port, role, timeout, time.perf_counter)


@pytest.mark.parametrize(
    ("role", "question", "reply"),
    [
        (ServiceRole.APP, b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed\r\n\r\n"),
        (ServiceRole.HTTP, b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (ServiceRole.PROMETHEUS, b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1.1 302 Found\r\n\r\n"),
        (ServiceRole.REDIS, b"*1\r\n$4\r\nPING\r\n", b"-NOAUTH\r\n"),
        (ServiceRole.POSTGRES, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"N"),
    ],
)
async def test_asks_each_role_its_own_question(role: ServiceRole, question: bytes, reply: bytes) -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readexactly(len(question)))
        writer.write(reply)
        writer.close()

    async with server(answer) as port:
        trip = await dial(port, role)
    assert heard == [question]
    assert trip.outcome == "answered"
    assert trip.seconds is not None
    assert trip.seconds > 0


def test_every_role_but_other_has_a_question() -> None:
    assert set(pings.PINGS) == set(ServiceRole) - {ServiceRole.OTHER}


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.close()


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _hang_up_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 ready\r\n")
    await reader.read()
    writer.close()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("behaviour", "role", "outcome"),
    [
        (_hang_up, ServiceRole.REDIS, "closed"),
        (_reset, ServiceRole.REDIS, "reset"),
        (_say_nothing, ServiceRole.REDIS, "timeout"),
        (_hang_up_at_once, ServiceRole.OTHER, "closed"),
        (_greet, ServiceRole.OTHER, "answered"),
        (_say_nothing, ServiceRole.OTHER, "connected"),
    ],
)
async def test_says_how_it_ended(behaviour: Behaviour, role: ServiceRole, outcome: str) -> None:
    async with server(behaviour) as port:
        trip = await dial(port, role, timeout=0.3)
    assert trip.outcome == outcome
    assert (trip.seconds is not None) == (outcome in ("answered", "connected"))


async def test_no_one_listens() -> None:
    async with server(_say_nothing) as port:
        pass
    assert await dial(port, ServiceRole.REDIS) == RoundTrip(DialOutcome.REFUSED)


async def test_an_address_that_is_none_is_an_error_and_no_outcome() -> None:
    with pytest.raises(ToolProblem, match=r"cannot dial 255\.255\.255\.255:1"):
        await round_trip("255.255.255.255", 1, ServiceRole.REDIS, 5.0, time.perf_counter)
