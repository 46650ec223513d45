"""A small HTTP server in a process of its own: ``python -m bench.target STALL_AT STALL_SECONDS``.

It prints its port. Answers come at once, except that from ``STALL_AT`` seconds after the first request
it stands still for ``STALL_SECONDS``; it accepts connections all the time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Target:
    def __init__(self, stall_at: float, stall_seconds: float) -> None:
        self._stall = (stall_at, stall_at + stall_seconds)
        self._first: float | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                now = time.monotonic()
                self._first = self._first or now
                if self._stall[0] <= now - self._first < self._stall[1]:
                    await asyncio.sleep(self._first + self._stall[1] - now)
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main(stall_at: float, stall_seconds: float) -> None:
    server = await asyncio.start_server(Target(stall_at, stall_seconds).serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def target(stall_at: float = 1e9, stall_seconds: float = 0.0) -> Iterator[str]:
    """Its URL, for as long as the context lasts."""
    argv = [sys.executable, "-m", "bench.target", str(stall_at), str(stall_seconds)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    try:
        asyncio.run(main(float(sys.argv[1]), float(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(130)
