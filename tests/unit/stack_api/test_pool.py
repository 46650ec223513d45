"""The pool's metrics: what is exhausted, what is refused, and what is neither."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any, cast

import asyncpg
import pytest
from agente.database import Database, DatabaseGoneError
from agente.metrics import DatabaseMetrics, make_metrics
from agente.servers import Connection, NoPrimaryError, Servers
from prometheus_client import CollectorRegistry, Counter

SIZE = 2


class FakePool:
    """Its first `ready` connections are had at once; every other caller waits, or gets the error."""

    def __init__(self, ready: int = 0, error: Exception | None = None) -> None:
        self.ready = ready
        self.error = error

    async def acquire(self) -> Connection:
        if self.error is not None:
            raise self.error
        if self.ready == 0:
            await asyncio.Event().wait()
        self.ready -= 1
        return cast(Connection, Idle())

    async def release(self, connection: object) -> None: ...

    async def expire_connections(self) -> None: ...


class Idle:
    """A connection that nothing is asked of."""

    def terminate(self) -> None: ...


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


async def occupy(built: Database, callers: int) -> AsyncExitStack:
    """That many callers keep their connections, or wait for them, until the stack is closed."""

    async def work(connection: Connection) -> None:
        await asyncio.Event().wait()

    built._timeout = None
    tasks = [asyncio.create_task(built.run(work)) for _ in range(callers)]
    await asyncio.sleep(0)
    built._timeout = 0.001
    stack = AsyncExitStack()
    for task in tasks:
        stack.callback(task.cancel)
    return stack


async def test_all_connections_at_work_is_exhaustion() -> None:
    built, metrics = database(FakePool(ready=SIZE))
    async with await occupy(built, SIZE):
        await use(built)
        assert (value(metrics.exhausted), value(metrics.refused)) == (1, 0)


async def test_connections_that_are_being_made_for_others_are_used_up_too() -> None:
    built, metrics = database(FakePool())
    async with await occupy(built, SIZE):
        assert value(metrics.pool_in_use) == SIZE
        await use(built)
        assert value(metrics.exhausted) == 1


async def test_a_server_that_has_too_many_connections_is_exhaustion() -> None:
    error = asyncpg.TooManyConnectionsError("sorry, too many clients already")
    built, metrics = database(FakePool(error=error))
    await use(built)
    assert (value(metrics.exhausted), value(metrics.refused)) == (1, 0)


async def test_a_connection_that_is_not_made_in_time_is_no_exhaustion() -> None:
    built, metrics = database(FakePool())
    await use(built)
    assert value(metrics.exhausted) == 0


class EndedOnce:
    """A connection that the server ends during the first statement; the next ones are like new."""

    def __init__(self, times: int) -> None:
        self.times = times

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


@pytest.mark.parametrize(("ends", "works"), [(1, True), (2, True), (3, False)])
async def test_a_connection_that_was_ended_is_replaced_twice(ends: int, works: bool) -> None:
    built, _ = database(cast(Any, EndedOnce(ends)))
    work = built.run(lambda connection: connection.execute("SELECT 1"))
    if works:
        assert await work == "done"
    else:
        with pytest.raises(DatabaseGoneError):
            await work


class AllEnded(EndedOnce):
    """A pool of which every connection has ended; after ``expire_connections`` it makes new ones."""

    async def expire_connections(self) -> None:
        self.times = 0


async def test_when_the_server_ended_all_connections_the_second_try_is_on_a_new_one() -> None:
    built, _ = database(cast(Any, AllEnded(40)))
    assert await built.run(lambda connection: connection.execute("SELECT 1")) == "done"


@pytest.mark.parametrize(("ends", "up"), [(1, True), (2, True), (3, False)])
async def test_the_watch_asks_again_when_its_own_connection_was_ended(ends: int, up: bool) -> None:
    probe = EndedOnce(ends)
    built, _ = database(FakePool(), OneServer(probe))
    built._probe, built._timeout = probe, 1.0
    await built.check()
    assert built.is_up is up


class NoServer(OneServer):
    def __init__(self) -> None:
        super().__init__(EndedOnce(0))
        self.looks = 0

    async def find(self, limit: float | None) -> EndedOnce:
        self.looks += 1
        raise NoPrimaryError("none of them takes writes")


async def test_the_watch_looks_once_for_a_primary_that_is_not_there() -> None:
    """Each look takes half a second: three would hide a lost database for longer than clients wait."""
    servers = NoServer()
    built, _ = database(FakePool(), servers)
    built._timeout = 1.0
    await built.check()
    assert (built.is_up, servers.looks) == (False, 1)


async def test_a_refused_connection_is_counted_as_refused() -> None:
    built, metrics = database(FakePool(error=ConnectionRefusedError("refused")))
    await use(built)
    assert (value(metrics.exhausted), value(metrics.refused)) == (0, 1)


async def test_the_watch_counts_refusals_too() -> None:
    built, metrics = database(None, RefusingServers())
    await built.check()
    assert (built.is_up, value(metrics.refused)) == (False, 1)


async def test_size_and_use_are_shown() -> None:
    built, metrics = database(FakePool(ready=1))
    async with await occupy(built, 1):
        shown = (metrics.pool_size, metrics.pool_in_use, metrics.pool_waiting)
        assert tuple(value(one) for one in shown) == (SIZE, 1, 0)
    await asyncio.sleep(0)
    assert value(metrics.pool_in_use) == 0
