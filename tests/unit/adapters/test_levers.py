"""Levers against a small HTTP server of this process, and a container that answers from a list."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chaos.adapters.levers import StackLevers, fill
from chaos.errors import ToolProblem
from chaos.model.stack import Lever
from chaos.ports import CommandOutput, LeverPhase

Heard = tuple[str, str, dict[str, str], Any]


class Mock:
    """A service with an admin API: remembers what it was sent, answers as configured."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b"{}"
        self.heard: list[Heard] = []
        self.base = ""
        self.trickles = False  # an answer of which a byte comes now and then, and never the last one
        self.over = threading.Event()


@pytest.fixture
def mock() -> Iterator[Mock]:
    service = Mock()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            service.heard.append(
                (self.command, self.path, dict(self.headers.items()), json.loads(raw) if raw else None)
            )
            self.send_response(service.status)
            self.send_header("Content-Length", "1000000" if service.trickles else str(len(service.body)))
            self.end_headers()
            while service.trickles and not service.over.wait(0.02):
                self.wfile.write(b" ")
            self.wfile.write(service.body)

        do_GET = do_POST = do_DELETE = do_PUT = _serve

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    service.base = f"http://127.0.0.1:{server.server_port}"
    yield service
    service.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


class Shell:
    """Commands in containers: each is noted, and answered with the next of ``answers``."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.ran: list[tuple[str, tuple[str, ...], float]] = []

    async def __call__(self, service: str, argv: Sequence[str], timeout: float) -> CommandOutput:
        self.ran.append((service, tuple(argv), timeout))
        code, printed = self.answers.pop(0)
        return CommandOutput(code, printed=printed.encode())


def lever(
    params: dict[str, Any] | None = None, http: dict[str, Any] | None = None, **phases: dict[str, Any]
) -> Lever:
    """Every phase is the same HTTP call unless it is given."""
    action = {"http": {"service": "mock", **(http or {})}}
    return Lever.model_validate(
        {
            "params": {name: {"default": value} for name, value in (params or {}).items()},
            **dict.fromkeys(("inject", "revert", "readback", "witness"), action),
            **phases,
        }
    )


def levers(declared: Lever, base: str = "http://127.0.0.1:1", shell: Shell | None = None) -> StackLevers:
    def address(service: str, port: int | None) -> str:
        assert service == "mock"
        return base if port is None else f"{base}/port{port}"

    return StackLevers({"mock.errors": declared}, address, shell or Shell())


async def act(adapter: StackLevers, phase: str = "inject", **params: object) -> Any:
    return await adapter.act("mock.errors", LeverPhase(phase), params)


async def test_an_answer_that_trickles_in_is_late_all_the_same(mock: Mock) -> None:
    mock.trickles = True
    answer = await act(levers(lever(http={"timeout": "100ms"}), mock.base), "witness")
    assert not answer.holds
    assert answer.detail.endswith("no complete answer within 0.1 s")


async def test_fills_in_parameters_with_their_types_and_defaults(mock: Mock) -> None:
    declared = lever(
        {"status": 500, "who": "a b/c", "on": True},
        {
            "method": "PUT",
            "path": "/faults/$who",
            "headers": {"X-Who": "is $who"},
            "json": {"status": "$status", "text": "$status of $who costs $$5", "on": ["$on"], "n": 1},
            "port": 8080,
        },
    )
    answer = await act(levers(declared, mock.base), status=503)
    method, path, headers, body = mock.heard[0]
    assert answer.holds
    assert (method, path) == ("PUT", "/port8080/faults/a%20b%2Fc")
    assert headers["X-Who"] == "is a b/c"
    assert body == {"status": 503, "text": "503 of a b/c costs $5", "on": [True], "n": 1}


async def test_each_phase_does_its_own_action(mock: Mock) -> None:
    declared = lever(
        **{phase.value: {"http": {"service": "mock", "path": f"/{phase.value}"}} for phase in LeverPhase}
    )
    for phase in LeverPhase:
        await act(levers(declared, mock.base), phase.value)
    assert [path for _, path, _, _ in mock.heard] == ["/inject", "/revert", "/readback", "/witness"]


@pytest.mark.parametrize(
    ("expected", "status", "holds"),
    [
        ({}, 204, True),
        ({}, 302, True),
        ({}, 404, False),
        ({"status": 500}, 500, True),
        ({"status": 500}, 200, False),
        ({"status": "$code"}, 503, True),
        ({"status": "$code"}, 500, False),
    ],
)
async def test_holds_by_the_expected_status(
    mock: Mock, expected: dict[str, Any], status: int, holds: bool
) -> None:
    mock.status, mock.body = status, b""
    answer = await act(levers(lever({"code": 503}, expected), mock.base), "witness")
    assert answer.holds is holds
    assert f"answered {status}" in answer.detail


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (b'{"mode": {"errors": 503, "more": 1}, "x": 2}', True),
        (b'{"mode": {"errors": 500}}', False),
        (b'{"mode": {}}', False),
        (b"[]", False),
        (b"not json", False),
    ],
)
async def test_holds_by_the_json_that_it_must_contain(mock: Mock, body: bytes, holds: bool) -> None:
    mock.body = body
    declared = lever({"code": 503}, {"json_equals": {"mode": {"errors": "$code"}}})
    answer = await act(levers(declared, mock.base), "readback")
    assert answer.holds is holds
    assert ('expected {"mode": {"errors": 503}}' in answer.detail) is not holds


def test_dollars() -> None:
    params = {"a": 1, "b": None, "long_name": "x"}
    assert fill("$a", params) == 1
    assert fill("$b", params) is None
    assert fill("$$", params) == "$"
    assert fill("$$a", params) == "$a"
    assert fill("$a-$long_name, 5$$ ${a}", params) == "1-x, 5$ 1"
    assert fill("${a}", params) == 1
    with pytest.raises(ToolProblem, match=r"write \$\$"):
        fill("5$ each", params)
    with pytest.raises(ToolProblem, match=r"\$c is not a parameter of the lever; it has a, b, long_name"):
        fill({"deep": ["$c"]}, params)


async def test_a_command_holds_when_it_exits_0() -> None:
    shell = Shell((0, "OK"), (1, "no  such\nkey"))
    call = {"command": {"service": "db", "argv": ["set", "k", "$value", "$$HOME"], "timeout": "3s"}}
    adapter = levers(lever({"value": 7}, inject=call, witness=call), shell=shell)
    done = await act(adapter)
    assert (done.holds, done.detail) == (True, "set in db exited 0: OK")
    assert shell.ran == [("db", ("set", "k", "7", "$HOME"), 3.0)]
    seen = await act(adapter, "witness")
    assert (seen.holds, seen.detail) == (False, "set in db exited 1: no such key")


@pytest.mark.parametrize("code", [126, 127])
async def test_a_command_that_could_not_run_gives_no_answer(code: int) -> None:
    call = {"command": {"service": "db", "argv": ["ask"], "timeout": "3s"}}
    adapter = levers(
        lever({}, inject=call, witness=call), shell=Shell((code, "not found"), (code, "not found"))
    )
    assert (await act(adapter, "witness")).holds is None
    assert not (await act(adapter)).holds


async def test_a_stack_that_cannot_be_asked_does_not_hold_but_fails_an_action() -> None:
    adapter = levers(lever(http={"path": "/x"}))
    for phase in ("readback", "witness"):
        answer = await act(adapter, phase)
        assert answer.holds is None
        assert "GET http://127.0.0.1:1/x: ConnectError" in answer.detail
    for phase in ("inject", "revert"):
        with pytest.raises(ToolProblem, match=f"lever mock.errors, {phase}: GET http://127.0.0.1:1/x"):
            await act(adapter, phase)


async def test_an_answer_that_does_not_match_is_never_an_error(mock: Mock) -> None:
    mock.status = 500
    for phase in LeverPhase:
        assert not (await act(levers(lever(), mock.base), phase.value)).holds


async def test_a_proxy_of_the_environment_is_not_asked(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert (await act(levers(lever(), mock.base))).holds


async def test_a_long_answer_is_cut(mock: Mock) -> None:
    mock.body = b"x" * 5000
    assert len((await act(levers(lever(), mock.base))).detail) < 300


async def test_unknown_names_are_errors() -> None:
    adapter = levers(lever({"status": 500}))
    with pytest.raises(ToolProblem, match=r"no lever nothing; known: mock\.errors"):
        await adapter.act("nothing", LeverPhase.INJECT, {})
    with pytest.raises(ToolProblem, match=r"lever mock\.errors has no parameter statsu; it has status"):
        await act(adapter, statsu=500)
