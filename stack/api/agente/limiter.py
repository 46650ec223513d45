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
from agente.metrics import is_counted


class Limiter:
    """Counts hits of a client; in memory the count starts at zero, which errs on the guest's side."""

    def __init__(self, redis_url: str, gate: RedisGate, timeout: float | None, limit: str) -> None:
        options: dict[str, Any] = (
            {} if timeout is None else {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        )
        self._shared = FixedWindowRateLimiter(
            RedisStorage(f"async+{redis_url}", implementation="redispy", **options)
        )
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._gate = gate
        self._limit: RateLimitItem = parse(limit)

    async def admits(self, client: str) -> bool:
        """Count one request of `client`; False when it is over its limit."""
        try:
            return await self._gate.run(lambda: self._shared.hit(self._limit, client))
        except RedisGoneError:
            return await self._local.hit(self._limit, client)

    def retry_after(self) -> int:
        """Seconds until the current window ends at the latest."""
        window = self._limit.get_expiry()
        return math.ceil(window - time.time() % window)


def client_of(request: Request) -> str:
    """Whom a request counts for: the first of X-Forwarded-For (a balancer stands in front), else the peer."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
    if forwarded:
        return forwarded
    return request.client.host if request.client else "unknown"


class LimitRequests:
    """ASGI middleware: 429 for the client over its limit; health and metrics are free."""

    def __init__(self, app: ASGIApp, limiter: Limiter, hits: Counter) -> None:
        self._app = app
        self._limiter = limiter
        self._hits = hits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        free = scope["type"] != "http" or not is_counted(scope["path"])
        if free or await self._limiter.admits(client_of(Request(scope))):
            await self._app(scope, receive, send)
        else:
            self._hits.inc()
            wait = {"Retry-After": str(self._limiter.retry_after())}
            await JSONResponse({"error": "too many requests"}, 429, headers=wait)(scope, receive, send)
