"""How every mock is served, and what all of them read from a request."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

PORT = 8080


def serve(app: ASGIApp) -> None:
    """Serve on port 8080 until SIGTERM."""
    uvicorn.run(
        app,
        host="0.0.0.0",
        port=PORT,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


async def json_object(request: Request) -> dict[str, Any] | None:
    """The body, or None when it is not a JSON object."""
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def wrong_key(request: Request, key: str) -> Response | None:
    """The refusal of a caller without the bearer `key`; None when it has it."""
    if request.headers.get("authorization") == f"Bearer {key}":
        return None
    return JSONResponse({"error": "wrong credentials"}, 401)
