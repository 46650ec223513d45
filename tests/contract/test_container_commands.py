"""Commands in a container of a real engine: every byte and the true exit code, however late it is read."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from chaos.adapters.containers import DockerContainers
from chaos.errors import ToolProblem
from chaos.ports import CommandOutput
from tests.contract.places import REDIS, Engine, engine_without_links

pytestmark = pytest.mark.containers

HELD = 150  # commands whose client is held back; the SDK's own reading lost every one of them
ROWS = b"".join(b"%d\n" % number for number in range(1, 201))
MEGABYTES = 8
SECONDS = 30.0


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine_without_links() as opened:
        opened.add("store", REDIS)
        yield opened


async def run(engine: Engine, *argv: str) -> CommandOutput:
    return await DockerContainers(engine.run_id, engine.client).execute("store", argv, SECONDS)


async def test_a_client_held_back_until_the_whole_answer_is_there_loses_nothing(
    containers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer's head and the output then lie in one buffer; a busy machine does the same, now and then."""
    held = 0
    read_answer = HTTPConnection.getresponse

    def late(connection: HTTPConnection) -> Any:
        nonlocal held
        assert connection.sock is not None
        seen = _peek(connection.sock)
        if b"raw-stream" in seen:
            _await_end(connection.sock)
            held += 1
        return read_answer(connection)

    monkeypatch.setattr(HTTPConnection, "getresponse", late)
    for _ in range(HELD):
        assert await run(containers, "seq", "1", "200") == CommandOutput(0, ROWS, b"", ROWS)
    assert held == HELD


def _peek(sock: socket.socket) -> bytes:
    return sock.recv(1 << 16, socket.MSG_PEEK)


def _await_end(sock: socket.socket) -> None:
    ends = time.monotonic() + SECONDS
    while not _peek(sock).endswith(ROWS[-4:]):
        assert time.monotonic() < ends, "the output did not arrive"
        time.sleep(0.001)


async def test_megabytes_arrive_whole(containers: Engine) -> None:
    done = await run(containers, "sh", "-c", f"yes 0123456 | head -c {MEGABYTES << 20}")
    assert (done.exit_code, len(done.stdout), done.stderr) == (0, MEGABYTES << 20, b"")
    assert done.stdout == b"0123456\n" * (MEGABYTES << 17)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("true", (0, b"", b"")),
        ("exit 7", (7, b"", b"")),
        ("echo only errors >&2", (0, b"", b"only errors\n")),
        ("echo out; echo err >&2; exit 3", (3, b"out\n", b"err\n")),
        ("printf '\\001\\000\\377'", (0, b"\x01\x00\xff", b"")),
        ("for n in 1 2 3 4 5; do printf $n; sleep 0.05; done", (0, b"12345", b"")),
    ],
)
async def test_every_stream_and_exit_code(
    containers: Engine, script: str, expected: tuple[int, bytes, bytes]
) -> None:
    done = await run(containers, "sh", "-c", script)
    assert (done.exit_code, done.stdout, done.stderr) == expected


async def test_a_container_killed_under_its_command_never_looks_like_success(containers: Engine) -> None:
    """The engine either knows that the command was killed, or gameday says that its output broke off."""
    inside = DockerContainers(containers.run_id, containers.client)
    command = ["sh", "-c", "echo begun; touch /tmp/begun; sleep 20"]
    running = asyncio.create_task(inside.execute("store", command, SECONDS))
    while (await run(containers, "test", "-e", "/tmp/begun")).exit_code != 0:
        assert not running.done(), running
    await inside.kill("store")
    (done,) = await asyncio.gather(running, return_exceptions=True)
    await inside.start("store")
    if isinstance(done, CommandOutput):
        assert done.exit_code == 137
        assert done.stdout == b"begun\n"
    else:
        assert isinstance(done, ToolProblem)
        assert "broke off" in str(done)
