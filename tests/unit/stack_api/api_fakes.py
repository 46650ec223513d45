"""The API with everything outside it replaced: a PMS by function, a database and a Redis in memory."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import asyncpg
import httpx
from agente import broken, broken_charges, charges, outbox, reservations
from agente.breaker import Breaker, NoBreaker, make_breaker
from agente.broken_metrics import metrics_of
from agente.cache import RedisGate
from agente.channels_client import ChannelsClient
from agente.database import Database, DatabaseGoneError
from agente.defects import parse_defects
from agente.levers.orders import Levers
from agente.main import make_app
from agente.metrics import Metrics
from agente.nlp_client import NlpClient
from agente.pms_client import Pms, PmsClient
from agente.pms_mock import MockPms
from agente.services import Outside, Services, assemble
from agente.settings import PmsType, Settings
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisDown

STAY = {"room_type": "double", "check_in": "2031-03-03", "check_out": "2031-03-05"}
WISH = {**STAY, "room": "12", "guest": "A. Guest"}


class FakeDatabase:
    """A reservations table that knows the statements of agente.reservations."""

    def __init__(self) -> None:
        self.is_up = True
        self.rows: dict[uuid.UUID, dict[str, Any]] = {}
        self.dropped: set[str] = set()  # the statements that took constraints away
        self.charges: list[str] = []  # payment ids
        self.outgoing: dict[str, dict[str, Any]] = {}

    async def run(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        if not self.is_up:
            raise DatabaseGoneError("gone")
        return await work(self)

    async def fetchrow(self, statement: str, *values: Any) -> dict[str, Any] | None:
        if statement in (reservations.INSERT, broken.INSERT_ANYWAY):
            return self._insert(statement, *values)
        if statement in (charges.INSERT, broken_charges.INSERT_ANYWAY):
            return self._charge(statement, values[0])
        if statement == outbox.INSERT:
            return self._put(*values)
        column = {reservations.BY_KEY: "idempotency_key", reservations.BY_ID: "id"}[statement]
        return next((row for row in self.rows.values() if row[column] == values[0]), None)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        if statement == reservations.BY_PREFIX:
            prefix, most = values
            return [row for row in self.rows.values() if row["idempotency_key"].startswith(prefix)][:most]
        if statement == outbox.WAITING:
            return [row for row in self.outgoing.values() if not row["sent"]][: values[0]]
        assert statement == reservations.QUEUED
        return [row for row in self.rows.values() if row["status"] == "queued"][: values[0]]

    async def execute(self, statement: str, *values: Any) -> None:
        if statement in (broken.NO_OVERLAP, broken.UNIQUE_KEY, broken_charges.UNIQUE_PAYMENT):
            self.dropped.add(statement)
            return
        if statement == outbox.SENT:
            self.outgoing[values[0]]["sent"] = True
            return
        assert statement in (reservations.SET_STATUS, reservations.WITHDRAW)
        row = self.rows.get(values[0])
        if row is not None and statement == reservations.SET_STATUS:
            row["status"] = values[1]
        elif row is not None and row["status"] == "queued":
            del self.rows[values[0]]

    def _charge(self, statement: str, payment: str) -> dict[str, Any] | None:
        if payment in self.charges and broken_charges.UNIQUE_PAYMENT not in self.dropped:
            assert statement == charges.INSERT, "the unique key is still there"
            return None
        self.charges.append(payment)
        return {"payment_id": payment}

    def _put(self, message: str, recipient: str, body: str) -> dict[str, Any] | None:
        if message in self.outgoing:
            return None
        self.outgoing[message] = {
            "message_id": message,
            "recipient": recipient,
            "body": body,
            "sent": False,
        }
        return self.outgoing[message]

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
    """Answers as the test says, with status 0 not at all; `calls` lists what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.text = '{"rooms_free": 3}'
        self.calls: list[str] = []
        self.bodies: list[str] = []  # the bodies of what it was asked

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        self.bodies.append(request.content.decode())
        if self.hangs:
            await asyncio.Event().wait()
        if self.status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(self.status, text=self.text)


