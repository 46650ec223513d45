"""The engine that can be taken away: bytes go through it, until it is stopped, and again afterwards."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.self_chaos.engine_proxy import EngineProxy


def an_echo(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data.upper())

    threading.Thread(target=serve, daemon=True).start()


def asked(path: Path, text: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(text)
        return connection.recv(100)


def test_it_answers_until_it_is_stopped_and_again_when_it_is_back(tmp_path: Path) -> None:
    an_echo(tmp_path / "engine")
    with EngineProxy(tmp_path / "proxy", tmp_path / "engine") as proxy:
        assert asked(proxy.path, b"one") == b"ONE"
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(str(proxy.path))
            waiting.sendall(b"two")
            assert waiting.recv(100) == b"TWO"
            proxy.stop()
            assert waiting.recv(100) == b""  # what was open is cut
        with pytest.raises(OSError, match="refused"):
            asked(proxy.path, b"three")
        proxy.resume()
        assert asked(proxy.path, b"four") == b"FOUR"
