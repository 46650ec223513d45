"""HTTP answers of limited length: a body over the limit is an error, so an endless one cannot fill memory.

httpx decompresses what arrives without a limit: 64 KB of a compressed body become 64 MB, of one that was
compressed twice 64 GB. So this module decompresses, piece by piece.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from chaos.errors import ToolProblem

ACCEPTED = {"Accept-Encoding": "gzip"}  # every request must say it: httpx's default names more encodings
_AT_ONCE = 1 << 20  # bytes that are decompressed in one step
_GZIP_OR_ZLIB = 47  # wbits of zlib for either header


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
    sent = httpx.Headers(ACCEPTED)
    sent.update(dict(headers))
    async with client.stream(method, url, headers=sent, content=content, json=json) as answer:
        body = await whole_body(answer, most, f"{method} {url}: the answer has")
        return WholeAnswer(answer.status_code, body)


async def whole_body(answer: httpx.Response, most: int, what: str) -> bytes:
    """The decompressed body of a streamed answer.

    Raises ``ToolProblem`` as soon as it is longer than ``most`` bytes, and for another encoding than gzip or
    deflate; the message begins with ``what``.
    """
    unpack = _Unpacking(answer.headers.get("content-encoding", ""), most, what)
    async for piece in answer.aiter_raw():
        while piece:
            piece = unpack.add(piece)
            await asyncio.sleep(0)  # decompressing 64 MB takes a second: the time-out must be able to end it
    return unpack.body()


class _Unpacking:
    """Collects the body of an answer, and decompresses it. Raises as ``whole_body`` does."""

    def __init__(self, encoding: str, most: int, what: str) -> None:
        named = encoding.strip().lower()
        if named not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ToolProblem(f"{what} the encoding {encoding[:80]!r}, and gameday accepts gzip only")
        self._unpack = None if named in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._most = most
        self._what = what
        self._body = bytearray()
        self._begun = False

    def add(self, piece: bytes) -> bytes:
        """Returns the part of ``piece`` that is not decompressed yet."""
        self._begun, rest = True, b""
        if self._unpack is not None:
            try:
                piece = self._unpack.decompress(piece, _AT_ONCE)
            except zlib.error as error:
                raise ToolProblem(f"{self._what} a body that cannot be decompressed: {error}") from error
            rest = self._unpack.unconsumed_tail
            if self._unpack.unused_data:
                raise ToolProblem(f"{self._what} bytes after the end of a compressed body")
        self._body += piece
        if len(self._body) > self._most:
            raise ToolProblem(f"{self._what} more than {self._most} bytes")
        return rest

    def body(self) -> bytes:
        """All of it. ``ToolProblem`` if the compressed body broke off."""
        if self._unpack is not None and self._begun and not self._unpack.eof:
            raise ToolProblem(f"{self._what} a compressed body that broke off")
        return bytes(self._body)
