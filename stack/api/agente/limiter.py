"""The rate limit per client: counted in Redis, in this process's memory while Redis is gone."""

from __future__ import annotations

import math
import time
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agente.cache import RedisGate, RedisGoneError
from agente.defects import Defects
from agente.metrics import UNCOUNTED_PREFIXES

# Providers deliver from few addresses, and their signature says who they are.
UNLIMITED_PREFIXES = (*UNCOUNTED_PREFIXES, "/webhooks")


class Limiter:
    """Counts hits of a client; in memory the count starts at zero, which errs on the guest's side."""

    def __init__(
        self, redis_url: str, gate: RedisGate, timeout: float | None, limit: str, defects: Defects
    ) -> None:
        """`limit` such as 120/minute; `timeout`: seconds for an answer of Redis."""
        options: dict[str, Any] = (
            {} if timeout is None else {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        )
        self._shared = FixedWindowRateLimiter(
            RedisStorage(f"async+{redis_url}", implementation="redispy", **options)
        )
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._gate = gate
        self._limit: RateLimitItem = parse(limit)
        self._defects = defects

    async def admits(self, client: str) -> bool:
        """Count one request of `client`; False when it is over its limit.

        Raises RedisGoneError in a broken variant only.
        """
        if self._defects.no_rate_limit:
            return True
        if self._defects.one_limit_for_all:
            client = "everybody"
        try:
            return await self._gate.run(lambda: self._shared.hit(self._limit, client))
        except RedisGoneError:
            if self._defects.no_redis_fallback:
                raise
            return await self._local.hit(self._limit, client)

    def retry_after(self) -> int:
        """Seconds until the current window ends at the latest."""
        window = self._limit.get_expiry()
        return math.ceil(window - time.time() % window)


def client_of(request: Request) -> str:
    """The client that a request counts for: the first of X-Forwarded-For (from a balancer), else the peer."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
    if forwarded:
        return forwarded
    return request.client.host if request.client else "unknown"


class LimitRequests:
    """ASGI middleware: 429 for the client over its limit; health, metrics, operators, webhooks have none."""

    def __init__(self, app: ASGIApp, limiter: Limiter, hits: Counter) -> None:
        self._app = app
        self._limiter = limiter
        self._hits = hits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        free = scope["type"] != "http" or scope["path"].startswith(UNLIMITED_PREFIXES)
        if free or await self._limiter.admits(client_of(Request(scope))):
            await self._app(scope, receive, send)
        else:
            self._hits.inc()
            wait = {"Retry-After": str(self._limiter.retry_after())}
            await JSONResponse({"error": "too many requests"}, 429, headers=wait)(scope, receive, send)
