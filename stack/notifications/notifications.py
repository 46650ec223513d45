"""A stand-in for pager, chat, e-mail and daily digest: it takes what Alertmanager sends, and lists it.

| request | does |
|---|---|
| ``POST /channels/NAME`` | takes a webhook of Alertmanager for ``pager``, ``chat``, ``email`` or ``digest`` |
| ``POST /heartbeat`` | takes the dead-man's switch |
| ``GET /notifications?within=SECONDS`` | lists what arrived, all or in the last seconds |
| ``GET /heartbeat`` | says whether the dead-man's switch is silent |
| ``GET /health`` | 200 |

Served by the standard library: it starts in a tenth of a second and is hardly ever asked.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from received import CHANNELS, Received

PORT = 8080
MOST_BYTES = 5_000_000  # of one webhook


class Handler(BaseHTTPRequestHandler):
    received: Received  # of the server's own subclass
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            self._answer(200, {"status": "ok"})
        elif url.path == "/heartbeat":
            self._answer(200, self.received.heartbeat())
        elif url.path == "/notifications":
            self._list(parse_qs(url.query).get("within"))
        else:
            self._answer(404, {"error": "no such path"})

    def do_POST(self) -> None:
        body = self._body()
        channel = self.path.removeprefix("/channels/")
        if body is None:
            self._answer(422, {"error": "expected a webhook of Alertmanager, with a list `alerts`"})
        elif self.path == "/heartbeat":
            self.received.beat()
            self._answer(200, {"status": "ok"})
        elif channel in CHANNELS and channel != self.path:
            self.received.take(channel, body)
            self._answer(200, {"status": "ok"})
        else:
            self._answer(404, {"error": f"expected /heartbeat, or /channels/ and {' or '.join(CHANNELS)}"})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: labels of alerts may say more than a log should hold."""

    def _list(self, within: list[str] | None) -> None:
        try:
            seconds = None if within is None else float(within[0])
        except ValueError:
            self._answer(422, {"error": "expected a number of seconds as within"})
            return
        self._answer(200, self.received.listing(seconds))

    def _body(self) -> dict[str, Any] | None:
        """The webhook, or None when it is none. What was sent is always read: the connection goes on."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= MOST_BYTES:
            self.close_connection = True
            return None
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            return None
        return body if isinstance(body, dict) and isinstance(body.get("alerts"), list) else None

    def _answer(self, status: int, body: Mapping[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if self.close_connection:  # said, so that a client does not use it again
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)


def make_server(received: Received, address: tuple[str, int]) -> ThreadingHTTPServer:
    """A server that is not serving yet; port 0 takes a free one."""
    server = ThreadingHTTPServer(address, type("BoundHandler", (Handler,), {"received": received}))
    server.daemon_threads = True
    return server


def main() -> None:
    limit = float(os.environ["HEARTBEAT_LIMIT_SECONDS"])
    received = Received(limit, time.monotonic)
    server = make_server(received, ("0.0.0.0", PORT))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        time.sleep(min(1.0, limit / 10))
        received.look()


if __name__ == "__main__":
    main()
