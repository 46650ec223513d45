"""Counts visits in Redis, with nothing but the standard library.

GET /         200 and the number of visits; 503 without Redis, after PATIENCE_SECONDS (default 1)
GET /healthz  200 while Redis answers, else 503
"""

from __future__ import annotations

import json
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST, _, PORT = os.environ.get("REDIS_ADDRESS", "redis:6379").partition(":")
PATIENCE = float(os.environ.get("PATIENCE_SECONDS", "1"))  # for one answer of Redis


def ask_redis(command: str) -> str:
    """The one-line answer of Redis to an inline command. OSError if it is gone, slow or unwilling."""
    with socket.create_connection((HOST, int(PORT)), timeout=PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(f"{command}\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n"):
            part = connection.recv(256)
            if not part:
                raise ConnectionError("Redis hung up")
            answer += part
    text = answer.decode().strip()
    if text.startswith("-"):
        raise ConnectionError(text)
    return text[1:]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        try:
            if self.path == "/":
                self.answer(200, {"visits": int(ask_redis("INCR visits"))})
            elif self.path == "/healthz":
                self.answer(200, {"redis": ask_redis("PING")})
            else:
                self.answer(404, {"error": "no such page"})
        except OSError as error:
            self.answer(503, {"error": f"the counter is out of reach: {error}"})

    def answer(self, status: int, body: dict[str, object]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a line a request is nobody's reading."""


class Server(ThreadingHTTPServer):
    # The default of 5 drops dials that come in a burst, as they do after a stall; each is tried again a
    # second later, more wait meanwhile, and the server never catches up.
    request_queue_size = 512


if __name__ == "__main__":
    Server(("", 8000), Handler).serve_forever()
