"""HTTP answers of limited length: a body over the limit is an error, so an endless one cannot fill memory."""

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
        """The body as UTF-8; bytes that are not UTF-8 become U+FFFD."""
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
    """Send one request and return its answer. The body is ``content``, or ``json`` as JSON.

    The caller limits the time. Raises ``ToolProblem`` if the decompressed body of the answer is longer than
    ``most`` bytes; ``httpx.HTTPError``, ``httpx.InvalidURL``, ``OSError`` and ``ValueError`` pass through.
    """
    async with client.stream(method, url, headers=dict(headers), content=content, json=json) as answer:
        body = await whole_body(answer, most, f"{method} {url}: the answer has")
        return WholeAnswer(answer.status_code, body)


async def whole_body(answer: httpx.Response, most: int, what: str) -> bytes:
    """The decompressed body of a streamed answer.

    Raises ``ToolProblem`` as soon as it is longer than ``most`` bytes; the message begins with ``what``.
    """
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > most:
            raise ToolProblem(f"{what} more than {most} bytes")
    return bytes(body)
