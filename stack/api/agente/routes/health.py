"""Liveness, readiness and metrics. They read what the background watch knows, so they never wait."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agente.services import Services, services_of

router = APIRouter()
Uses = Annotated[Services, Depends(services_of)]


@router.get("/health/live")
async def live() -> Response:
    """The process answers. Says nothing of its dependencies."""
    return PlainTextResponse("alive")


@router.get("/health/ready")
async def ready(services: Uses) -> Response:
    """200, or 503 naming what is gone. Redis is reported, not required: without it the API is only slower."""
    needed = {"database": services.database.is_up, "pms": services.pms.is_available()}
    down = [name for name, up in needed.items() if not up]
    words = {name: "up" if up else "down" for name, up in {**needed, "redis": services.gate.is_open}.items()}
    body = {
        "status": "not ready" if down else "ready",
        "down": down,
        "dependencies": words,
        "level": services.degradation.level.name.lower(),
    }
    return JSONResponse(body, 503 if down else 200)


@router.get("/metrics")
async def metrics(services: Uses) -> Response:
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
