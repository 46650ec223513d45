"""The shape of answers that are not the plain success."""

from __future__ import annotations

import math

from fastapi.responses import JSONResponse, Response

from agente.pms_client import PmsError

DEGRADED_HEADER = "X-Degraded"


def problem(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status)


def degraded(response: Response, how: str) -> Response:
    """Mark an answer that is worse than usual: `stale-cache` or `queued`."""
    response.headers[DEGRADED_HEADER] = how
    return response


def database_gone() -> Response:
    """503: come back in a moment."""
    return _gone(503, "the database is not available", "database", 1)


def pms_failed(error: PmsError, retry_after: float) -> Response:
    """502 when the PMS failed this call, 503 when it was not asked. `retry_after` in seconds."""
    return _gone(error.status, str(error), "pms", max(1, math.ceil(retry_after)))


def _gone(status: int, error: str, dependency: str, retry_after: int) -> Response:
    return JSONResponse(
        {"error": error, "dependency": dependency}, status, headers={"Retry-After": str(retry_after)}
    )