class FakeNlp:
    """Answers `intent` and `words`; with status 0 not at all."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.intent = {"intent": "availability", "language": "es", "confidence": 0.9}
        self.words = "¿Hay una habitación libre?"
        self.calls: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path)
        if self.hangs:
            await asyncio.Event().wait()
        if self.status == 0:
            raise httpx.ConnectError("refused")
        body = {"text": self.words} if request.url.path == "/transcribe" else self.intent
        return httpx.Response(self.status, json=body)


class FakeChannels:
    """WhatsApp, the payment provider and a calendar; with status 0 none of them answers."""

    def __init__(self) -> None:
        self.status = 200
        self.sent: list[str] = []  # ids of the messages answered
        self.asked = asyncio.Event()  # set by the first message that is sent
        self.takes = asyncio.Event()  # cleared: WhatsApp takes its time
        self.takes.set()
        self.payment = {"reference": "key-00000001", "amount": "120.00", "currency": "EUR"}
        self.calendar = ""

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.status == 0:
            raise httpx.ConnectError("refused")
        if self.status != 200:
            return httpx.Response(self.status)
        if request.url.path == "/whatsapp/messages":
            self.sent.append(json.loads(request.content)["in_reply_to"])
            self.asked.set()
            await self.takes.wait()
            return httpx.Response(201, json={"status": "sent"})
        if request.url.path.startswith("/ical"):
            return httpx.Response(200, text=self.calendar)
        return httpx.Response(200, json=self.payment)


@dataclass
class ApiUnderTest:
    client: httpx.AsyncClient
    services: Services
    database: FakeDatabase
    redis: FakeRedis
    pms: FakePms
    nlp: FakeNlp
    channels: FakeChannels

    def metric(self, name: str, **labels: str) -> float:
        """A sample of /metrics; 0 when there is none."""
        return self.services.metrics.registry.get_sample_value(name, labels) or 0.0

    async def book(self, key: str = "key-00000001", **changes: str) -> httpx.Response:
        return await self.client.post(
            "/reservations", json={**WISH, **changes}, headers={"Idempotency-Key": key}
        )

    async def ask(self) -> httpx.Response:
        return await self.client.get("/availability", params=STAY)


async def make_api(defect: str = "", **changes: Any) -> ApiUnderTest:
    """The real app over fakes. `changes` are settings; the rate limit counts in memory, as without Redis."""
    settings = replace(
        Settings(), redis_url="redis://127.0.0.1:1/0", defects=parse_defects(defect), **changes
    )
    metrics = metrics_of(settings.defects)
    database, redis, pms, nlp, channels = FakeDatabase(), FakeRedis(), FakePms(), FakeNlp(), FakeChannels()
    to_pms, to_nlp, to_channels = (
        httpx.AsyncClient(base_url=f"http://{name}", transport=httpx.MockTransport(answer))
        for name, answer in (("pms", pms), ("nlp", nlp), ("channels", channels))
    )
    timeouts = settings.channels
    outside = Outside(
        database=cast(Database, database),
        redis=cast(Redis, redis),
        gate=RedisGate(settings.redis_timeout),
        pms=await _pms_of(settings, metrics, to_pms),
        nlp=NlpClient(to_nlp, timeouts.nlp_text_timeout, timeouts.nlp_audio_timeout, metrics.nlp_seconds),
        channels=ChannelsClient(to_channels, timeouts.channels_timeout),
        http=(to_pms, to_nlp, to_channels),
    )
    levers = Levers()
    app = make_app(settings, metrics, levers)
    await broken.preparation_of(settings.defects)(database)
    services = assemble(settings, metrics, outside, levers)
    app.state.services = services
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")
    return ApiUnderTest(client, services, database, redis, pms, nlp, channels)


async def _pms_of(settings: Settings, metrics: Metrics, http: httpx.AsyncClient) -> Pms:
    """Without a probation, so that a test need not wait for one."""
    if settings.pms_type is PmsType.MOCK:
        return MockPms()
    breaker: Breaker = NoBreaker()
    if not settings.defects.no_breaker:
        breaker = await make_breaker(metrics.breaker_state, 5, settings.pms_breaker_reset, 0.0)
    return PmsClient(http, breaker, settings.pms_timeout, metrics.pms_seconds)
