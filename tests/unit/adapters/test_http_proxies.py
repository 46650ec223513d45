"""HAProxy's runtime interface as the adapter uses it, and what a client gets, over local sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from chaos.adapters.http_proxies import HaproxyHttpProxies, ProxyEndpoint
from chaos.errors import ToolProblem
from chaos.model.stack import as_link
from chaos.ports import HttpEffect, HttpRule

LINK = as_link("web->mock")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-One: 1\r\n\r\n"


class Haproxy:
    """One map in memory, in HAProxy's own words."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.said: list[str] = []

    def answer(self, command: str) -> str:
        self.said.append(command)
        match command.split():
            case ["show", "map", "/gameday/status.map"]:
                return "".join(
                    f"0x55{number} {key} {value}\n" for number, (key, value) in enumerate(self.rows)
                )
            case ["add", "map", "/gameday/status.map", key, value]:
                self.rows.append((key, value))
                return ""
            case ["del", "map", "/gameday/status.map", key]:
                self.rows.remove(next(row for row in self.rows if row[0] == key))
                return ""
        return "Unknown map identifier. Please use #<id> or <name>.\n"


@asynccontextmanager
async def listening(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[int]:
    """A port whose connections get ``answer`` to their first data and end; None: they get nothing."""
    waiting = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = answer(await reader.read(65536))
        if data is None:
            await waiting.wait()
        else:
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        waiting.set()
        server.close()


def adapter(port: int, count: Callable[[int, int], None] = lambda sent, dials: None) -> HaproxyHttpProxies:
    return HaproxyHttpProxies(
        lambda link: ("127.0.0.1", port), lambda link: ProxyEndpoint("127.0.0.1", port, count)
    )


async def test_a_rule_is_put_listed_replaced_and_removed() -> None:
    proxy = Haproxy()
    async with listening(lambda data: proxy.answer(data.decode().strip()).encode()) as port:
        http = adapter(port)
        await http.put(LINK, HttpRule(HttpEffect.STATUS, "/a", 50, "503"))
        await http.put(LINK, HttpRule(HttpEffect.STATUS, "/a", 100, "500"))
        assert proxy.rows == [("/a", "100:500")]
        assert await http.holds(LINK, HttpEffect.STATUS, "/a")
        assert not await http.holds(LINK, HttpEffect.STATUS, "/")
        await http.remove(LINK, HttpEffect.STATUS, "/a")
        await http.remove(LINK, HttpEffect.STATUS, "/a")
        assert proxy.rows == []


async def test_what_haproxy_refuses_is_no_empty_map() -> None:
    async with listening(lambda data: Haproxy().answer("show map other").encode()) as port:
        with pytest.raises(ToolProblem, match="Unknown map"):
            await adapter(port).holds(LINK, HttpEffect.STATUS, "/")


@pytest.mark.parametrize(
    ("sent", "outcome", "status", "body"),
    [
        (OK + b"abcd", "answered", 200, b"abcd"),
        (OK + b"ab", "cut", 200, b"ab"),
        (OK, "cut", 200, b""),
        (b"", "closed", None, b""),
        (b"no HTTP\r\n\r\n", "closed", None, b""),
        (None, "timeout", None, b""),
    ],
)
async def test_what_a_client_gets(sent: bytes | None, outcome: str, status: int | None, body: bytes) -> None:
    counted: list[tuple[int, int]] = []
    async with listening(lambda data: sent) as port:
        reply = await adapter(port, lambda *use: counted.append(use)).ask(LINK, "/a?b=1", 0.3)
    assert (reply.outcome, reply.status, reply.body) == (outcome, status, body)
    ((size, dials),) = counted
    assert dials == 1
    assert size > len(b"GET /a?b=1 HTTP/1.1\r\n")


async def test_a_port_that_nothing_listens_on_is_refused() -> None:
    async with listening(lambda data: b"") as port:
        pass
    assert (await adapter(port).ask(LINK, "/", 1)).outcome == "refused"
