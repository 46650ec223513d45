"""The broken variants `misses_uncounted` and `needs_monitoring`.

`misses_uncounted` does not count look-ups that find nothing. `needs_monitoring` is not ready when nothing has
read its metrics for three times as long as usual.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from prometheus_client import Counter
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agente.defects import Defects
from agente.metrics import Metrics


def metrics_of(defects: Defects, metrics: Metrics) -> Metrics:
    """The metrics, or those with a counter of misses that no scrape sees."""
    if not defects.misses_uncounted:
        return metrics
    return replace(metrics, cache_misses=Counter("unseen_misses", "In no registry", registry=None))


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
