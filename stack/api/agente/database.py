"""PostgreSQL: a pool that gives up in time and starts afresh when the database comes back.

asyncpg rather than psycopg, because a statement that hangs behind a dead link must be dropped at once:
`terminate` closes the socket without asking the other side.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
from prometheus_client import Counter

from agente.metrics import DatabaseMetrics
from agente.servers import Connection, Servers

T = TypeVar("T")
log = logging.getLogger("agente.database")
GONE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or one that is being restored
)
# The server ended one connection, which says nothing about the next one. One that ends while it is being made
# is a plain ConnectionError.
ENDED = (
    asyncpg.AdminShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session that ended while asyncpg began to use it
    ConnectionError,
)
TRIES = 3  # a new connection may be ended before its first statement
# Trying to get back in must not take longer than this: it is what notices that the database is there again.
RECONNECT_TIMEOUT = 0.5
# One round trip, and an error where nothing can be written: such a server answers reads, but is not "up".
PING = """DO $$ BEGIN
    IF current_setting('transaction_read_only')::bool THEN RAISE read_only_sql_transaction; END IF;
END $$"""


class DatabaseGoneError(Exception):
    """The database gave no answer within the time-out, or none can be expected now."""


class Database:
    """Runs one piece of work on a connection; `watch` keeps `is_up` true to the facts."""

    def __init__(
        self,
        servers: Servers,
        size: int,
        timeout: float | None,
        errors: Counter,
        rehearse: Callable[[Connection], Awaitable[None]],
        pool_metrics: DatabaseMetrics,
        most: int | None = None,
    ) -> None:
        """`timeout`: seconds for a piece of work. `rehearse` runs on each new connection: the statements it
        executes are prepared there, so that a slow link later costs one round trip a statement, not two.
        `size` connections are kept; `most`, which only a broken variant sets, is how many there may be."""
        self._servers = servers
        self._size = size
        self._timeout = timeout
        self._errors = errors
        self._rehearse = rehearse
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._probe: Connection | None = None
        self._up = False
        self._most = most or size
        self._waiting = 0
        self._working = 0
        self._pool_metrics = pool_metrics
        pool_metrics.pool_size.set(self._most)
        pool_metrics.pool_in_use.set_function(self._in_use)
        pool_metrics.pool_waiting.set_function(lambda: self._waiting)

    def _in_use(self) -> int:
        """Connections that no other caller can have. One that is still being made counts: behind a locked
        table every new connection hangs, and a pool full of such connections is used up.
        """
        return min(self._most, self._waiting + self._working)

    @property
    def is_up(self) -> bool:
        return self._up

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """`work` on a connection. DatabaseGoneError: at once while it is known to be gone, else in time."""
        if not self._up or self._pool is None:
            self._errors.inc()
            raise DatabaseGoneError("the database is not reachable")
        try:
            async with asyncio.timeout(self._timeout):
                pool = self._pool
                return await _again_if_ended(lambda: self._once(pool, work), pool.expire_connections)
        except GONE as error:
            self._failed(error)
            raise DatabaseGoneError(f"{type(error).__name__}: {error}") from error

    async def _once(self, pool: Any, work: Callable[[Connection], Awaitable[T]]) -> T:
        connection = await self._acquire(pool)
        self._working += 1
        try:
            return await self._on(pool, connection, work)
        finally:
            self._working -= 1

    async def _acquire(self, pool: Any) -> Connection:
        """A connection of the pool. A caller that gets none because others have all of them is counted as
        exhaustion; one whose own connection is not made in time is not."""
        self._waiting += 1
        try:
            return await pool.acquire()
        except (TimeoutError, asyncio.CancelledError):
            if self._waiting + self._working > self._most:
                self._pool_metrics.exhausted.inc()
            raise
        finally:
            self._waiting -= 1

    def _failed(self, error: BaseException) -> None:
        self._errors.inc()
        if isinstance(error, ConnectionRefusedError):
            self._pool_metrics.refused.inc()
        if isinstance(error, asyncpg.TooManyConnectionsError):
            self._pool_metrics.exhausted.inc()

    @staticmethod
    async def _on(pool: Any, connection: Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            return await work(connection)
        except (*GONE, asyncio.CancelledError):
            connection.terminate()  # never wait for a link that may be dead
            raise
        finally:
            await pool.release(connection)

    async def check(self) -> None:
        """Refresh `is_up`: one round trip. Call it again and again; it waits at most the time-out."""
        try:
            await _again_if_ended(self._ping, self._drop_probe)
        except (*GONE, asyncpg.PostgresError) as error:
            self._failed(error)
            if self._up:
                log.warning("the database is gone: %s: %s", type(error).__name__, error)
            await self._lost()
        else:
            if not self._up:
                log.info("the database answers")
            self._up = True

    async def _ping(self) -> None:
        if self._probe is None or self._probe.is_closed():
            self._probe = await self._find_primary()
        if self._pool is None:
            self._pool = await self._make_pool()
        async with asyncio.timeout(self._timeout):
            await self._probe.execute(PING)

    async def close(self) -> None:
        if self._probe is not None:
            self._probe.terminate()
        if self._pool is not None:
            self._pool.terminate()

    async def _drop_probe(self) -> None:
        if self._probe is not None:
            self._probe.terminate()
            self._probe = None

    async def _lost(self) -> None:
        self._up = False
        await self._drop_probe()
        if self._pool is not None:
            await self._pool.expire_connections()  # what the pool still holds leads nowhere

    async def _find_primary(self) -> Connection:
        limit = None if self._timeout is None else min(RECONNECT_TIMEOUT, self._timeout)
        before = self._servers.current
        probe = await self._servers.find(limit)
        if self._pool is not None and self._servers.current is not before:
            await self._pool.expire_connections()  # the pool may have dialled the old one again meanwhile
        return probe

    def _session(self) -> dict[str, str]:
        """The server ends a statement soon after this side has given it up: one that waits for a lock would
        otherwise keep its connection, and a hundred of them all that the server has."""
        limit = {} if self._timeout is None else {"statement_timeout": f"{self._timeout * 1250:.0f}ms"}
        return {"application_name": "agente-api", **limit}

    async def _make_pool(self) -> asyncpg.Pool[asyncpg.Record]:
        async def nothing(connection: Connection) -> None:
            """In place of the reset statements at each release: no work here leaves a session changed."""

        pool = asyncpg.create_pool(
            connect=self._servers.connect,
            min_size=self._size,
            max_size=self._most,
            init=self._rehearse,
            reset=nothing,
            max_inactive_connection_lifetime=0,
            max_cached_statement_lifetime=0,
            server_settings=self._session(),
        )
        try:
            async with asyncio.timeout(None if self._timeout is None else 5 * self._timeout):
                await pool
        except BaseException:
            pool.terminate()
            raise
        return pool


async def _again_if_ended(attempt: Callable[[], Awaitable[T]], drop: Callable[[], Awaitable[None]]) -> T:
    """`TRIES` at most; `drop` what may have ended between two. Twice is the same as once: see
    `reservations`.
    """
    for _ in range(TRIES - 1):
        with suppress(*ENDED):
            return await attempt()
        await drop()
    return await attempt()
