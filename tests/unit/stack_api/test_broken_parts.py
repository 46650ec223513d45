"""Each of these broken variants breaks the promise that it is named after; the API as it is keeps it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn
from agente import broken_race, reservations
from agente.broken_http import OneAtATime, UntilClosed
from agente.broken_metrics import NeedsMonitoring
from agente.broken_pool import DeadPool, NoPool, WithDeadPool, WithoutPool, database_class
from agente.broken_reads import Replica, reader_of
from agente.broken_retries import RetryStorm
from agente.database import Database
from agente.defects import parse_defects
from agente.reservations import NewReservation, RoomTakenError
from agente.servers import Servers
from agente.settings import ChannelSettings, settings_from
from api_fakes import make_api
from pms_capacity import ServeInTurn
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(("defect", "seconds"), [("", 2.0), ("impatient", 2.0 / 6)])
def test_impatient_waits_a_sixth(defect: str, seconds: float) -> None:
    settings = settings_from({"DEFECT": defect, "PMS_TIMEOUT_SECONDS": "2"})
    assert settings.pms_timeout == pytest.approx(seconds)


@pytest.mark.parametrize(("transport", "waits"), [(None, False), (UntilClosed(), True)])
async def test_until_closed_waits_for_the_end_of_the_connection(
    transport: httpx.AsyncBaseTransport | None, waits: bool
) -> None:
    answered, close = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        answered.set()
        await close.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        asking = asyncio.ensure_future(client.get(url))
        await answered.wait()
        done, _ = await asyncio.wait([asking], timeout=0.05 if waits else None)
        assert bool(done) is not waits
        close.set()
        assert (await asking).json() == {}
    server.close()


@pytest.mark.parametrize(("http", "waits"), [("h11", False), (OneAtATime, True)])
async def test_one_at_a_time_lets_a_slow_client_hold_up_the_next_request(http: Any, waits: bool) -> None:
    server = uvicorn.Server(
        uvicorn.Config(PlainTextResponse("well"), port=0, http=http, lifespan="off", log_level="error")
    )
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.ensure_future(server.serve([listening]))
    address = listening.getsockname()
    slow, slow_writer = await asyncio.open_connection(*address)
    slow_writer.write(b"GET / HTTP/1.1\r\nHost: api\r\n")
    await slow_writer.drain()
    quick, quick_writer = await asyncio.open_connection(*address)
    quick_writer.write(b"GET / HTTP/1.1\r\nHost: api\r\n\r\n")
    answer = asyncio.ensure_future(quick.readuntil(b"well"))
    done, _ = await asyncio.wait([answer], timeout=0.1 if waits else None)
    assert bool(done) is not waits
    slow_writer.write(b"\r\n")
    await slow.readuntil(b"well")
    await answer
    for writer in (slow_writer, quick_writer):
        writer.close()
    server.should_exit = True
    await serving


class FakeConnection:
    def __init__(self) -> None:
        self.ended = False

    def terminate(self) -> None:
        self.ended = True


class FakeServers:
    def __init__(self) -> None:
        self.made: list[FakeConnection] = []

    async def connect(self, **settings: Any) -> FakeConnection:
        self.made.append(FakeConnection())
        return self.made[-1]


async def test_no_pool_opens_and_ends_a_connection_for_each_piece_of_work() -> None:
    servers = FakeServers()
    pool = NoPool(cast(Servers, servers))
    for _ in range(2):
        await pool.release(await pool.acquire())
    assert [connection.ended for connection in servers.made] == [True, True]


async def test_dead_pool_hands_out_a_connection_that_has_ended() -> None:
    connection = FakeConnection()
    pool = DeadPool(cast(Servers, FakeServers()), [connection])
    connection.terminate()
    await pool.release(await pool.acquire())
    assert await pool.acquire() is connection


@pytest.mark.parametrize(
    ("defect", "kind"), [("", Database), ("no_pool", WithoutPool), ("dead_pool", WithDeadPool)]
)
def test_the_database_of_a_defect(defect: str, kind: type[Database]) -> None:
    assert database_class(parse_defects(defect)) is kind


class Table:
    """Rooms by (room, key); `fetchrow` gives way before it answers, as a server does."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    async def fetchrow(self, statement: str, *values: Any) -> object:
        await asyncio.sleep(0)
        if statement == broken_race.TAKEN:
            return next((row for row in self.rows if row[0] == values[0] and row[1] != values[1]), None)
        assert statement == reservations.INSERT
        self.rows.append((values[2], values[1]))
        return None


