"""One HTTP exchange of the load, over a new connection.

Every arrival represents a new client. It shares no connection and no cookie with earlier ones, so a fault
that affects connecting shows in every request. Locust's own FastHttpUser is not used, because its transport
(geventhttpclient 2.6.1, ``HTTPClient.request``) sends a GET again, up to ``concurrency + 1`` times, when the
peer closes without an answer. That would hide failures and multiply the load. ``http.client`` never retries.

The module does not import gevent. In the worker, gevent has patched the standard library; tests may use
plain threads.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from chaos.templates import Filled
from chaos.timeline.requests import socket_error

CHUNK = 1 << 16  # bytes


@dataclass(frozen=True)
class Exchange:
    """The result of one request. ``degraded``: value of the degraded header; None without one.

    Without a complete answer ``status`` is 0 and ``error`` is refused, reset, timeout, closed or overload.
    """

    status: int
    degraded: str | None = None
    error: str = ""


def exchange(host: str, port: int, request: Filled, timeout: float, degraded_header: str | None) -> Exchange:
    """Connect, send, read the whole answer, close. A failure is an ``Exchange`` too; it does not raise.

    ``timeout``: seconds for each socket operation. The caller must limit the whole exchange.
    """
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    headers = {"Connection": "close", "User-Agent": "gameday-load", "Accept": "*/*", **request.headers}
    try:
        connection.request(request.method, request.path, body=request.body or None, headers=headers)
        response = connection.getresponse()
        while response.read(CHUNK):  # drops the body; an endless body ends with the caller's time limit
            pass
        if response.length:  # the peer closed before the end, which read(n) does not report
            raise http.client.IncompleteRead(b"", response.length)
        return Exchange(response.status, response.getheader(degraded_header) if degraded_header else None)
    except (OSError, http.client.HTTPException) as problem:
        return Exchange(0, error=error_word(problem))
    finally:
        connection.close()


def error_word(problem: BaseException) -> str:
    """Why there was no answer: the value of ``error`` in the recording.

    ``closed``: the peer closed before or during the answer, or did not answer in HTTP.
    """
    if isinstance(problem, http.client.HTTPException):  # RemoteDisconnected is a ConnectionResetError as well
        return "closed"
    return socket_error(problem)
