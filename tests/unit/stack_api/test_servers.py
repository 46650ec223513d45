"""Which server is the primary, over servers that answer as the test says; no network."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import asyncpg
import pytest
from agente.database import PING, Database, DatabaseGoneError
from agente.metrics import make_metrics
from agente.servers import TIMELINE, Address, NoPrimaryError, Servers, parse_addresses
from prometheus_client import CollectorRegistry, Counter

LIMIT = 0.01  # seconds for each server


class FakeConnection:
    """`timeline` 0: a standby. Knows the ping and the question for the timeline."""

    def __init__(self, api: FakeServers, host: str) -> None:
        self._world, self.host, self.open = api, host, True

    async def fetchval(self, statement: str) -> int | None:
        assert statement == TIMELINE
        return self._world.timelines[self.host]

    async def execute(self, statement: str) -> None:
        assert statement == PING
        if not self.open or self._world.timelines.get(self.host) is None:
            raise asyncpg.ConnectionDoesNotExistError("closed")
        if self._world.timelines[self.host] == 0:
            raise asyncpg.ReadOnlySQLTransactionError("standby")

    def is_closed(self) -> bool:
        return not self.open

    def terminate(self) -> None:
        self.open = False


class FakePool:
    def __init__(self, dial: Any) -> None:
        self._dial = dial
        self.expired = 0

    def __await__(self) -> Any:
        return asyncio.sleep(0).__await__()

    async def acquire(self) -> FakeConnection:
        return await self._dial(loop=None)  # type: ignore[no-any-return]

    async def release(self, connection: FakeConnection) -> None:
        connection.terminate()

    async def expire_connections(self) -> None:
        self.expired += 1


class FakeServers:
    """What stands behind the names: timeline by host, None refuses, a name in `lost` is never found."""

    def __init__(self, **timelines: int | None) -> None:
        self.timelines = timelines
        self.lost: set[str] = set()
        self.lookups: list[str] = []
        self.dialled: list[FakeConnection] = []

    async def connect(self, url: str, *, host: str = "postgres", **settings: Any) -> FakeConnection:
        settings.pop("loop", None)
        assert settings in ({"ssl": False}, {"ssl": False, "port": 5432})
        if self.timelines.get(host) is None:
            raise ConnectionRefusedError(host)
        self.dialled.append(FakeConnection(self, host))
        return self.dialled[-1]

    async def getaddrinfo(self, host: str, port: int, *, type: int) -> list[Any]:
        self.lookups.append(host)
        if host in self.lost:
            await asyncio.Event().wait()
        return [(socket.AF_INET, type, 6, "", (host, port))]  # its address is its name

    def open_connections(self) -> list[str]:
        return [each.host for each in self.dialled if each.open]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeServers:
    api = FakeServers(postgres=1, replica=0)
    monkeypatch.setattr(asyncpg, "connect", api.connect)
    monkeypatch.setattr("agente.database.asyncpg.create_pool", lambda connect, **rest: FakePool(connect))
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lambda loop, *a, **k: api.getaddrinfo(*a, **k))
    return api


def both() -> Servers:
    return Servers("postgresql://u@postgres/d", parse_addresses("postgres:5432,replica:5432"))


def database_of(servers: Servers) -> Database:
    async def nothing(connection: Any) -> None: ...

    errors = Counter("errors", "errors", registry=CollectorRegistry())
    return Database(servers, 2, 1.0, errors, nothing, make_metrics().database)


async def host_in_use(database: Database) -> str:
    async def host(connection: FakeConnection) -> str:
        return connection.host

    return await database.run(host)


async def test_the_one_that_takes_writes_is_found_wherever_it_stands(api: FakeServers) -> None:
    for timelines in ({"postgres": 1, "replica": 0}, {"postgres": 0, "replica": 1}):
        api.timelines, api.dialled = dict(timelines), []
        found = await both().find(LIMIT)
        assert timelines[found.host] == 1
        assert api.open_connections() == [found.host]


@pytest.mark.parametrize("timelines", [{"postgres": 0, "replica": 0}, {"postgres": None, "replica": 0}, {}])
async def test_a_standby_is_never_taken(api: FakeServers, timelines: dict[str, int | None]) -> None:
    api.timelines = timelines
    with pytest.raises(NoPrimaryError, match="postgres:5432, replica:5432"):
        await both().find(LIMIT)
    assert api.open_connections() == []


async def test_of_two_that_take_writes_the_promoted_one_counts(api: FakeServers) -> None:
    api.timelines = {"postgres": 1, "replica": 2}
    assert (await both().find(LIMIT)).host == "replica"


async def test_a_name_that_is_never_found_holds_no_one_up_and_is_looked_up_once(api: FakeServers) -> None:
    api.timelines, api.lost = {"replica": 2}, {"postgres"}
    several = both()
    for _ in range(3):
        assert (await several.find(LIMIT)).host == "replica"
    assert api.lookups.count("postgres") == 1


async def test_after_a_failover_work_goes_to_the_new_primary_at_the_next_check(api: FakeServers) -> None:
    database = database_of(both())
    await database.check()
    assert await host_in_use(database) == "postgres"
    api.timelines["postgres"] = None
    await database.check()
    with pytest.raises(DatabaseGoneError):  # the standby does not count
        await host_in_use(database)
    api.timelines["replica"] = 2
    await database.check()
    assert await host_in_use(database) == "replica"


async def test_a_primary_that_becomes_read_only_is_not_up(api: FakeServers) -> None:
    api.timelines = {"postgres": 1}
    database = database_of(Servers("postgresql://u@postgres/d"))
    seen = []
    for timeline in (1, 0, 1):
        api.timelines["postgres"] = timeline
        await database.check()
        seen.append(database.is_up)
    assert seen == [True, False, True]


async def test_a_write_that_meets_a_standby_is_the_database_gone(api: FakeServers) -> None:
    database = database_of(Servers("postgresql://u@postgres/d"))
    await database.check()

    async def write(connection: FakeConnection) -> None:
        raise asyncpg.ReadOnlySQLTransactionError("standby")

    with pytest.raises(DatabaseGoneError):
        await database.run(write)


async def test_the_only_server_is_dialled_as_the_url_says(api: FakeServers) -> None:
    database = database_of(Servers("postgresql://u@postgres/d"))
    await database.check()
    assert database.is_up
    assert api.lookups == []


def test_addresses_are_a_comma_list() -> None:
    assert parse_addresses("postgres:5432, replica:5433") == (
        Address("postgres", 5432),
        Address("replica", 5433),
    )
    assert parse_addresses("") == ()


@pytest.mark.parametrize("text", ["postgres", "postgres:", ":5432", "a:5432,b:x", "a:0", "a:70000"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        parse_addresses(text)