def wish(key: str) -> NewReservation:
    return NewReservation(key, "7", "double", "A. Guest", check_in=cast(Any, 1), check_out=cast(Any, 2))


async def test_look_then_book_refuses_the_second_client_but_not_one_that_asks_meanwhile() -> None:
    table = Table()
    await asyncio.gather(*(broken_race.insert_if_free(table, wish(key)) for key in ("one", "two")))
    assert len(table.rows) == 2
    with pytest.raises(RoomTakenError):
        await broken_race.insert_if_free(table, wish("three"))


async def test_a_retry_storm_repeats_a_failed_call_until_it_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agente.broken_retries.PAUSE", 0.0)
    calls: list[int] = []

    async def work() -> None:
        calls.append(len(calls))
        if len(calls) < 4:
            raise ConnectionError("not yet")

    breaker = RetryStorm()
    with pytest.raises(ConnectionError):
        await breaker.call(work)
    await asyncio.gather(*breaker._retries)
    assert len(calls) == 4


async def test_a_small_pms_serves_one_call_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[str] = []
    works = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(scope["path"])

    async def until_told(seconds: float) -> None:
        await works.wait()

    monkeypatch.setattr("pms_capacity.asyncio.sleep", until_told)
    in_turn = ServeInTurn(app, seconds=0.03)
    await in_turn({"type": "http", "path": "/health"}, no_body, say_nothing)
    assert served == ["/health"]
    calls = [
        asyncio.ensure_future(in_turn({"type": "http", "path": path}, no_body, say_nothing))
        for path in ("/bookings", "/rooms/availability")
    ]
    works.set()
    await asyncio.gather(*calls)
    assert served == ["/health", "/bookings", "/rooms/availability"]


async def no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def say_nothing(message: Message) -> None: ...


@pytest.mark.parametrize(("defect", "counted"), [("", 1.0), ("errors_uncounted", 0.0)])
async def test_errors_uncounted_hides_an_error_from_the_metrics(defect: str, counted: float) -> None:
    api = await make_api(defect)
    api.services.levers.burst.share = 1.0
    assert (await api.ask()).status_code == 500
    assert api.metric("http_requests_total", method="GET", path="unmatched", status="500") == counted


@pytest.mark.parametrize(("defect", "counted"), [("", 1.0), ("misses_uncounted", 0.0)])
async def test_misses_uncounted_hides_a_look_up_that_found_nothing(defect: str, counted: float) -> None:
    api = await make_api(defect)
    await api.ask()
    assert api.metric("redis_cache_misses_total") == counted


async def test_needs_monitoring_is_not_ready_without_it() -> None:
    now = [0.0]
    broken = NeedsMonitoring(PlainTextResponse("well"), clock=lambda: now[0])
    http = httpx.AsyncClient(transport=httpx.ASGITransport(broken), base_url="http://api")
    for at, path, status in [
        (0.0, "/health/ready", 200),
        (1.0, "/metrics", 200),
        (2.0, "/metrics", 200),
        (4.9, "/health/ready", 200),
        (5.1, "/health/ready", 503),
        (5.2, "/availability", 200),
        (5.5, "/metrics", 200),
        (6.0, "/health/ready", 200),
    ]:
        now[0] = at
        assert (await http.get(path)).status_code == status, (at, path)


def test_reads_replica_looks_bookings_up_elsewhere() -> None:
    database = cast(Database, object())
    assert reader_of(parse_defects(""), database, "", 1.0) is database
    assert isinstance(reader_of(parse_defects("reads_replica"), database, "", 1.0), Replica)


async def test_without_degradation_a_full_spool_fails_the_message(tmp_path: Path) -> None:
    gone = ChannelSettings(spool=tmp_path / "not there")
    spoken = {"audio": "hola"}
    api = await make_api(channels=gone)
    assert (await api.client.post("/messages", json=spoken)).headers["x-degraded"] == "audio-off"
    api = await make_api("no_degradation", channels=gone)
    with pytest.raises(FileNotFoundError):
        await api.client.post("/messages", json=spoken)
