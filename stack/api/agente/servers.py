"""Which PostgreSQL servers there are, and which of them is the primary.

With one server nothing is to be found out. With several, all are asked side by side who accepts writes; a
standby answers reads with yesterday's truth and is never taken. asyncpg's own `target_session_attrs` asks one
after the other and has no time-out for the lookup of a name, so a server whose name is gone would hold up the
way to the one that has taken over.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import Any

import asyncpg

Connection = Any  # asyncpg's, or its pool's proxy, which has no public type
# The timeline a server writes on, 0 when it takes no writes. A promotion begins a new timeline, so of two
# that both take writes the higher one is the primary and the other a leftover.
TIMELINE = """
SELECT CASE WHEN current_setting('transaction_read_only')::bool THEN 0
       ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END"""
log = logging.getLogger("agente.servers")


class NoPrimaryError(OSError):
    """None of the servers accepts writes."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Server:
    """One server of several; `address` None: the one that the URL names."""

    def __init__(self, url: str, address: Address | None) -> None:
        self._url = url
        self._lookup: asyncio.Future[Any] | None = None
        self.address = address

    async def connect(self, **settings: Any) -> Connection:
        """A connection, unencrypted. Raises OSError or asyncpg's errors; takes as long as it takes."""
        where = {} if self.address is None else {"host": await self._ip(self.address)}
        if self.address is not None:
            where["port"] = self.address.port
        return await asyncpg.connect(self._url, ssl=False, **where, **settings)

    async def _ip(self, address: Address) -> Any:
        """Only one lookup at a time: one that hangs holds a thread, and there are few of them."""
        if self._lookup is None or self._lookup.done():
            looking = asyncio.get_running_loop().getaddrinfo(
                address.host, address.port, type=socket.SOCK_STREAM
            )
            self._lookup = asyncio.ensure_future(looking)
            # a failure after the last caller has left is of no interest
            self._lookup.add_done_callback(lambda done: done.cancelled() or done.exception())
        found = await asyncio.shield(self._lookup)
        return found[0][4][0]


class Servers:
    """The way to the primary. `connect` goes where `find` found it last."""

    def __init__(self, url: str, addresses: tuple[Address, ...] = ()) -> None:
        """`addresses` take the place of the URL's own host and port; without any there is that one server."""
        self._all = [Server(url, address) for address in addresses] or [Server(url, None)]
        self.current = self._all[0]

    async def connect(self, *ignored: object, **settings: Any) -> Connection:
        """For the pool: a connection to the primary as far as it is known."""
        return await self.current.connect(**settings)

    async def find(self, limit: float | None) -> Connection:
        """A connection to the primary, which becomes `current`. `limit`: seconds for each server.

        The only server there is, is not asked. Raises NoPrimaryError, OSError, asyncpg's errors.
        """
        if len(self._all) == 1:
            async with asyncio.timeout(limit):
                return await self.current.connect()
        seen = await asyncio.gather(*(self._look(server, limit) for server in self._all))
        writable = [one for one in seen if one is not None and one[0] > 0]
        # at the same timeline the one in use stays in use
        best = max(writable, key=lambda one: (one[0], one[1] is self.current), default=None)
        for one in seen:
            if one is not None and one is not best:
                one[2].terminate()
        if best is None:
            raise NoPrimaryError(f"none of {', '.join(str(each.address) for each in self._all)} takes writes")
        if best[1] is not self.current:
            log.warning("the primary is %s, not %s any more", best[1].address, self.current.address)
        self.current = best[1]
        return best[2]

    @staticmethod
    async def _look(server: Server, limit: float | None) -> tuple[int, Server, Connection] | None:
        connection = None
        try:
            async with asyncio.timeout(limit):
                connection = await server.connect()
                return await connection.fetchval(TIMELINE), server, connection
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            if connection is not None:
                connection.terminate()
            return None  # not the primary now; the next look is a moment away


def parse_addresses(text: str) -> tuple[Address, ...]:
    """`postgres:5432,replica:5432` as addresses, none for an empty text. ValueError names the wrong part."""
    found = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        host, _, port = part.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"{part!r} is not HOST:PORT")
        found.append(Address(host, int(port)))
    return tuple(found)
