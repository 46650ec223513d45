"""The app and its start: `python -m agente.main`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from agente.broken_http import OneAtATime
from agente.broken_memory import LeakEach
from agente.broken_metrics import NeedsMonitoring, metrics_of
from agente.cache import RedisGate
from agente.defects import UnknownDefectError
from agente.levers.burst import FailSome
from agente.levers.orders import Levers
from agente.limiter import Limiter, LimitRequests
from agente.limits_of_container import CONTROL_GROUP, ContainerLimits
from agente.metrics import UNCOUNTED_PREFIXES, CountRequests, Metrics
from agente.routes import availability, health, messages, operator, payments, reservations, whatsapp
from agente.services import build_services
from agente.settings import Settings, SettingsError, settings_from


def make_app(settings: Settings, metrics: Metrics, levers: Levers) -> FastAPI:
    """The API with everything wired; its background tasks live as long as the app."""
    gate = RedisGate(settings.redis_timeout)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = await build_services(settings, metrics, gate, levers)
        app.state.services = services
        if settings.db_timeout is not None:
            # Bounded in time. Without it the bookings of the first second are refused, for want of a pool.
            await services.database.check()
        tasks = services.start()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await services.close()

    app = FastAPI(title="Hotel agent", lifespan=lifespan)
    for module in (availability, reservations, messages, whatsapp, payments, operator, health):
        app.include_router(module.router)
    limiter = Limiter(settings.redis_url, gate, settings.redis_timeout, settings.rate_limit, settings.defects)
    if settings.defects.leaky:
        app.add_middleware(LeakEach)
    if settings.defects.needs_monitoring:
        app.add_middleware(NeedsMonitoring)
    if settings.defects.errors_uncounted:
        app.add_middleware(CountRequests, metrics=metrics)
    app.add_middleware(FailSome, burst=levers.burst, spared=UNCOUNTED_PREFIXES)
    app.add_middleware(LimitRequests, limiter=limiter, hits=metrics.limiter_hits)
    if not settings.defects.errors_uncounted:
        app.add_middleware(CountRequests, metrics=metrics)  # outermost: refused requests count too
    return app


def main() -> None:
    """Serve until SIGTERM. A wrong setting ends the start with one line and code 2."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = settings_from(os.environ)
    except (SettingsError, UnknownDefectError) as error:
        print(f"agente: {error}", file=sys.stderr)
        sys.exit(2)
    metrics = metrics_of(settings.defects)
    ContainerLimits(metrics.registry, CONTROL_GROUP, settings.channels.spool)
    uvicorn.run(
        make_app(settings, metrics, Levers()),
        host="0.0.0.0",
        port=settings.port,
        http=OneAtATime if settings.defects.one_at_a_time else "auto",
        access_log=False,
        timeout_keep_alive=75,  # longer than clients keep a quiet connection: they hang up first
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
