"""Redis: the cache of PMS answers. One that keeps failing is left alone for a second at a time."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from agente.gate import Gate, GoneError

Json = dict[str, object]


class RedisGoneError(GoneError):
    """Redis did not answer, or did not a moment ago."""


class RedisGate(Gate):
    """The gate of Redis; one for the cache and the rate limit, so that both learn from one failure."""

    def __init__(self, timeout: float | None) -> None:
        super().__init__("Redis", timeout, (RedisError,), RedisGoneError)


def connect_redis(url: str, timeout: float | None) -> Redis:
    """A client that neither retries nor waits longer than `timeout` seconds; connects when first used."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


@dataclass(frozen=True)
class Cached:
    value: Json
    fresh: bool


class Cache:
    """JSON answers by key, kept far longer than fresh: a stale answer beats none while the PMS is gone."""

    def __init__(
        self, redis: Redis, gate: RedisGate, ttl: float, keep: float, hits: Counter, misses: Counter
    ) -> None:
        """`ttl`: seconds an entry counts as fresh; `keep`: seconds it is kept at all."""
        self._redis = redis
        self._gate = gate
        self._ttl = ttl
        self._keep = max(keep, ttl)
        self._hits = hits
        self._misses = misses

    async def get(self, key: str) -> Cached | None:
        """The entry; None without one or without Redis. A stale entry is a hit: Redis did its part."""
        try:
            text = await self._gate.run(lambda: self._redis.get(key))
        except RedisGoneError:
            text = None
        if text is None:
            self._misses.inc()
            return None
        self._hits.inc()
        entry = json.loads(text)
        return Cached(value=entry["value"], fresh=time.time() - entry["stored"] < self._ttl)

    async def put(self, key: str, value: Json) -> None:
        """Keep an answer; without Redis nothing happens."""
        text = json.dumps({"stored": time.time(), "value": value})
        try:
            await self._gate.run(lambda: self._redis.set(key, text, px=int(self._keep * 1000)))
        except RedisGoneError:
            return
