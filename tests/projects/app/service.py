"""One small service of the test projects; its environment says what part it plays.

PORTS      ports at which it answers HTTP, the first one to people
NEEDS      redis://HOST:PORT or http://HOST:PORT, separated by commas: asked for each request
NEIGHBOURS a JSON file of such addresses, read at each request: links that no compose file shows
QUEUE      redis://HOST:PORT/NAME: with WORK=push each request adds an entry, with WORK=pop they are counted
FRAGILE    any text: it exits when something that it needs is gone, so that only a restart heals it
ONCE       any text: it asks what it needs once, and ends
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE = 1.0
POPPED = 0


def ask_redis(address: str, *words: str) -> str:
    """The first line of the answer. OSError if there is none."""
    host, _, port = address.removeprefix("redis://").partition("/")[0].partition(":")
    with socket.create_connection((host, int(port or 6379)), PATIENCE) as dialled:
        dialled.sendall((" ".join(words) + "\r\n").encode())
        line = dialled.makefile("rb").readline()
    if not line.endswith(b"\r\n") or line.startswith(b"-"):
        raise ConnectionError(f"no answer of {address}")
    return line[1:].decode().strip()


def ask(address: str) -> None:
    """OSError if it does not answer."""
    if address.startswith("redis://"):
        ask_redis(address, "PING")
    else:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            answer.read()


def needed() -> list[str]:
    """Everything that it asks for each request."""
    found = [one for one in os.environ.get("NEEDS", "").split(",") if one]
    file = os.environ.get("NEIGHBOURS")
    return [*found, *(json.loads(Path(file).read_text()) if file else [])]


def look() -> tuple[int, dict[str, object]]:
    """Status and body of an answer."""
    for address in needed():
        try:
            ask(address)
        except OSError as error:
            if os.environ.get("FRAGILE"):
                print(f"{address} is gone: {error}", flush=True)
                os._exit(1)
            return 503, {"error": f"{address}: {error}"}
    queue = os.environ.get("QUEUE")
    if queue and os.environ.get("WORK") == "push":
        try:
            ask_redis(queue, "RPUSH", "jobs", str(time.time()))
        except OSError as error:
            return 503, {"error": str(error)}
    return 200, {"ok": True, "popped": POPPED} if queue else {"ok": True}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, body = look() if self.path == "/" else (200, {"alive": True})
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512


def pop_forever(queue: str) -> None:
    global POPPED
    while True:
        try:
            POPPED += ask_redis(queue, "LPOP", "jobs") != "-1"
        except OSError as error:
            print(f"queue: {error}", flush=True)
        time.sleep(0.1)


def main() -> None:
    if os.environ.get("ONCE"):
        for address in needed():
            ask(address)
        sys.exit(0)
    queue = os.environ.get("QUEUE")
    if queue and os.environ.get("WORK") == "pop":
        threading.Thread(target=pop_forever, args=(queue,), daemon=True).start()
    ports = [int(port) for port in os.environ.get("PORTS", "8000").split(",")]
    for port in ports[1:]:
        threading.Thread(target=Server(("", port), Handler).serve_forever, daemon=True).start()
    Server(("", ports[0]), Handler).serve_forever()


if __name__ == "__main__":
    main()
