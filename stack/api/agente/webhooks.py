"""What both webhooks share: who is believed, and what is counted."""

from __future__ import annotations

from fastapi.responses import JSONResponse, Response

from agente.answers import problem
from agente.providers import Provider, Reason
from agente.services import Services


def received(services: Services, provider: Provider) -> None:
    services.metrics.channels.webhooks.labels(provider).inc()


def refused(services: Services, provider: Provider, reason: Reason, status: int) -> Response:
    """Counted; the provider delivers again after anything but a 200."""
    services.metrics.channels.webhook_failures.labels(provider, reason).inc()
    return problem(status, f"{provider} webhook: {reason}")


def taken(services: Services, provider: Provider, duplicates: int) -> Response:
    services.metrics.channels.webhook_duplicates.labels(provider).inc(duplicates)
    return JSONResponse({"status": "ok", "duplicates": duplicates})
