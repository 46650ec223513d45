"""The metrics that the detection rules ask for, and the middleware that counts requests.

Health checks and /metrics itself are left out of http_requests_total and of the histogram: they come often,
are fast and answer 503 on purpose while a dependency is gone, so they would hide slow answers and pass for
errors.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Fine around the figures the rules compare with: 0.5, 1 and 3 seconds.
LATENCY_BUCKETS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    3.5,
    4.0,
    5.0,
    7.5,
    10.0,
)
UNCOUNTED_PREFIXES = ("/health", "/metrics")


@dataclass(frozen=True)
class Metrics:
    """All series of one API; each app has a registry of its own, so that tests do not share counters."""

    registry: CollectorRegistry
    requests: Counter
    request_seconds: Histogram
    database_errors: Counter
    breaker_state: Gauge
    cache_hits: Counter
    cache_misses: Counter
    pms_seconds: Histogram
    limiter_hits: Counter
    queued: Gauge


def make_metrics() -> Metrics:
    """Fresh series; the ones without labels exist at once, with 0."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # half of the lines of every scrape, and nobody asks for them
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return Metrics(
        registry=registry,
        requests=Counter(
            "http_requests_total", "Requests answered", ["method", "path", "status"], registry=registry
        ),
        request_seconds=Histogram(
            "http_request_duration_seconds",
            "Time to answer",
            ["method", "path"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        ),
        database_errors=Counter(
            "database_connection_errors_total",
            "Operations that got no answer from the database",
            registry=registry,
        ),
        breaker_state=Gauge("pms_circuit_breaker_state", "0 closed, 1 open, 2 half-open", registry=registry),
        cache_hits=Counter(
            "redis_cache_hits_total", "Look-ups answered by Redis, stale ones too", registry=registry
        ),
        cache_misses=Counter(
            "redis_cache_misses_total", "Look-ups Redis could not answer", registry=registry
        ),
        pms_seconds=Histogram(
            "pms_api_latency_seconds",
            "Time of a call to the PMS, failed ones too",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        ),
        limiter_hits=Counter(
            "slowapi_limiter_hits_total", "Requests refused by the rate limit", registry=registry
        ),
        queued=Gauge(
            "reservations_queued", "Bookings that the PMS has not been told of yet", registry=registry
        ),
    )


def is_counted(path: str) -> bool:
    """Whether a path belongs to the traffic that the rules judge."""
    return not path.startswith(UNCOUNTED_PREFIXES)


class CountRequests:
    """ASGI middleware: one count and one observation a request, labelled with the route's template."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_counted(scope["path"]):
            await self._app(scope, receive, send)
            return
        status = 500  # what the server answers when the app raises before it has answered
        begun = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(
                scope.get("route"), "path", "unmatched"
            )  # the template, not the path: few label values
            self._metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._metrics.request_seconds.labels(scope["method"], route).observe(time.perf_counter() - begun)
