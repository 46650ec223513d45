"""Redis: the cache of PMS answers. One that keeps failing is left alone for a second at a time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

T = TypeVar("T")
FAILURES_BEFORE_PAUSE = 3  # in a row: a single slow answer is no reason to do without the cache
PAUSE = 1.0  # seconds
Json = dict[str, object]


class RedisGoneError(Exception):
    """Redis did not answer, or did not a moment ago."""


class RedisGate:
    """Bounds every use of Redis in time; after failures in a row the next uses fail at once for a while."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._closed_until = 0.0
        self._failures = 0

    @property
    def is_open(self) -> bool:
        return time.monotonic() >= self._closed_until

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work`'s result; RedisGoneError instead of time-outs and connection errors."""
        if not self.is_open:
            raise RedisGoneError("Redis failed a moment ago")
        try:
            async with asyncio.timeout(self._timeout):
                result = await work()
        except (RedisError, OSError, TimeoutError) as error:
            self._failures += 1
            if self._failures >= FAILURES_BEFORE_PAUSE:
                self._closed_until = time.monotonic() + PAUSE
            raise RedisGoneError(str(error)) from error
        self._failures = 0
        return result


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
