"""One round trip over a link: dial, send the smallest request for the target's role, and wait for the
first byte.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from chaos.errors import ToolProblem
from chaos.model.stack import ServiceRole
from chaos.ports import DialOutcome, RoundTrip

QUIET = 0.1
"""Real seconds that a connection with an unknown protocol must stay open to count as connected. A closed
listener behind a port that Docker publishes first accepts, and then closes within a few milliseconds.
"""

_HEAD = b"HEAD / HTTP/1.0\r\n\r\n"  # any answer counts, whatever its status
_REDIS = b"*1\r\n$4\r\nPING\r\n"  # RESP; an answer that asks for a password is an answer
_POSTGRES = struct.pack("!ii", 8, 80877103)  # SSLRequest: answered with one byte, S or N; nothing is logged

PINGS: dict[ServiceRole, bytes] = {
    ServiceRole.APP: _HEAD,
    ServiceRole.HTTP: _HEAD,
    ServiceRole.PROMETHEUS: _HEAD,
    ServiceRole.REDIS: _REDIS,
    ServiceRole.POSTGRES: _POSTGRES,
}


async def round_trip(
    host: str, port: int, role: ServiceRole, timeout: float, mono: Callable[[], float]
) -> RoundTrip:
    """Dial ``host:port`` and exchange the ping of ``role``, all within ``timeout`` real seconds."""
    began = mono()
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, port)
            ping = PINGS.get(role)
            if ping is None:
                return await _listen(reader, mono() - began, began, mono)
            writer.write(ping)
            await writer.drain()
            first = await reader.read(1)
        return RoundTrip(DialOutcome.ANSWERED, mono() - began) if first else RoundTrip(DialOutcome.CLOSED)
    except TimeoutError:
        return RoundTrip(DialOutcome.TIMEOUT)
    except ConnectionRefusedError:
        return RoundTrip(DialOutcome.REFUSED)
    except (ConnectionResetError, BrokenPipeError, ConnectionAbortedError):
        return RoundTrip(DialOutcome.RESET)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be one of a host
        raise ToolProblem(f"cannot dial {host}:{port}: {error}") from error
    finally:
        if writer is not None:
            writer.transport.abort()


async def _listen(
    reader: asyncio.StreamReader, connected: float, began: float, mono: Callable[[], float]
) -> RoundTrip:
    """For a role without a known request: does the other side send, close, or stay silent?"""
    try:
        first = await asyncio.wait_for(reader.read(1), QUIET)
    except TimeoutError:
        return RoundTrip(DialOutcome.CONNECTED, connected)
    return RoundTrip(DialOutcome.ANSWERED, mono() - began) if first else RoundTrip(DialOutcome.CLOSED)
