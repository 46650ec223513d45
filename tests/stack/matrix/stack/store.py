"""The store: answers every request at once."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        payload = b"fresh"
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """No line for each request: no test reads it."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512


if __name__ == "__main__":
    Server(("", 8000), Handler).serve_forever()
