"""The metrics that the detection rules ask for, and the middleware that counts requests.

Health checks and /metrics itself are left out of http_requests_total and of the histogram: they come often,
are fast and answer 503 on purpose while a dependency is gone, so they would hide slow answers and pass for
errors.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agente.providers import Provider, Reason

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
UNCOUNTED_PREFIXES = ("/health", "/metrics", "/admin")


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
    database: DatabaseMetrics
    channels: ChannelMetrics
    dependency_up: Gauge
    degradation_level: Gauge
    nlp_seconds: Histogram
    orchestration_seconds: Histogram
    overlapping: Gauge
    charged_twice: Gauge


@dataclass(frozen=True)
class DatabaseMetrics:
    """Why no connection was had, and how much of the pool is in use."""

    refused: Counter
    exhausted: Counter
    pool_size: Gauge
    pool_in_use: Gauge
    pool_waiting: Gauge


@dataclass(frozen=True)
class ChannelMetrics:
    """Webhooks by provider, answers that wait, and the age of the portals' calendars."""

    webhooks: Counter
    webhook_failures: Counter
    webhook_duplicates: Counter
    outgoing_waiting: Gauge
    ical_age: Gauge
    ical_limit: Gauge


def make_metrics(
    buckets: Sequence[float] = LATENCY_BUCKETS,
    collector: type[ProcessCollector] = ProcessCollector,
) -> Metrics:
    """Fresh series; the ones without labels exist at once, with 0."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # half of the lines of every scrape, and no rule reads them
    registry = CollectorRegistry()
    collector(registry=registry)

    def counter(name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=registry)

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=registry)

    def seconds(name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=registry)

    return Metrics(
        registry=registry,
        requests=counter("http_requests_total", "Requests answered", "method", "path", "status"),
        request_seconds=seconds("http_request_duration_seconds", "Time to answer", "method", "path"),
        database_errors=counter(
            "database_connection_errors_total", "Operations that got no answer from the database"
        ),
        breaker_state=gauge("pms_circuit_breaker_state", "0 closed, 1 open, 2 half-open"),
        cache_hits=counter("redis_cache_hits_total", "Look-ups answered by Redis, stale ones too"),
        cache_misses=counter("redis_cache_misses_total", "Look-ups Redis could not answer"),
        pms_seconds=seconds("pms_api_latency_seconds", "Time of a call to the PMS, failed ones too"),
        limiter_hits=counter("slowapi_limiter_hits_total", "Requests refused by the rate limit"),
        queued=gauge("reservations_queued", "Bookings that the PMS does not have yet, 50 at most"),
        database=_database_metrics(registry),
        channels=_channel_metrics(registry),
        dependency_up=gauge("dependency_up", "1 while the API can use it", "dependency"),
        degradation_level=gauge("degradation_level", "0 normal, 1 degraded, 2 critical"),
        nlp_seconds=seconds("nlp_engine_latency_seconds", "Time of a call to it, failed ones too", "path"),
        orchestration_seconds=seconds(
            "orchestration_duration_seconds", "Time from a guest's message to its answer"
        ),
        overlapping=gauge("reservations_overlapping", "Pairs that hold one room in one night"),
        charged_twice=gauge("payments_charged_twice", "Charges too many"),
    )


def _database_metrics(registry: CollectorRegistry) -> DatabaseMetrics:
    return DatabaseMetrics(
        refused=Counter(
            "database_connections_refused_total", "Connections that were refused", registry=registry
        ),
        exhausted=Counter(
            "database_pool_exhausted_total",
            "Operations without a connection: the pool was used up, or the server had too many",
            registry=registry,
        ),
        pool_size=Gauge("database_pool_size", "Connections that the pool may hold", registry=registry),
        pool_in_use=Gauge(
            "database_pool_in_use",
            "Connections at work, or being made for an operation",
            registry=registry,
        ),
        pool_waiting=Gauge(
            "database_pool_waiting", "Operations that wait for a connection", registry=registry
        ),
    )


def _channel_metrics(registry: CollectorRegistry) -> ChannelMetrics:
    found = ChannelMetrics(
        webhooks=Counter("webhook_requests_total", "Webhooks received", ["provider"], registry=registry),
        webhook_failures=Counter(
            "webhook_failures_total",
            "Webhooks that were not answered 200",
            ["provider", "reason"],
            registry=registry,
        ),
        webhook_duplicates=Counter(
            "webhook_duplicates_total", "Webhooks known already", ["provider"], registry=registry
        ),
        outgoing_waiting=Gauge(
            "outgoing_messages_waiting", "Answers that WhatsApp has not taken yet", registry=registry
        ),
        ical_age=Gauge(
            "ical_last_sync_age_minutes",
            "Minutes since the calendar was last read",
            ["room"],
            registry=registry,
        ),
        ical_limit=Gauge(
            "ical_stale_limit_minutes", "The age from which a calendar is stale", registry=registry
        ),
    )
    # With 0 from the start: the first increase of a series that was not there is no increase to Prometheus.
    for provider in Provider:
        found.webhooks.labels(provider)
        found.webhook_duplicates.labels(provider)
        for reason in Reason:
            found.webhook_failures.labels(provider, reason)
    return found


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
