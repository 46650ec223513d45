"""One blocking HTTP exchange over a new connection, which ends in time whatever the peer sends.

``http.client`` limits each operation of the socket only. A peer that sends one byte a second would never be
late, nor one that sends ``100 Continue``, small chunks or trailers for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 16  # bytes


@contextmanager
def answering(
    host: str,
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | str | None,
    timeout: float,
) -> Iterator[http.client.HTTPResponse]:
    """Connect, send and read the head of the answer; closes the connection at the end.

    ``timeout``: seconds for connecting and sending, and then once more for the whole answer. Raises as
    ``body_of`` does.
    """
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request(method, path, body=body or None, headers={"Connection": "close", **headers})
        with _TimedAnswer(connection.sock, method, time.monotonic() + timeout) as answer:
            with _no_number():
                answer.begin()
            yield answer
    finally:
        connection.close()


def body_of(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The pieces of the body, at most ``CHUNK`` bytes each, until it is complete.

    Raises ``OSError`` and ``http.client.HTTPException``: ``TimeoutError`` when the time of the whole answer
    is over, ``IncompleteRead`` if the peer closed before the end.
    """
    while True:
        with _no_number():
            piece = answer.read(CHUNK)
        if not piece:
            break
        yield piece
    if answer.length:  # read(n) does not report that
        raise http.client.IncompleteRead(b"", answer.length)


@contextmanager
def _no_number() -> Iterator[None]:
    """http.client raises ``ValueError`` for a chunk of negative length."""
    try:
        yield
    except ValueError as problem:
        raise http.client.HTTPException(str(problem)) from problem


class _TimedAnswer(http.client.HTTPResponse):
    """An answer that is not read after ``until`` (monotonic)."""

    def __init__(self, sock: socket.socket, method: str, until: float) -> None:
        super().__init__(sock, method=method)
        self.fp = io.BufferedReader(_UntilThen(self.fp, sock, until))


class _UntilThen(io.RawIOBase):
    """The bytes of a socket up to an instant.

    A peer that sends faster than its answer is parsed always has bytes ready. gevent then never switches to
    another greenlet, so no ``gevent.Timeout`` ends the request, and the schedule of the load stands still.
    """

    def __init__(self, stream: io.BufferedIOBase, sock: socket.socket, until: float) -> None:
        self._stream = stream
        self._socket = sock
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        time.sleep(0)  # lets other greenlets run
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no complete answer in time")
        self._socket.settimeout(left)
        return self._stream.readinto1(buffer)

    def readall(self) -> bytes:
        """http.client reads all there is for a chunk of length -1, whatever the memory."""
        raise ValueError("a chunk of negative length")

    def close(self) -> None:
        self._stream.close()
        super().close()
