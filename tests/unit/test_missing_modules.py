"""No request searches for a module that is not installed: each search looks through the whole path."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from types import ModuleType

import httpx
import pytest


class Missing:
    """The last finder of all: it is asked for what none of the others found."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        self.names.append(name)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline() not in (b"\r\n", b""):
        pass
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()
    writer.close()


async def test_a_request_searches_for_no_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Missing()
    async with await asyncio.start_server(_answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(url)  # the first one imports what it needs
            monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, missing])
            assert (await client.get(url)).text == "ok"
    assert missing.names == []
