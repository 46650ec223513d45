"""What the HTTP probe makes of real sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed

from chaos.model.scenario import HttpCondition
from chaos.probes.http import HttpAsker, run_http_probe
from chaos.timeline.events import Sample
from chaos.timing import SystemClock
from tests.written import only

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CONDITION = HttpCondition.model_validate({"service": "web", "path": "/ready", "timeout": "5s"})


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await handler(reader, writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def saying(answer: bytes) -> Handler:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return say


async def slam(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger_not = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the client gives up


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never silent for long, never done: only a bound on the whole exchange ends it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_whole_answer() -> None:
    answer = b"HTTP/1.1 200 OK\r\nX-Mode: Stale\r\nContent-Length: 2\r\n\r\n{}"
    async with serving(saying(answer)) as url:
        asker = HttpAsker(url)
        seen = await asker.ask(CONDITION)
    assert (seen.status, seen.headers["x-mode"], seen.body) == (200, "Stale", b"{}")


async def test_the_request_is_the_one_of_the_condition() -> None:
    heads: list[str] = []

    async def first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 204 Nothing\r\n\r\n")
        writer.close()

    condition = HttpCondition.model_validate(
        {
            "service": "web",
            "method": "HEAD",
            "path": "/a b?c=ä&d=1",
            "headers": {"Accept": "x/y", "X-Key": "1"},
        }
    )
    server = await asyncio.start_server(first, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    seen = await HttpAsker(f"http://127.0.0.1:{port}").ask(condition)
    server.close()
    assert seen.status == 204
    lines = heads[0].lower().splitlines()
    assert lines[0] == "head /a%20b?c=%c3%a4&d=1 http/1.1"
    assert {"accept: x/y", "x-key: 1", f"host: 127.0.0.1:{port}", "connection: close"} <= set(lines)


async def test_an_answer_in_pieces_is_put_together() -> None:
    async def pieces(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"1\r\n{\r\n", b"1\r\n}\r\n", b"0\r\n\r\n"):
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(piece)

    async with serving(pieces) as url:
        assert (await HttpAsker(url).ask(CONDITION)).body == b"{}"


async def test_a_redirect_is_an_answer() -> None:
    answer = b"HTTP/1.1 302 There\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    async with serving(saying(answer)) as url:
        asker = HttpAsker(url)
        assert (await asker.ask(CONDITION)).status == 302


@pytest.mark.parametrize(
    ("handler", "timeout", "error"),
    [
        (slam, "5s", "reset"),
        (saying(b""), "5s", "closed"),
        (saying(b"no HTTP\r\n\r\n"), "5s", "closed"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), "5s", "closed"),
        (hang, "200ms", "timeout"),
        (drip, "200ms", "timeout"),
    ],
)
async def test_why_there_is_no_answer(handler: Handler, timeout: str, error: str) -> None:
    condition = HttpCondition.model_validate({"service": "web", "timeout": timeout})
    async with serving(handler) as url:
        asker = HttpAsker(url)
        seen = await asker.ask(condition)
    assert (seen.status, seen.error) == (None, error)


async def test_a_closed_port_is_refused() -> None:
    async with serving(hang) as url:
        pass
    assert (await HttpAsker(url).ask(CONDITION)).error == "refused"


async def test_every_reading_dials_anew_and_sees_a_closed_listener_at_once() -> None:
    """A server that keeps its connections serves on who has one; a new client is refused."""
    connections: set[object] = set()

    async def keep_alive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        while True:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")

    written: list[Sample] = []
    async with serving(keep_alive) as url:
        probe = asyncio.create_task(
            run_http_probe(CONDITION, "ready", url, only(Sample, written), SystemClock(), hz=50)
        )
        await _until(lambda: len(written) >= 5)
    await _until(lambda: written[-1].detail == "refused")
    probe.cancel()
    with suppress(asyncio.CancelledError):
        await probe
    good = [sample for sample in written if sample.ok]
    assert len(connections) >= len(good) >= 5
    assert [sample.detail for sample in written if sample.started > good[-1].at] != []


async def _until(condition: Callable[[], bool]) -> None:
    async for attempt in AsyncRetrying(stop=stop_after_delay(20), wait=wait_fixed(0.02), reraise=True):
        with attempt:
            assert condition()


async def test_a_request_with_a_body_sends_it_and_another_uuid_each_time() -> None:
    got: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readexactly(len('{"id": "') + 36 + 2))
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    order = HttpCondition.model_validate(
        {"service": "web", "path": "/orders", "method": "POST", "json": {"id": "$uuid"}, "status": 201}
    )
    async with serving(note) as url:
        for _ in range(2):
            assert (await HttpAsker(url).ask(order)).status == 201
    assert all(body.startswith(b'{"id": "') and body.endswith(b'"}') for body in got)
    assert len(set(got)) == 2


async def test_a_header_holds_another_uuid_each_time() -> None:
    heads: list[bytes] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    condition = CONDITION.model_copy(update={"headers": {"X-Client": "a-$uuid"}})
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for _ in range(2):
        assert (await HttpAsker(url).ask(condition)).status == 200
    server.close()
    clients = [
        line for head in heads for line in head.splitlines() if line.lower().startswith(b"x-client: a-")
    ]
    assert len(set(clients)) == 2
    assert b"$" not in b"".join(clients)
