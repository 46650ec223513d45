"""What a target answers can neither break nor stall whoever asked."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.adapters import alertmanager, prometheus
from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.adapters.http_proxies import MOST_BYTES, HaproxyHttpProxies, ProxyEndpoint
from chaos.adapters.levers import request
from chaos.adapters.prometheus import PrometheusReader
from chaos.app.stacks import by_hand
from chaos.app.stacks.by_hand import Gameday
from chaos.conditions import HttpAnswer, http_holds
from chaos.errors import ToolProblem
from chaos.json_text import read_json
from chaos.ledger.rows import rows_of
from chaos.ledger.stack_client import StackClient
from chaos.load.client import exchange
from chaos.model.ledger import LedgerStore
from chaos.model.scenario import HttpCondition
from chaos.model.stack import HttpCall, LinkName, LoadProfile
from chaos.preflight import look
from chaos.probes.http import HttpAsker
from chaos.templates import FilledRequest
from tests.raw_server import serving

pytestmark = pytest.mark.thorough

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
DEPTHS = (300, 990, 5_000, 200_000)
PATIENCE = 60.0  # seconds: a bound that a slow machine does not reach; an endless answer would


def endless(client: socket.socket) -> None:
    client.sendall(HEAD)
    block = b"[" * (1 << 20)
    while True:
        client.sendall(block)


def split_header(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nY: \x00\r\n\r\n{}")


def endless_header(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        client.sendall(b"x" * 65536)


def deep(client: socket.socket) -> None:
    client.sendall(HEAD + nested(5_000).encode())


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def condition(**more: object) -> HttpCondition:
    return HttpCondition.model_validate(
        {"service": "api", "path": "/", "status": 200, "timeout": "60s"} | more
    )


@pytest.mark.parametrize("depth", DEPTHS)
def test_json_of_any_depth_is_a_value_error(depth: int) -> None:
    for text in (nested(depth), '{"a":' * depth + "1" + "}" * depth):
        with pytest.raises(ValueError, match="recursion limit"):
            read_json(text)
    seen = http_holds(condition(json_equals={"a": 1}), HttpAnswer(200, body=nested(depth).encode()))
    assert (seen.holds, seen.detail) == (False, "the body is not JSON")


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_rows_of_any_depth_are_no_answer_of_a_store(form: str, depth: int) -> None:
    store = LedgerStore.model_validate({"http": {"service": "api"}, "format": form, "id": "id"})
    with pytest.raises(ToolProblem, match=f"the answer is not {form}"):
        rows_of(store, nested(depth), "p-")


@pytest.mark.parametrize(
    ("answer", "error"),
    [(endless, "endless"), (split_header, "closed"), (endless_header, "closed"), (deep, "")],
)
async def test_a_probe_ends_whatever_is_answered(answer: Callable[[socket.socket], None], error: str) -> None:
    with serving(answer) as port:
        began = time.monotonic()
        seen = await HttpAsker(f"http://127.0.0.1:{port}").ask(condition(json_equals={"a": 1}))
        assert seen.error == error
        assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("answer", [endless, split_header, endless_header])
async def test_a_ledger_and_a_lever_have_no_answer_then(answer: Callable[[socket.socket], None]) -> None:
    with serving(answer) as port:
        base = f"http://127.0.0.1:{port}"
        client = StackClient(lambda _: base, lambda *_: base, lambda *_: pytest.fail("no command"))
        with pytest.raises(ToolProblem):
            await client.request(base, FilledRequest("GET", "/", {}), PATIENCE)
        call = HttpCall.model_validate({"service": "api", "method": "GET", "path": "/", "timeout": "60s"})
        with pytest.raises(ToolProblem):
            await request(call, {}, lambda *_: base)


async def test_a_lever_that_answers_deep_json_did_not_do_what_was_asked() -> None:
    with serving(deep) as port:
        call = HttpCall.model_validate(
            {"service": "api", "method": "GET", "path": "/", "json_equals": {"a": 1}}
        )
        answer = await request(call, {}, lambda *_: f"http://127.0.0.1:{port}")
        assert not answer.holds
        assert f"expected {json.dumps({'a': 1})}" in answer.detail


@pytest.mark.parametrize(
    ("answer", "status", "shape"),
    [(endless, 200, "application/json"), (deep, 200, "application/json"), (endless_header, 0, "LineTooLong")],
)
def test_a_preflight_request_ends_whatever_is_answered(
    answer: Callable[[socket.socket], None], status: int, shape: str
) -> None:
    profile = LoadProfile.model_validate({"entry": "clients->web", "requests": [{"request": "GET /"}]})
    with serving(answer) as port:
        got = look._ask(profile, profile.requests[0], {}, f"http://127.0.0.1:{port}")
        assert (got[0], got[1].partition(":")[0]) == (status, shape)


async def test_the_witness_of_an_http_link_keeps_a_bounded_part_of_an_endless_body() -> None:
    with serving(endless) as port:
        dialled = ProxyEndpoint("127.0.0.1", port, lambda *_: None)
        proxies = HaproxyHttpProxies(lambda _: pytest.fail("no command"), lambda _: dialled)
        reply = await proxies.ask(LinkName(client="web", target="db"), "/", 1.0)
        assert (reply.outcome, reply.status) == ("slow", 200)
        assert len(reply.body) <= MOST_BYTES


@pytest.mark.parametrize("path", ["@otherhost/", "//\\x", "x", "/a\r\nHost: b"])
def test_a_probe_by_hand_stays_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    gameday = Gameday(tmp_path / "stack.yaml", tmp_path)
    monkeypatch.setattr(gameday, "url", lambda _: "http://127.0.0.1:9")
    with pytest.raises(ToolProblem, match="expected a path of this machine"):
        gameday.probe("web", path)
    gameday._thread.start()
    assert gameday.probe("web", "/x").status == 0
    gameday.close()


def trickle(client: socket.socket) -> None:
    client.sendall(HEAD)
    while True:
        client.sendall(b" ")


async def test_an_answer_of_prometheus_that_never_ends_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "_WHOLE", 0.1)
    monkeypatch.setattr(alertmanager, "_WHOLE", 0.3)
    with serving(trickle) as port:
        base = f"http://127.0.0.1:{port}"
        async with PrometheusReader(base) as reader, AlertmanagerClient(base, base, "/") as client:
            for work in (reader.values("up"), reader.targets(), client.listing()):
                with pytest.raises(ToolProblem, match="TimeoutError"):
                    await work


def trickle_in_head(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        client.sendall(b"x")
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "timeout", "error"),
    [
        (endless, PATIENCE, "ToolProblem"),
        (trickle, 0.2, "TimeoutError"),
        (trickle_in_head, 0.2, "TimeoutError"),
    ],
)
def test_a_probe_by_hand_ends_whatever_is_answered(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[socket.socket], None],
    timeout: float,
    error: str,
) -> None:
    monkeypatch.setattr(by_hand, "MOST_BYTES", 1 << 20)
    gameday = Gameday(tmp_path / "stack.yaml", tmp_path)
    gameday._thread.start()
    with serving(answer) as port:
        monkeypatch.setattr(gameday, "url", lambda _: f"http://127.0.0.1:{port}")
        probed = gameday.probe("web", timeout=timeout)
    gameday.close()
    assert (probed.status, probed.error.partition(":")[0]) == (0, error)


@pytest.mark.parametrize("charset", ["hex", "undefined", "no-such"])
def test_a_probe_by_hand_reads_a_text_of_any_charset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, charset: str
) -> None:
    gameday = Gameday(tmp_path / "stack.yaml", tmp_path)
    gameday._thread.start()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset={charset}\r\nContent-Length: 2\r\n\r\nhi"
    with serving(lambda client: client.sendall(head.encode())) as port:
        monkeypatch.setattr(gameday, "url", lambda _: f"http://127.0.0.1:{port}")
        assert gameday.probe("web").text == "hi"
    gameday.close()


def test_the_load_keeps_nothing_of_a_body_and_takes_broken_heads_for_no_answer() -> None:
    for answer in (split_header, endless_header):
        with serving(answer) as port:
            done = exchange("127.0.0.1", port, FilledRequest("GET", "/", {}), 5.0, "X")
            assert (done.status, done.error) in ((0, "closed"), (200, ""))
