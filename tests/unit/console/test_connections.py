"""Clients that connect and say nothing, or half of a request, do not keep others out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvicorn

from chaos.app.gamedays.host import _server, listening_socket
from chaos.console import connections
from tests.console import hosted
from tests.fakes import ManualClock

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"
WHOLE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    """The port of a day that is hosted, and its server."""
    day = hosted(folder, ManualClock())
    server = _server(day.console)
    with listening_socket(0) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1], server
        finally:
            server.should_exit = True
            await task
            day.director.journal.close()


async def asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(WHOLE)
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


async def test_an_address_takes_connections_before_its_server_runs() -> None:
    """The addresses are printed just before."""
    with listening_socket(0) as listening:
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.close()


@pytest.mark.parametrize("begun", [b"", HALF])
@pytest.mark.parametrize("after_another", [False, True])
async def test_a_request_that_never_becomes_whole_is_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes, after_another: bool
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    async with serving(tmp_path) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if after_another:
            writer.write(WHOLE.replace(b"close", b"keep-alive"))
            assert await asyncio.wait_for(reader.readuntil(b"</html>"), 30)
            begun = begun or b"G"
        writer.write(begun)
        with suppress(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 30)
        writer.close()


async def test_many_connections_without_a_request_do_not_keep_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 5)
    async with serving(tmp_path) as (port, server):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in held:
            writer.write(HALF)
        assert (await asked(port)).startswith(b"HTTP/1.1 200")
        assert len(server.server_state.connections) <= 5
        for _, writer in held:
            writer.close()
