"""The API with everything outside it replaced: a PMS by function, a database and a Redis in memory."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
from agente import reservations
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

    async def run(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        if not self.is_up:
            raise DatabaseGoneError("gone")
        return await work(self)

    async def fetchrow(self, statement: str, *values: Any) -> dict[str, Any] | None:
        if statement == reservations.INSERT:
            return self._insert(*values)
        column = {reservations.BY_KEY: "idempotency_key", reservations.BY_ID: "id"}[statement]
        return next((row for row in self.rows.values() if row[column] == values[0]), None)

    async def fetch(self, statement: str, most: int) -> list[dict[str, Any]]:
        assert statement == reservations.QUEUED
        return [row for row in self.rows.values() if row["status"] == "queued"][:most]

    async def execute(self, statement: str, ident: uuid.UUID) -> None:
        if statement == reservations.CONFIRM:
            self.rows[ident]["status"] = "confirmed"
        else:
            assert statement == reservations.WITHDRAW
            del self.rows[ident]

    def _insert(self, *values: Any) -> dict[str, Any] | None:
        names = ("id", "idempotency_key", "room", "room_type", "guest", "check_in", "check_out")
        new = {**dict(zip(names, values, strict=True)), "status": "queued"}
        if any(row["idempotency_key"] == new["idempotency_key"] for row in self.rows.values()):
            return None
        for row in self.rows.values():
            overlaps = row["check_in"] < new["check_out"] and new["check_in"] < row["check_out"]
            if row["room"] == new["room"] and overlaps:
                raise asyncpg.ExclusionViolationError("no_overlap")
        self.rows[new["id"]] = new
        return new


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

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
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
    services = Services(settings, metrics, stored, cache, pms_client, queue, kept, gate, http)
    app.state.services = services
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")
    return World(client, services, database, redis, pms)
