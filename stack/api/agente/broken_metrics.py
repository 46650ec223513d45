"""The broken variants that measure badly.

`misses_uncounted` does not count look-ups that find nothing. `coarse_buckets` counts answer times in buckets
that end at one second. `measured_once` reads the CPU time and the memory of the process once. `no_audit`
never looks for what must not be. `needs_monitoring` is not ready when nothing has read its metrics for three
times as long as usual.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from prometheus_client import Counter
from prometheus_client.core import Metric
from prometheus_client.process_collector import ProcessCollector
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agente.audit import Audit
from agente.database import Database
from agente.defects import Defects
from agente.metrics import LATENCY_BUCKETS, Metrics, make_metrics

COARSE_BUCKETS = tuple(bucket for bucket in LATENCY_BUCKETS if bucket <= 1.0)


def metrics_of(defects: Defects) -> Metrics:
    """The metrics, broken as asked for; the counter of misses may be one that no scrape sees."""
    metrics = make_metrics(
        COARSE_BUCKETS if defects.coarse_buckets else LATENCY_BUCKETS,
        MeasuredOnce if defects.measured_once else ProcessCollector,
    )
    if not defects.misses_uncounted:
        return metrics
    return replace(metrics, cache_misses=Counter("unseen_misses", "In no registry", registry=None))


def audit_of(defects: Defects, database: Database, metrics: Metrics) -> Audit:
    """The audit, or one that looks for nothing."""
    kind = Unlooked if defects.no_audit else Audit
    return kind(database, metrics.overlapping, metrics.charged_twice)


class Unlooked(Audit):
    """The gauges stay at 0."""

    async def look(self) -> None:
        return


class MeasuredOnce(ProcessCollector):
    """What the first scrape saw, for ever."""

    _seen: tuple[Metric, ...] = ()

    def collect(self) -> Iterable[Metric]:
        self._seen = self._seen or tuple(super().collect())
        return self._seen


class NeedsMonitoring:
    """ASGI middleware. What is usual: the time between the last two readings."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._read: tuple[float, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/metrics":
            self._read = (*self._read[-1:], self._clock())
        if path == "/health/ready" and self._is_blind():
            await JSONResponse({"status": "not ready", "down": ["monitoring"]}, 503)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_blind(self) -> bool:
        if len(self._read) < 2:
            return False
        before, last = self._read
        return self._clock() - last > 3 * (last - before)
