"""One HTTP exchange of the load, over a connection of its own.

Every arrival stands for another client, so none shares a connection, a cookie or a retry with the one
before it. So a fault that affects connecting shows in every request. Locust's own FastHttpUser is not used
here because its transport (geventhttpclient 2.6.1, ``HTTPClient.request``) sends a GET again, up to
``concurrency + 1`` times, when the peer closes without an answer; that would hide failures and multiply
the load. ``http.client`` never retries.

The module knows no gevent: in the worker the standard library is patched, in a test it may be plain
threads.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from chaos.templates import Filled

CHUNK = 1 << 16  # bytes


@dataclass(frozen=True)
class Exchange:
    """``status`` 0 and ``error`` (refused, reset, timeout, closed, overload) when no complete answer came."""

    status: int
    degraded: str | None = None
    error: str = ""


def exchange(host: str, port: int, request: Filled, timeout: float, degraded_header: str | None) -> Exchange:
    """Dial, send, read the whole answer, hang up. ``timeout`` bounds each step; the caller bounds the
    whole.
    """
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    headers = {"Connection": "close", "User-Agent": "gameday-load", "Accept": "*/*", **request.headers}
    try:
        connection.request(request.method, request.path, body=request.body or None, headers=headers)
        response = connection.getresponse()
        while response.read(CHUNK):  # an endless body is read until the caller's time is over, and dropped
            pass
        if response.length:  # what read(n) does not say: the peer hung up before the end
            raise http.client.IncompleteRead(b"", response.length)
        return Exchange(response.status, response.getheader(degraded_header) if degraded_header else None)
    except (OSError, http.client.HTTPException) as problem:
        return Exchange(0, error=error_word(problem))
    finally:
        connection.close()


def error_word(problem: BaseException) -> str:
    """Why there was no answer, in the words of the recording.

    ``closed``: the peer hung up before or amid the answer, or what it sent was no HTTP. ``overload``:
    this machine could not even open a socket, which says nothing of the target.
    """
    if isinstance(problem, http.client.HTTPException):  # RemoteDisconnected is a ConnectionResetError as well
        return "closed"
    if isinstance(problem, ConnectionRefusedError):
        return "refused"
    if isinstance(problem, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)):
        return "reset"
    if isinstance(problem, TimeoutError):
        return "timeout"
    return "overload"
