"""A client that sends its form a byte a minute holds no connection."""

from __future__ import annotations

import asyncio

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from chaos.console import server


async def test_a_client_whose_body_does_not_come_is_not_awaited_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 0.0)

    async def silent() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(HTTPException) as refused:
        await asyncio.wait_for(server._form(Request({"type": "http", "method": "POST"}, silent)), 10)
    assert refused.value.status_code == 408
    assert refused.value.headers == {"connection": "close"}  # else the rest would be read as a request
