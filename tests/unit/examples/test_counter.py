"""The counter's own promises: what it acknowledges can be read back, and Redis's answers are read whole."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "examples" / "counter"


@pytest.fixture
def web() -> ModuleType:
    spec = importlib.util.spec_from_file_location("counter_web", FOLDER / "web.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def redis(web: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The hash that the parties are kept in; `down` in it stands for a Redis that is gone."""
    parties: dict[str, str] = {}

    def answer(command: str) -> list[str]:
        verb, *words = command.split(" ")
        if "down" in parties:
            raise ConnectionError("gone")
        if verb == "HSETNX":
            is_new = words[1] not in parties
            parties.setdefault(words[1], words[2])
            return ["1" if is_new else "0"]
        if verb == "HEXISTS":
            return ["1" if words[1] in parties else "0"]
        assert command == "HGETALL parties"
        return [text for pair in parties.items() for text in pair]

    monkeypatch.setattr(web, "ask_redis", answer)
    return parties


def test_a_party_is_noted_once_and_found_again(web: ModuleType, redis: dict[str, str]) -> None:
    assert [web.write("/parties/gd-1-a?people=3")[0] for _ in range(2)] == [201, 200]
    assert [web.read(f"/parties/gd-1-{name}")[0] for name in "ab"] == [200, 404]
    assert web.read("/parties") == (200, {"parties": [{"name": "gd-1-a", "people": "3"}]})


@pytest.mark.parametrize("path", ["/parties/a", "/parties/a b?people=1", "/parties/a?people=x", "/parties"])
def test_what_could_be_another_command_of_redis_is_refused(
    web: ModuleType, redis: dict[str, str], path: str
) -> None:
    assert web.write(path)[0] == 404
    assert redis == {}


def test_without_redis_nothing_is_acknowledged(web: ModuleType, redis: dict[str, str]) -> None:
    redis["down"] = "1"
    with pytest.raises(OSError, match="gone"):
        web.write("/parties/a?people=3")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"+PONG\r\n", ["PONG"]),
        (b":7\r\n", ["7"]),
        (b"*4\r\n$1\r\na\r\n$1\r\n3\r\n$1\r\nb\r\n$2\r\n14\r\n", ["a", "3", "b", "14"]),
        (b"*0\r\n", []),
    ],
)
def test_answers_are_read_whole(
    web: ModuleType, monkeypatch: pytest.MonkeyPatch, sent: bytes, read: list[str]
) -> None:
    assert ask(web, monkeypatch, sent) == read


@pytest.mark.parametrize("sent", [b"-LOADING\r\n", b"", b"+PO", b"*2\r\n$1\r\na\r\n"])
def test_half_an_answer_or_an_error_is_no_answer(
    web: ModuleType, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    with pytest.raises(ConnectionError):
        ask(web, monkeypatch, sent)


def ask(web: ModuleType, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> object:
    ours, theirs = socket.socketpair()
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)
    monkeypatch.setattr(web.socket, "create_connection", lambda address, timeout: ours)
    with theirs:
        return web.ask_redis("PING")
