"""A Toxiproxy API of one thread pool, that can be made to hang, or to answer with an error."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class FakeToxiproxy:
    """``stuck``: toxics whose removal hangs. ``freed_by``: what ends that: disable, reset or restart."""

    def __init__(self, *proxies: str) -> None:
        self.names = proxies
        self.stuck: set[str] = set()
        self.freed_by = ""
        self.hangs: set[str] = set()  # "POST /reset": never answered
        self.failing: dict[str, int] = {}  # "POST /reset" -> status
        self.log: list[str] = []
        self.over = threading.Event()  # ends every hang when the test is over
        self.base = ""
        self.forget()

    def forget(self) -> None:
        """What a restart does: everything as the config file says."""
        self.proxies: dict[str, dict[str, Any]] = {
            name: {"name": name, "listen": "", "upstream": "", "enabled": True, "toxics": []}
            for name in self.names
        }

    def restart(self) -> None:
        self.log.append("restart")
        self.free("restart")
        self.forget()

    def free(self, how: str) -> None:
        if self.freed_by == how:
            self.stuck.clear()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        call = f"{method} {path}"
        self.log.append(call)
        if call in self.hangs:
            self.over.wait()
        if call in self.failing:
            return self.failing[call], "it broke"
        parts = path.strip("/").split("/")
        if path == "/proxies":
            return 200, self.proxies
        if path == "/reset":
            self.free("reset")
            if not self.stuck:
                self.forget()
            return 204, None
        if parts[0] != "proxies" or parts[1] not in self.proxies:
            return 404, {"error": "proxy not found"}
        return self._proxy(method, self.proxies[parts[1]], parts[2:], body)

    def _proxy(self, method: str, proxy: dict[str, Any], rest: list[str], body: Any) -> tuple[int, Any]:
        toxics = proxy["toxics"]
        if method == "POST" and not rest:
            proxy["enabled"] = body["enabled"]
            if not proxy["enabled"]:
                self.free("disable")
            return 200, proxy
        if method == "GET":
            return 200, toxics
        if method == "POST":
            if any(toxic["name"] == body["name"] for toxic in toxics):
                return 409, {"error": "toxic already exists"}
            if body["type"] == "nonsense":
                return 400, {"error": "invalid toxic type"}
            toxics.append(body)
            return 200, body
        found = [toxic for toxic in toxics if toxic["name"] == rest[1]]
        if not found:
            return 404, {"error": "toxic not found"}
        if rest[1] in self.stuck:
            self.over.wait()
        toxics.remove(found[0])
        return 204, None


@contextmanager
def serving(fake: FakeToxiproxy) -> Iterator[FakeToxiproxy]:
    """``fake.base`` is its address meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = fake.answer(self.command, unquote(self.path), json.loads(raw) if raw else None)
            if fake.over.is_set():
                return  # the client is gone
            payload = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    fake.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        fake.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
