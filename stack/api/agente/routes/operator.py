"""What an operator can do to a running API: features, level, calendars, and the faults of a game day.

Every call needs ``Authorization: Bearer ADMIN_TOKEN``.
"""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from agente.degradation import Feature, Level
from agente.levers.orders import Order
from agente.services import Services, services_of

Uses = Annotated[Services, Depends(services_of)]


async def operator_only(services: Uses, authorization: Annotated[str, Header()] = "") -> None:
    right = services.settings.admin_token
    if not right or not hmac.compare_digest(f"Bearer {right}".encode(), authorization.encode()):
        raise HTTPException(401, "operators only")


router = APIRouter(prefix="/admin", dependencies=[Depends(operator_only)])


class Switched(BaseModel):
    model_config = ConfigDict(extra="forbid")

    feature: Feature
    on: bool | None  # null leaves it to the level again


class Forced(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: Level | None  # null leaves it to what is gone


@router.get("/features")
async def features(services: Uses) -> Response:
    return JSONResponse(_shown(services))


@router.post("/features")
async def switch(services: Uses, wish: Switched) -> Response:
    services.degradation.switch(wish.feature, wish.on)
    return JSONResponse(_shown(services))


@router.post("/degradation")
async def force(services: Uses, wish: Forced) -> Response:
    services.degradation.forced = wish.level
    return JSONResponse(_shown(services))


def _shown(services: Services) -> dict[str, object]:
    degradation = services.degradation
    return {
        "level": degradation.level.name.lower(),
        "features": {feature: degradation.is_on(feature) for feature in Feature},
    }


@router.post("/ical/sync")
async def sync_calendars(services: Uses) -> Response:
    """200, or 502 naming the rooms whose feed could not be read."""
    failed = await services.calendars.sync()
    return JSONResponse({"failed": failed}, 502 if failed else 200)


@router.get("/faults")
async def read_fault(services: Uses) -> Response:
    return JSONResponse(services.levers.as_json())


@router.post("/faults")
async def order_fault(services: Uses, order: Order) -> Response:
    services.levers.set(order)
    return JSONResponse(services.levers.as_json())


@router.delete("/faults")
async def clear_fault(services: Uses) -> Response:
    services.levers.clear()
    return JSONResponse(services.levers.as_json())
