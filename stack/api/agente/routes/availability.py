"""What is free: from the cache while fresh, else from the PMS, else the old answer marked as such."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from agente.answers import degraded, pms_failed, problem
from agente.pms_client import PmsError, PmsRefusedError
from agente.services import Services, services_of

router = APIRouter()


@router.get("/availability")
async def availability(
    services: Annotated[Services, Depends(services_of)],
    room_type: Annotated[str, Query(min_length=1, max_length=40)],
    check_in: date,
    check_out: date,
) -> Response:
    if check_out <= check_in:
        return problem(422, "check_out must be after check_in")
    key = f"availability:{room_type}:{check_in}:{check_out}"
    cached = await services.cache.get(key)
    if cached is not None and cached.fresh:
        return JSONResponse(cached.value)
    try:
        answer = await services.pms.availability(room_type, check_in.isoformat(), check_out.isoformat())
    except PmsRefusedError as error:
        return problem(error.status, str(error))
    except PmsError as error:
        if cached is None or services.settings.defects.no_fallback:
            return pms_failed(error, services.settings.pms_breaker_reset)
        return degraded(JSONResponse(cached.value), "stale-cache")
    if services.pms.is_mock:
        return degraded(JSONResponse(answer), "mock")
    await services.cache.put(key, answer)
    return JSONResponse(answer)
