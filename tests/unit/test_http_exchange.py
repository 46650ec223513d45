"""An exchange ends in time whatever the peer sends, takes no more memory than its answer, and stays here."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from chaos.adapters.link_use import CountedLink, LinkUseReader, OwnUse
from chaos.adapters.toxiproxy_client import ToxiproxyServer
from chaos.bounded_http import exchange as bounded_exchange
from chaos.errors import ToolProblem
from chaos.load.client import LONGEST_HEADER, exchange
from chaos.model.scenario import HttpCondition
from chaos.model.stack import LinkName
from chaos.probes.http import HttpAsker
from chaos.templates import FilledRequest
from tests.raw_server import serving

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TIMEOUT = 0.15  # seconds that a client gives an answer
MUCH_LATER = 5.0  # seconds after which the peer gives up: the client must have ended before

Answer = tuple[bytes, bytes]  # sent once; sent again and again
ENDLESS: dict[str, Answer] = {
    "chunks of one byte": (CHUNKED, b"1\r\nx\r\n" * 10_000),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n" * 10_000),
    "informational answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000),
    "one byte of a header at a time": (OK + b"X: ", b"y"),
}


@contextmanager
def peer(once: bytes, again: bytes = b"") -> Iterator[tuple[int, list[str]]]:
    """A port of this machine that answers each client so; the first lines of what it was asked."""
    asked: list[str] = []
    with serving(lambda client: send(client, once, again), asked) as port:
        yield port, asked


def send(client: socket.socket, once: bytes, again: bytes) -> None:
    client.settimeout(MUCH_LATER)
    ends = time.monotonic() + MUCH_LATER
    client.sendall(once)
    while again and time.monotonic() < ends:
        client.sendall(again)
        if len(again) == 1:
            time.sleep(0.01)


def ask_load(port: int) -> str:
    return exchange("127.0.0.1", port, FilledRequest("GET", "/", {}), TIMEOUT, "X").error


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_request_of_the_load_is_late_while_bytes_still_arrive(kind: str) -> None:
    with peer(*ENDLESS[kind]) as (port, _):
        assert ask_load(port) == "timeout"


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["trailers", "one byte of a header at a time"])
async def test_a_call_of_toxiproxy_is_late_while_bytes_still_arrive(kind: str) -> None:
    with peer(*ENDLESS[kind]) as (port, _), pytest.raises(ToolProblem, match="did not reset within"):
        ToxiproxyServer(f"http://127.0.0.1:{port}", TIMEOUT).reset()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["chunks of one byte", "informational answers"])
async def test_a_probe_reads_a_bounded_number_of_pieces(kind: str) -> None:
    condition = {"service": "api", "path": "/", "status": 200, "timeout": "60s"}
    with peer(*ENDLESS[kind]) as (port, _):
        asker = HttpAsker(f"http://127.0.0.1:{port}")
        assert (await asker.ask(HttpCondition.model_validate(condition))).error == "endless"


@pytest.mark.thorough
async def test_counters_of_a_link_are_late_while_bytes_still_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos.adapters.link_use.SECONDS", TIMEOUT)
    link = LinkName(client="a", target="b")
    with peer(OK + b"\r\n", b" ") as (port, _):
        counted = CountedLink(f"http://127.0.0.1:{port}", "a->b", OwnUse, lambda: None)
        reader = LinkUseReader({link: counted})
        with pytest.raises(ToolProblem, match="TimeoutError"):
            await reader.read()
        await reader.close()


@pytest.mark.parametrize("length", ["-1", "-5", "x"])
def test_a_chunk_of_no_length_is_no_answer(length: str) -> None:
    with peer(CHUNKED + f"{length}\r\nxxxxxxxxx\r\n0\r\n\r\n".encode()) as (port, _):
        assert ask_load(port) == "closed"


def test_of_a_long_header_the_beginning_is_recorded() -> None:
    with peer(OK + b"X: " + b"y" * 60_000 + b"\r\nContent-Length: 0\r\n\r\n") as (port, _):
        done = exchange("127.0.0.1", port, FilledRequest("GET", "/", {}), MUCH_LATER, "X")
        assert done.degraded == "y" * LONGEST_HEADER


def test_a_redirect_of_toxiproxy_is_not_followed() -> None:
    with peer(OK + b"Content-Length: 2\r\n\r\n{}") as (other, asked_there):
        away = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        with peer(away.encode()) as (port, _):
            server = ToxiproxyServer(f"http://127.0.0.1:{port}", MUCH_LATER)
            for call in (server.reset, lambda: server.enabled("a->b"), lambda: server.set_enabled("a", True)):
                with pytest.raises(ToolProblem, match="answered 302"):
                    call()
        assert asked_there == []


# Without the time of day: the bytes are part of the names of the tests, which must be equal in every worker.
packed = partial(gzip.compress, mtime=0)
BOMB = packed(bytes(1 << 20))


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("gzip", BOMB, "more than 1000 bytes"),
        ("gzip, gzip", packed(BOMB), "encoding 'gzip, gzip'"),
        ("br", b"x", "encoding 'br'"),
        ("gzip", b"no gzip at all", "cannot be decompressed"),
        ("gzip", packed(b"{}")[:-4], "broke off"),
        ("gzip", packed(b"{}") + b"more", "after the end"),
        ("", bytes(2000), "more than 1000 bytes"),
    ],
)
async def test_a_compressed_answer_takes_no_more_memory_than_its_limit(
    encoding: str, body: bytes, why: str
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=httpx.ByteStream(body))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(ToolProblem, match=why):
            await bounded_exchange(client, "GET", "http://127.0.0.1:1/", headers={}, most=1000)
    assert asked == ["gzip"]


async def test_an_answer_in_gzip_is_read() -> None:
    stream = httpx.ByteStream(packed(b"x" * 900))
    headers = {"Content-Encoding": "gzip"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=stream))
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await bounded_exchange(client, "GET", "http://127.0.0.1:1/", headers={}, most=1000)
    assert answer.body == b"x" * 900
