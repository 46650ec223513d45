"""Counts visits in Redis, with nothing but the standard library.

GET /                        200 and the number of visits
PUT /parties/NAME?people=3   notes that a party came: 201, or 200 when it is known already
GET /parties/NAME            200 or 404
GET /parties                 200 and all of them
GET /healthz                 200 while Redis answers
Each is 503 without Redis, after PATIENCE_SECONDS (default 1).
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

HOST, _, PORT = os.environ.get("REDIS_ADDRESS", "redis:6379").partition(":")
PATIENCE = float(os.environ.get("PATIENCE_SECONDS", "1"))  # for one answer of Redis
PARTY = re.compile(r"/parties/([A-Za-z0-9-]{1,80})(?:\?people=([0-9]{1,6}))?")
Answer = tuple[int, dict[str, object]]


def ask_redis(command: str) -> list[str]:
    """The answer of Redis to an inline command: its one line, or its list of texts. OSError if it is gone,
    slow or unwilling.
    """
    with socket.create_connection((HOST, int(PORT)), timeout=PATIENCE) as connection:
        connection.sendall(f"{command}\r\n".encode())
        with connection.makefile("rb") as answer:
            first = one_line(answer)
            if first.startswith("-"):
                raise ConnectionError(first)
            if not first.startswith("*"):
                return [first[1:]]
            lengths_and_texts = [one_line(answer) for _ in range(2 * int(first[1:]))]
            return lengths_and_texts[1::2]


def one_line(answer: BinaryIO) -> str:
    line = answer.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("Redis hung up")
    return line.decode().strip()


def read(path: str) -> Answer:
    if path == "/":
        return 200, {"visits": int(ask_redis("INCR visits")[0])}
    if path == "/healthz":
        return 200, {"redis": ask_redis("PING")[0]}
    if path == "/parties":
        found = ask_redis("HGETALL parties")
        return 200, {
            "parties": [{"name": n, "people": p} for n, p in zip(found[::2], found[1::2], strict=True)]
        }
    party = PARTY.fullmatch(path)
    if party is not None and ask_redis(f"HEXISTS parties {party[1]}") == ["1"]:
        return 200, {"name": party[1]}
    return 404, {"error": "no such page or party"}


def write(path: str) -> Answer:
    party = PARTY.fullmatch(path)
    if party is None or party[2] is None:
        return 404, {"error": "expected /parties/NAME?people=NUMBER"}
    is_new = ask_redis(f"HSETNX parties {party[1]} {party[2]}") == ["1"]
    return 201 if is_new else 200, {"name": party[1]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(*self.outcome(read))

    def do_PUT(self) -> None:
        self.answer(*self.outcome(write))

    def outcome(self, page: Callable[[str], Answer]) -> Answer:
        try:
            return page(self.path)
        except OSError as error:
            return 503, {"error": f"the counter is out of reach: {error}"}

    def answer(self, status: int, body: dict[str, object]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing: one line for each request would hide what matters."""


class Server(ThreadingHTTPServer):
    # The default of 5 drops dials that come in a burst, as they do after a stall; each is tried again a
    # second later, more wait meanwhile, and the server never catches up.
    request_queue_size = 512


if __name__ == "__main__":
    Server(("", 8000), Handler).serve_forever()
