"""Everything a request may need, built once at start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
from redis.asyncio import Redis
from starlette.requests import Request

from agente import broken
from agente.audit import Audit
from agente.breaker import Breaker, NoBreaker, make_breaker
from agente.broken_charges import charge_of
from agente.broken_http import transport_of
from agente.broken_metrics import audit_of
from agente.broken_pool import database_class
from agente.broken_reads import Replica, reader_of
from agente.broken_retries import RetryStorm
from agente.cache import Cache, RedisGate, connect_redis
from agente.calendars import Calendars
from agente.channels_client import ChannelsClient
from agente.charges import Charge
from agente.database import Database
from agente.degradation import Degradation, Feature, Level
from agente.levers.orders import Levers
from agente.metrics import Metrics
from agente.nlp_client import NlpClient
from agente.orchestrator import Orchestrator
from agente.outbox import Outbox
from agente.pms_client import Pms, PmsClient, make_http
from agente.pms_mock import MockPms
from agente.servers import Servers
from agente.settings import PmsType, Settings
from agente.storing import Store
from agente.tasks import Queue, every

UNBOUNDED = 1000  # connections: more than any server takes


@dataclass(frozen=True)
class Outside:
    """What is reached over the network; tests put something else in its place."""

    database: Database
    redis: Redis
    gate: RedisGate
    pms: Pms
    nlp: NlpClient
    channels: ChannelsClient
    http: tuple[httpx.AsyncClient, ...]


@dataclass(frozen=True)
class Services:
    settings: Settings
    metrics: Metrics
    database: Database
    reader: Database | Replica
    store: Store
    cache: Cache
    pms: Pms
    queue: Queue
    redis: Redis
    gate: RedisGate
    degradation: Degradation
    orchestrator: Orchestrator
    channels: ChannelsClient
    outbox: Outbox
    charge: Charge
    calendars: Calendars
    audit: Audit
    levers: Levers
    http: tuple[httpx.AsyncClient, ...]

    def start(self) -> list[asyncio.Task[None]]:
        """The background tasks, for the caller to cancel. One a dependency: none waits for another."""
        settings = self.settings
        period, drain = settings.watch_period, settings.queue_drain
        tasks = (
            ("watch the database", period, self.database.check),
            ("try the PMS again", period, self.pms.try_again),
            ("show the level", period, self.show),
            ("drain the queue", drain, self.queue.drain),
            ("drain the outbox", drain, self.outbox.drain),
            ("look for what must never be", settings.audit_period, self.audit.look),
            ("read the calendars", settings.channels.ical_interval, self.read_calendars),
        )
        return [asyncio.create_task(every(each, work), name=name) for name, each, work in tasks]

    async def show(self) -> None:
        """What is up, and how much of the API is on offer."""
        up = {"database": self.database.is_up, "pms": self.pms.is_available(), "redis": self.gate.is_open}
        for name, value in up.items():
            self.metrics.dependency_up.labels(name).set(value)
        await self.degradation.refresh()

    async def read_calendars(self) -> None:
        await self.calendars.sync()

    async def close(self) -> None:
        self.levers.clear()
        await self.database.close()
        for client in self.http:
            await client.aclose()
        await self.redis.aclose()


def assemble(settings: Settings, metrics: Metrics, outside: Outside, levers: Levers) -> Services:
    """The parts around what is `outside`."""
    defects, channels = settings.defects, settings.channels
    database, pms, gate, nlp = outside.database, outside.pms, outside.gate, outside.nlp
    cache = Cache(
        outside.redis,
        gate,
        settings.cache_ttl,
        settings.cache_stale,
        metrics.cache_hits,
        metrics.cache_misses,
    )

    def level() -> Level:
        if not database.is_up:
            return Level.CRITICAL
        well = pms.is_available() and not pms.is_mock and gate.is_open and nlp.is_available()
        return Level.NORMAL if well else Level.DEGRADED

    by_hand = {} if channels.audio_enabled else {Feature.AUDIO: False}
    degradation = Degradation(level, metrics.degradation_level, by_hand, defects.no_degradation)
    metrics.channels.ical_limit.set(channels.ical_stale / 60)
    return Services(
        settings=settings,
        metrics=metrics,
        database=database,
        reader=reader_of(defects, database, settings.database_url, settings.db_timeout),
        store=broken.store_of(defects, database),
        cache=cache,
        pms=pms,
        queue=Queue(database, pms, metrics.queued),
        redis=outside.redis,
        gate=gate,
        degradation=degradation,
        orchestrator=Orchestrator(
            nlp, pms, degradation, metrics.orchestration_seconds, channels.spool, defects.no_degradation
        ),
        channels=outside.channels,
        outbox=Outbox(database, outside.channels, metrics.channels.outgoing_waiting, defects.no_outbox),
        charge=charge_of(defects, database),
        calendars=Calendars(
            outside.http[-1],
            channels.ical_feeds,
            channels.channels_timeout,
            metrics.channels.ical_age,
            defects.stale_ical_silent,
        ),
        audit=audit_of(defects, database, metrics),
        levers=levers,
        http=outside.http,
    )


async def build_services(settings: Settings, metrics: Metrics, gate: RedisGate, levers: Levers) -> Services:
    """Wire the parts. Nothing is dialled: the API starts without its dependencies, readiness says so."""
    channels = settings.channels
    transport = transport_of(settings.defects)
    to_pms = make_http(settings.pms_url, settings.pms_api_key, settings.pms_timeout, transport)
    to_nlp = make_http(channels.nlp_url, channels.nlp_api_key, None)  # its gates hold the time-outs
    to_channels = make_http(channels.channels_url, channels.channels_token, channels.channels_timeout)
    database = database_class(settings.defects)(
        Servers(settings.database_url, settings.database_hosts),
        settings.db_pool_size,
        settings.db_timeout,
        metrics.database_errors,
        broken.preparation_of(settings.defects),
        metrics.database,
        UNBOUNDED if settings.defects.unbounded_pool else None,
    )
    outside = Outside(
        database=database,
        redis=connect_redis(settings.redis_url, settings.redis_timeout),
        gate=gate,
        pms=await _make_pms(settings, metrics, to_pms),
        nlp=NlpClient(to_nlp, channels.nlp_text_timeout, channels.nlp_audio_timeout, metrics.nlp_seconds),
        channels=ChannelsClient(to_channels, channels.channels_timeout),
        http=(to_pms, to_nlp, to_channels),
    )
    return assemble(settings, metrics, outside, levers)


async def _make_pms(settings: Settings, metrics: Metrics, http: httpx.AsyncClient) -> Pms:
    if settings.pms_type is PmsType.MOCK:
        return MockPms()
    breaker: Breaker = RetryStorm() if settings.defects.retry_storm else NoBreaker()
    if not (settings.defects.no_breaker or settings.defects.retry_storm):
        breaker = await make_breaker(
            metrics.breaker_state,
            settings.pms_breaker_failures,
            settings.pms_breaker_reset,
            0.0 if settings.defects.fooled_breaker else settings.pms_breaker_probation,
        )
    return PmsClient(http, breaker, settings.pms_timeout, metrics.pms_seconds)


def services_of(request: Request) -> Services:
    """FastAPI dependency."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services
