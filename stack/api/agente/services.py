"""Everything a request may need, built once at start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
from redis.asyncio import Redis
from starlette.requests import Request

from agente import broken
from agente.breaker import Breaker, NoBreaker, make_breaker
from agente.cache import Cache, RedisGate, connect_redis
from agente.database import Database
from agente.metrics import Metrics
from agente.pms_client import PmsClient, make_http
from agente.servers import Servers
from agente.settings import Settings
from agente.storing import Store
from agente.tasks import Queue, every


@dataclass(frozen=True)
class Services:
    settings: Settings
    metrics: Metrics
    database: Database
    store: Store
    cache: Cache
    pms: PmsClient
    queue: Queue
    redis: Redis
    gate: RedisGate
    http: httpx.AsyncClient

    def start(self) -> list[asyncio.Task[None]]:
        """The background tasks, for the caller to cancel. One a dependency: none waits for another."""
        period = self.settings.watch_period
        return [
            asyncio.create_task(every(period, self.database.check), name="watch the database"),
            asyncio.create_task(every(period, self.pms.try_again), name="try the PMS again"),
            asyncio.create_task(every(self.settings.queue_drain, self.queue.drain), name="drain the queue"),
        ]

    async def close(self) -> None:
        await self.database.close()
        await self.http.aclose()
        await self.redis.aclose()


async def build_services(settings: Settings, metrics: Metrics, gate: RedisGate) -> Services:
    """Wire the parts. Nothing is dialled: the API starts without its dependencies, readiness says so."""
    breaker: Breaker = NoBreaker()
    if not settings.defects.no_breaker:
        breaker = await make_breaker(
            metrics.breaker_state,
            settings.pms_breaker_failures,
            settings.pms_breaker_reset,
            settings.pms_breaker_probation,
        )
    http = make_http(settings.pms_url, settings.pms_api_key, settings.pms_timeout)
    pms = PmsClient(http, breaker, settings.pms_timeout, metrics.pms_seconds)
    database = Database(
        Servers(settings.database_url, settings.database_hosts),
        settings.db_pool_size,
        settings.db_timeout,
        metrics.database_errors,
        broken.preparation_of(settings.defects),
    )
    redis = connect_redis(settings.redis_url, settings.redis_timeout)
    cache = Cache(
        redis, gate, settings.cache_ttl, settings.cache_stale, metrics.cache_hits, metrics.cache_misses
    )
    queue = Queue(database, pms, metrics.queued)
    store = broken.store_of(settings.defects, database)
    return Services(settings, metrics, database, store, cache, pms, queue, redis, gate, http)


def services_of(request: Request) -> Services:
    """FastAPI dependency."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services
