"""The kernel's count of the bytes on open connections, asked of the network of this very process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from chaos.adapters.socket_bytes import NetworkOfProcess, OpenBytes


@pytest.fixture
def network() -> Iterator[NetworkOfProcess]:
    with closing(NetworkOfProcess(os.getpid())) as opened:
        yield opened


def exchanged(listener: socket.socket, asked: bytes) -> tuple[socket.socket, socket.socket]:
    """A connection that stays open, on which the client has sent ``asked`` and it was read."""
    client = socket.create_connection(listener.getsockname()[:2])
    server, _ = listener.accept()
    client.sendall(asked)
    left = len(asked)
    while left:
        left -= len(server.recv(left))
    return client, server


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_bytes_are_counted_while_the_connection_is_open(host: str, network: NetworkOfProcess) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port = listener.getsockname()[1]
        assert network.by_port().get(port, OpenBytes()) == OpenBytes()
        client, server = exchanged(listener, b"x" * 5000)
        with client, server:
            assert network.by_port()[port].connections == 1
            assert network.by_port()[port].received == 5000


def test_threads_that_ask_at_the_same_time_do_not_read_each_others_answers(network: NetworkOfProcess) -> None:
    """A run reads the links every second, and once more just before a fault."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client, server = exchanged(listener, b"x" * 5000)
        with client, server, ThreadPoolExecutor(8) as threads:
            port = listener.getsockname()[1]
            readings = list(threads.map(lambda _: network.by_port()[port], range(400)))
            assert {(one.connections, one.received) for one in readings} == {(1, 5000)}


def test_a_process_that_is_gone_has_no_network() -> None:
    with pytest.raises(OSError, match="No such file"):
        NetworkOfProcess(2**22 + 1)
