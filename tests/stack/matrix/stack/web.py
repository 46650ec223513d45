"""An application that asks a store for every answer. The path says how it copes when the store is silent.

GET /quick    gives the store up after 1 s: 503
GET /stale    gives the store up after 1 s: 200 and {"stale": true}
GET /patient  gives the store up after 10 s: 503
GET /late     gives the store up after 10 s: 200 and {"stale": true}
GET /hang     never gives it up
Each is 200 and {"stale": false} while the store answers.
"""

from __future__ import annotations

import http.client
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST, _, PORT = os.environ["STORE"].partition(":")
PATIENCE = {"/quick": 1.0, "/stale": 1.0, "/patient": 10.0, "/late": 10.0, "/hang": None}
STALE = ("/stale", "/late")


def ask_store(patience: float | None) -> None:
    """Raises OSError or HTTPException when the store does not answer."""
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=patience)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    finally:
        connection.close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path not in PATIENCE:
            self.answer(404, {"error": "no such page"})
            return
        try:
            ask_store(PATIENCE[self.path])
        except (OSError, http.client.HTTPException) as error:
            if self.path in STALE:
                self.answer(200, {"stale": True})
            else:
                self.answer(503, {"error": str(error)})
        else:
            self.answer(200, {"stale": False})

    def answer(self, status: int, body: dict[str, object]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """No line for each request: no test reads it."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512


if __name__ == "__main__":
    Server(("", 8000), Handler).serve_forever()
