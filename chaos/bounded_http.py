"""Answers that end: a body is read up to a length, whatever its sender goes on sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from chaos.errors import ToolProblem


@dataclass(frozen=True)
class WholeAnswer:
    """The answer to one HTTP request. ``body`` is all of it, decompressed."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")


async def exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    most: int,
    content: bytes | None = None,
    json: object = None,
) -> WholeAnswer:
    """One request, and its answer with at most ``most`` bytes of body. ``json``: a body in place of
    ``content``.

    The caller bounds the time. Raises ``httpx.HTTPError``, ``httpx.InvalidURL``, ``OSError`` and
    ``ValueError`` as httpx does, and ``ToolProblem`` for a longer body.
    """
    async with client.stream(method, url, headers=dict(headers), content=content, json=json) as answer:
        body = await whole_body(answer, most, f"{method} {url}: the answer has")
        return WholeAnswer(answer.status_code, body)


async def whole_body(answer: httpx.Response, most: int, what: str) -> bytes:
    """The body of a streamed answer, decompressed. Raises ``ToolProblem`` beginning with ``what`` once it is
    longer than ``most`` bytes.
    """
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > most:
            raise ToolProblem(f"{what} more than {most} bytes")
    return bytes(body)
