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

from chaos.http_exchange import answering, body_of
from chaos.templates import FilledRequest
from chaos.timeline.requests import socket_error

LONGEST_HEADER = 1000  # characters of the degraded header that are recorded, for each answer


@dataclass(frozen=True)
class LoadAnswer:
    """The result of one request. ``degraded``: value of the degraded header; None without one.

    Without a complete answer ``status`` is 0 and ``error`` is refused, reset, timeout, closed or overload.
    """

    status: int
    degraded: str | None = None
    error: str = ""


def exchange(
    host: str, port: int, request: FilledRequest, timeout: float, degraded_header: str | None
) -> LoadAnswer:
    """Connect, send, read the whole answer, close. A failure is a ``LoadAnswer`` too; it does not raise.

    ``timeout``: seconds for connecting and sending, and then for the whole answer.
    """
    headers = {"User-Agent": "gameday-load", "Accept": "*/*", **request.headers}
    try:
        with answering(host, port, request.method, request.path, headers, request.body, timeout) as answer:
            for _ in body_of(answer):  # drops the body
                pass
            degraded = answer.getheader(degraded_header) if degraded_header else None
            return LoadAnswer(answer.status, degraded and degraded[:LONGEST_HEADER])
    except (OSError, http.client.HTTPException) as problem:
        return LoadAnswer(0, error=error_word(problem))


def error_word(problem: BaseException) -> str:
    """Why there was no answer: the value of ``error`` in the recording.

    ``closed``: the peer closed before or during the answer, or did not answer in HTTP.
    """
    if isinstance(problem, http.client.HTTPException):  # RemoteDisconnected is a ConnectionResetError as well
        return "closed"
    return socket_error(problem)
