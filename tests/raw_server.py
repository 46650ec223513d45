"""A server whose answers are bytes, as no HTTP library would send them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def serving(answer: Callable[[socket.socket], None], asked: list[str] | None = None) -> Iterator[int]:
    """A server on a port of this machine that treats each client as ``answer`` does, once it has asked.

    ``asked`` gets the first line of each request.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client:
                    try:
                        request = client.recv(65536)
                        if asked is not None:
                            asked.append(request.decode().partition("\r\n")[0])
                        answer(client)
                    except OSError:
                        pass  # the client hung up, as it should

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
