"""The pool's metrics: what is exhausted, what is refused, and what is neither."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import asyncpg
import pytest
from agente.database import Database, DatabaseGoneError
from agente.metrics import DatabaseMetrics, make_metrics
from agente.servers import Connection, Servers
from prometheus_client import CollectorRegistry, Counter

SIZE = 2


class FakePool:
    """`connected` of its connections exist, `idle` of them rest; without an idle one a caller waits."""

    def __init__(self, connected: int, idle: int, error: Exception | None = None) -> None:
        self.connected = connected
        self.idle = idle
        self.error = error

    def get_size(self) -> int:
        return self.connected

    def get_idle_size(self) -> int:
        return self.idle

    async def acquire(self) -> Connection:
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()

    async def expire_connections(self) -> None: ...


class RefusingServers:
    current = object()

    async def find(self, limit: float | None) -> Connection:
        raise ConnectionRefusedError("refused")


def database(pool: FakePool | None, servers: object = None) -> tuple[Database, DatabaseMetrics]:
    async def nothing(connection: Any) -> None: ...

    metrics = make_metrics().database
    errors = Counter("errors", "errors", registry=CollectorRegistry())
    built = Database(cast(Servers, servers), SIZE, 0.001, errors, nothing, metrics)
    built._pool, built._up = cast(Any, pool), pool is not None
    return built, metrics


def value(counter: Any) -> float:
    return float(next(iter(counter.collect())).samples[0].value)


async def use(built: Database) -> None:
    async def work(connection: Connection) -> None: ...

    with pytest.raises(DatabaseGoneError):
        await built.run(work)


async def test_all_connections_at_work_is_exhaustion() -> None:
    built, metrics = database(FakePool(connected=SIZE, idle=0))
    await use(built)
    assert (value(metrics.exhausted), value(metrics.refused)) == (1, 0)


async def test_a_server_that_has_too_many_connections_is_exhaustion() -> None:
    error = asyncpg.TooManyConnectionsError("sorry, too many clients already")
    built, metrics = database(FakePool(connected=1, idle=0, error=error))
    await use(built)
    assert (value(metrics.exhausted), value(metrics.refused)) == (1, 0)


async def test_a_connection_that_is_not_made_in_time_is_no_exhaustion() -> None:
    built, metrics = database(FakePool(connected=1, idle=0))
    await use(built)
    assert value(metrics.exhausted) == 0


class EndedOnce:
    """A connection that the server ends during the first statement; the next ones are like new."""

    def __init__(self, times: int) -> None:
        self.times = times

    def get_size(self) -> int:
        return SIZE

    get_idle_size = get_size

    async def acquire(self) -> EndedOnce:
        return self

    async def release(self, connection: object) -> None: ...

    async def expire_connections(self) -> None: ...

    def terminate(self) -> None: ...

    def is_closed(self) -> bool:
        return False

    async def execute(self, statement: str) -> str:
        if self.times > 0:
            self.times -= 1
            raise asyncpg.AdminShutdownError("terminating connection due to administrator command")
        return "done"


class OneServer:
    def __init__(self, connection: EndedOnce) -> None:
        self.current = connection

    async def find(self, limit: float | None) -> EndedOnce:
        return self.current


@pytest.mark.parametrize(("ends", "works"), [(1, True), (2, False)])
async def test_a_connection_that_was_ended_is_replaced_once(ends: int, works: bool) -> None:
    built, _ = database(cast(Any, EndedOnce(ends)))
    work = built.run(lambda connection: connection.execute("SELECT 1"))
    if works:
        assert await work == "done"
    else:
        with pytest.raises(DatabaseGoneError):
            await work


@pytest.mark.parametrize(("ends", "up"), [(1, True), (2, False)])
async def test_the_watch_asks_again_when_its_own_connection_was_ended(ends: int, up: bool) -> None:
    probe = EndedOnce(ends)
    built, _ = database(FakePool(SIZE, SIZE), OneServer(probe))
    built._probe, built._timeout = probe, 1.0
    await built.check()
    assert built.is_up is up


async def test_a_refused_connection_is_counted_as_refused() -> None:
    built, metrics = database(FakePool(SIZE, 0, error=ConnectionRefusedError("refused")))
    await use(built)
    assert (value(metrics.exhausted), value(metrics.refused)) == (0, 1)


async def test_the_watch_counts_refusals_too() -> None:
    built, metrics = database(None, RefusingServers())
    await built.check()
    assert (built.is_up, value(metrics.refused)) == (False, 1)


async def test_size_and_use_are_shown() -> None:
    _, metrics = database(FakePool(connected=SIZE, idle=1))
    assert (value(metrics.pool_size), value(metrics.pool_in_use), value(metrics.pool_waiting)) == (SIZE, 1, 0)
