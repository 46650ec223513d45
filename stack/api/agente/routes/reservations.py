"""Booking a room. The database decides; the PMS gets the booking at once or from the queue."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from agente import reservations
from agente.answers import database_gone, degraded, pms_failed, problem
from agente.database import DatabaseGoneError
from agente.pms_client import PmsError, PmsRefusedError
from agente.reservations import NewReservation, Reservation, RoomTakenError
from agente.services import Services, services_of

router = APIRouter()
MOST_READ_BACK = 20_000  # rows of one answer
Uses = Annotated[Services, Depends(services_of)]


class Wish(BaseModel):
    """Body of POST /reservations."""

    room: str = Field(min_length=1, max_length=40)
    room_type: str = Field(min_length=1, max_length=40)
    guest: str = Field(min_length=1, max_length=120)
    check_in: date
    check_out: date


@router.post("/reservations")
async def reserve(
    services: Uses, wish: Wish, idempotency_key: Annotated[str, Header(min_length=8, max_length=100)]
) -> Response:
    """201 booked; 202 stored, the PMS hears later; 200 the same again; 409 room taken; 503 no database."""
    if wish.check_out <= wish.check_in:
        return problem(422, "check_out must be after check_in")
    if services.calendars.is_taken(wish.room, wish.check_in, wish.check_out):
        return problem(409, f"room {wish.room} is taken on another portal")
    wanted = NewReservation(
        idempotency_key, wish.room, wish.room_type, wish.guest, wish.check_in, wish.check_out
    )
    try:
        stored = await services.store(wanted)
        if stored is None:
            return await _repeat(services, wanted)
    except RoomTakenError:
        return problem(409, f"room {wish.room} is taken for these nights")
    except DatabaseGoneError:
        return database_gone()
    services.queue.in_hand.add(stored.id)
    try:
        return await _tell_pms(services, stored)
    finally:
        services.queue.in_hand.discard(stored.id)


async def _repeat(services: Services, wanted: NewReservation) -> Response:
    earlier = await services.database.run(
        lambda connection: reservations.by_key(connection, wanted.idempotency_key)
    )
    if earlier is None or earlier.wish != wanted:
        return problem(422, "this Idempotency-Key belongs to another request")
    return JSONResponse(earlier.as_json(), 200)


async def _tell_pms(services: Services, stored: Reservation) -> Response:
    try:
        await services.pms.book(stored.as_json())
        await services.database.run(lambda connection: reservations.confirm(connection, stored.id))
    except PmsRefusedError as error:
        await _withdraw(services, stored)
        return problem(409, str(error))
    except PmsError as error:
        if services.settings.defects.no_fallback:
            await _withdraw(services, stored)
            return pms_failed(error, services.settings.pms_breaker_reset)
        return degraded(JSONResponse(stored.as_json(), 202), "queued")
    except DatabaseGoneError:
        # Stored and sent, but not marked: the queue sends it again, which changes nothing in the PMS.
        return degraded(JSONResponse(stored.as_json(), 202), "queued")
    return JSONResponse({**stored.as_json(), "status": "confirmed"}, 201)


async def _withdraw(services: Services, stored: Reservation) -> None:
    try:
        await services.database.run(lambda connection: reservations.withdraw(connection, stored.id))
    except DatabaseGoneError:
        return  # it stays queued: a booking too many is found later, a lost one is not


Reference = Annotated[str | None, Query(min_length=8, max_length=100)]


@router.get("/reservations")
async def look_up(
    services: Uses, reference: Reference = None, reference_prefix: Reference = None
) -> Response:
    """By Idempotency-Key: one, or 404; by the beginning of it: all, or 422 when they are too many."""
    try:
        if reference is not None and reference_prefix is None:
            return await _read_one(services, reference)
        if reference_prefix is not None and reference is None:
            return await _read_many(services, reference_prefix)
    except DatabaseGoneError:
        return database_gone()
    return problem(422, "expected one of reference, reference_prefix")


async def _read_one(services: Services, reference: str) -> Response:
    found = await services.reader.run(lambda connection: reservations.by_key(connection, reference))
    return problem(404, "no such reservation") if found is None else JSONResponse(found.as_json())


async def _read_many(services: Services, prefix: str) -> Response:
    found = await services.reader.run(
        lambda connection: reservations.by_prefix(connection, prefix, MOST_READ_BACK + 1)
    )
    if len(found) > MOST_READ_BACK:  # half a list would look like lost rows
        return problem(422, f"more than {MOST_READ_BACK} reservations: ask for a longer prefix")
    return JSONResponse({"count": len(found), "reservations": [each.as_json() for each in found]})


@router.get("/reservations/{ident}")
async def read(services: Uses, ident: uuid.UUID) -> Response:
    try:
        found = await services.reader.run(lambda connection: reservations.by_id(connection, ident))
    except DatabaseGoneError:
        return database_gone()
    return problem(404, "no such reservation") if found is None else JSONResponse(found.as_json())
