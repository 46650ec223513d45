"""A Docker engine that runs no command: it answers the three calls of one with given bytes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import docker

RAW_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
UPGRADED_HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxI", stream, len(data)) + data


@dataclass
class FakeEngineApi:
    """``segments``: the output, each sent on its own; the first one in one segment with the answer's head."""

    segments: tuple[bytes, ...] = ()
    running: bool = False
    exit_code: int | None = 0
    refusal: bytes = b""  # sent instead of the output
    pause: threading.Event | None = None  # awaited before the end of the output
    asked: list[str] = field(default_factory=list)

    def answer(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        while line := reader.readline():
            method, path, _ = line.decode().split(" ", 2)
            headers = {}
            while (header := reader.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            reader.read(int(headers.get("content-length", 0)))
            self.asked.append(f"{method} {path}")
            if path.endswith("/start"):
                self._stream(connection, upgraded="upgrade" in headers)
                connection.shutdown(socket.SHUT_RDWR)
                return
            known = (
                {"Id": "job"} if method == "POST" else {"Running": self.running, "ExitCode": self.exit_code}
            )
            body = json.dumps(known).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def _stream(self, connection: socket.socket, upgraded: bool) -> None:
        if self.refusal:
            connection.sendall(self.refusal)
            return
        first, *rest = self.segments or (b"",)
        connection.sendall((UPGRADED_HEAD if upgraded else RAW_HEAD) + first)
        for segment in rest:
            connection.sendall(segment)
        if self.pause is not None:
            self.pause.wait()


@contextmanager
def engine_api(fake: FakeEngineApi) -> Iterator[docker.APIClient]:
    """A client of the SDK that speaks to the fake over TCP."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return  # closed: the test is over
                with connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    try:
                        fake.answer(connection)
                    except OSError:
                        continue  # the client hung up

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        client = docker.APIClient(base_url=address, version="1.41", timeout=5)
        client.trust_env = False
        try:
            yield client
        finally:
            client.close()
            if fake.pause is not None:
                fake.pause.set()
            server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
