"""Requests for collectors go to a port of this computer, and what the target does is an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chaos.errors import ToolProblem
from chaos.probes.clients import LocalClients, LocalServices


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_port_of_this_computer_is_asked(port: int) -> None:
    answer = await LocalClients({}).poll(port, "/x?y=1", 2.0)
    assert (answer.status, answer.body) == (200, b"/x?y=1")


def of_port(port: int) -> LocalServices:
    def address(service: str, inner: int) -> str:
        if (service, inner) != ("sink", 8080):
            raise ToolProblem(f"port {inner} of {service} is not published")
        return f"http://127.0.0.1:{port}"

    return LocalServices(address)


async def test_a_port_of_a_service_is_asked(port: int) -> None:
    answer = await of_port(port).get("sink", 8080, "/n?within=4", 2.0)
    assert (answer.status, answer.body) == (200, b"/n?within=4")


async def test_a_port_that_is_not_published_is_an_answer(port: int) -> None:
    answer = await of_port(port).get("sink", 9, "/", 2.0)
    assert (answer.status, answer.error) == (None, "port 9 of sink is not published")
