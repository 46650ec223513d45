"""The API with everything outside it replaced: a PMS by function, a database and a Redis in memory."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
from agente import broken, reservations
from agente.breaker import Breaker, NoBreaker, make_breaker
from agente.cache import Cache, RedisGate
from agente.database import DatabaseGoneError
from agente.defects import parse_defects
from agente.main import make_app
from agente.metrics import make_metrics
from agente.pms_client import PmsClient
from agente.services import Services
from agente.settings import Settings
from agente.tasks import Queue
from redis.exceptions import ConnectionError as RedisDown

STAY = {"room_type": "double", "check_in": "2031-03-03", "check_out": "2031-03-05"}
WISH = {**STAY, "room": "12", "guest": "A. Guest"}


class FakeDatabase:
    """A reservations table that knows the statements of agente.reservations."""

    def __init__(self) -> None:
        self.is_up = True
        self.rows: dict[uuid.UUID, dict[str, Any]] = {}
        self.dropped: set[str] = set()  # the statements that took constraints away

    async def run(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        if not self.is_up:
            raise DatabaseGoneError("gone")
        return await work(self)

    async def fetchrow(self, statement: str, *values: Any) -> dict[str, Any] | None:
        if statement in (reservations.INSERT, broken.INSERT_ANYWAY):
            return self._insert(statement, *values)
        column = {reservations.BY_KEY: "idempotency_key", reservations.BY_ID: "id"}[statement]
        return next((row for row in self.rows.values() if row[column] == values[0]), None)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        if statement == reservations.BY_PREFIX:
            prefix, most = values
            return [row for row in self.rows.values() if row["idempotency_key"].startswith(prefix)][:most]
        assert statement == reservations.QUEUED
        return [row for row in self.rows.values() if row["status"] == "queued"][: values[0]]

    async def execute(self, statement: str, *values: Any) -> None:
        if statement in (broken.NO_OVERLAP, broken.UNIQUE_KEY):
            self.dropped.add(statement)
            return
        assert statement in (reservations.CONFIRM, reservations.WITHDRAW)
        row = self.rows.get(values[0])
        if row is not None and statement == reservations.CONFIRM:
            row["status"] = "confirmed"
        elif row is not None and row["status"] == "queued":
            del self.rows[values[0]]

    def transaction(self) -> FakeTransaction:
        return FakeTransaction(self)

    def _insert(self, statement: str, *values: Any) -> dict[str, Any] | None:
        names = ("id", "idempotency_key", "room", "room_type", "guest", "check_in", "check_out")
        new = {**dict(zip(names, values, strict=True)), "status": "queued"}
        known = any(row["idempotency_key"] == new["idempotency_key"] for row in self.rows.values())
        if known and statement == reservations.INSERT:
            return None
        if known and broken.UNIQUE_KEY not in self.dropped:
            raise asyncpg.UniqueViolationError("reservations_idempotency_key_key")
        for row in self.rows.values():
            overlaps = row["check_in"] < new["check_out"] and new["check_in"] < row["check_out"]
            if row["room"] == new["room"] and overlaps and broken.NO_OVERLAP not in self.dropped:
                raise asyncpg.ExclusionViolationError("no_overlap")
        self.rows[new["id"]] = new
        return new


class FakeTransaction:
    """Forgets what was added within it, unless it ends well."""

    def __init__(self, database: FakeDatabase) -> None:
        self._database = database

    async def start(self) -> None:
        self._before = dict(self._database.rows)

    async def rollback(self) -> None:
        self._database.rows = self._before

    async def __aenter__(self) -> None:
        await self.start()

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            await self.rollback()


class FakeRedis:
    def __init__(self) -> None:
        self.is_up = True
        self.asked = 0
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        self._check()
        return self.values.get(key)

    async def set(self, key: str, value: str, px: int) -> None:
        self._check()
        self.values[key] = value

    def _check(self) -> None:
        self.asked += 1
        if not self.is_up:
            raise RedisDown("gone")


class FakePms:
    """Answers as told, with status 0 not at all; `calls` lists what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.text = '{"rooms_free": 3}'
        self.calls: list[str] = []
        self.told: list[str] = []  # the bodies of what it was asked

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        self.told.append(request.content.decode())
        if self.hangs:
            await asyncio.Event().wait()
        if self.status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(self.status, text=self.text)


@dataclass
class World:
    client: httpx.AsyncClient
    services: Services
    database: FakeDatabase
    redis: FakeRedis
    pms: FakePms

    def metric(self, name: str, **labels: str) -> float:
        """A sample of /metrics; 0 when there is none."""
        return self.services.metrics.registry.get_sample_value(name, labels) or 0.0

    async def book(self, key: str = "key-00000001", **changes: str) -> httpx.Response:
        return await self.client.post(
            "/reservations", json={**WISH, **changes}, headers={"Idempotency-Key": key}
        )

    async def ask(self) -> httpx.Response:
        return await self.client.get("/availability", params=STAY)


async def make_world(defect: str = "", **changes: Any) -> World:
    """The real app over fakes. `changes` are settings; the rate limit counts in memory, as without Redis."""
    settings = replace(
        Settings(), redis_url="redis://127.0.0.1:1/0", defects=parse_defects(defect), **changes
    )
    metrics = make_metrics()
    database, redis, pms = FakeDatabase(), FakeRedis(), FakePms()
    gate = RedisGate(settings.redis_timeout)
    breaker: Breaker = NoBreaker()
    if not settings.defects.no_breaker:
        breaker = await make_breaker(metrics.breaker_state, 5, settings.pms_breaker_reset, 0.0)
    http = httpx.AsyncClient(base_url="http://pms", transport=httpx.MockTransport(pms))
    pms_client = PmsClient(http, breaker, settings.pms_timeout, metrics.pms_seconds)
    kept: Any = redis
    stored: Any = database
    cache = Cache(
        kept, gate, settings.cache_ttl, settings.cache_stale, metrics.cache_hits, metrics.cache_misses
    )
    queue = Queue(stored, pms_client, metrics.queued)
    app = make_app(settings, metrics)
    await broken.preparation_of(settings.defects)(database)
    store = broken.store_of(settings.defects, stored)
    services = Services(settings, metrics, stored, store, cache, pms_client, queue, kept, gate, http)
    app.state.services = services
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")
    return World(client, services, database, redis, pms)
