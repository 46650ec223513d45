"""A stand-in for the hotel's property management system: rooms, a ledger of bookings, and faults to order.

The ledger lies on a volume and has off-site backups of its own, because the PMS is the one who knows which
bookings really arrived: it must still know after it was killed. `fault_switch` applies the faults.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fault_modes import Switch
from fault_switch import ApplyFault, fault_routes
from pms_admin import ledger_file, offsite_folder
from pms_backup import BackupError, dump, ship
from pms_capacity import ServeInTurn
from pms_ledger import GroupCommit, Ledger
from serving import health, json_object, serve, wrong_key
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = logging.getLogger("pms")


class Pms:
    def __init__(
        self, rooms: dict[str, dict[str, Any]], ledger: Ledger, api_key: str, offsite: Path | None = None
    ) -> None:
        """``offsite``: the folder of its backups; None makes none."""
        self._rooms = rooms
        self._ledger = ledger
        self._commit = GroupCommit(ledger)
        self._offsite = offsite
        self._api_key = api_key

    def routes(self) -> list[Route]:
        return [
            Route("/health", health),
            Route("/rooms/availability", self.availability),
            Route("/bookings", self.book, methods=["POST"]),
            Route("/bookings", self.read_ledger, methods=["GET"]),
            Route("/admin/dump", self.take_dump, methods=["POST"]),
            Route("/admin/ship", self.ship_log, methods=["POST"]),
        ]

    async def availability(self, request: Request) -> Response:
        if (refusal := wrong_key(request, self._api_key)) is not None:
            return refusal
        room_type = request.query_params.get("room_type", "")
        room = self._rooms.get(room_type)
        if room is None:
            return JSONResponse({"error": f"no room type {room_type!r}"}, 404)
        stay = {
            "check_in": request.query_params.get("check_in"),
            "check_out": request.query_params.get("check_out"),
        }
        return JSONResponse({**room, **stay})

    async def book(self, request: Request) -> Response:
        if (refusal := wrong_key(request, self._api_key)) is not None:
            return refusal
        booking = await json_object(request)
        if booking is None or not isinstance(booking.get("id"), str):
            return JSONResponse({"error": "expected a JSON object with an id"}, 422)
        is_new = self._ledger.add(booking["id"], booking)
        await self._commit.durable()
        return JSONResponse({"id": booking["id"], "new": is_new}, 201 if is_new else 200)

    async def read_ledger(self, request: Request) -> Response:
        if (refusal := wrong_key(request, self._api_key)) is not None:
            return refusal
        bookings = [dict(booking) for booking in self._ledger.bookings()]
        return JSONResponse({"count": len(bookings), "bookings": bookings})

    async def take_dump(self, request: Request) -> Response:
        if self._offsite is None:
            return JSONResponse({"error": "no off-site folder is set"}, 409)
        try:
            stored = dump(self._ledger, self._offsite)
        except BackupError as problem:
            return JSONResponse({"error": str(problem)}, 507)
        return JSONResponse({"dump": stored.name, "bookings": self._ledger.position})

    async def ship_log(self, request: Request) -> Response:
        if self._offsite is None:
            return JSONResponse({"error": "no off-site folder is set"}, 409)
        try:
            stored = ship(self._ledger, self._offsite)
        except BackupError as problem:
            return JSONResponse({"error": str(problem)}, 507)
        return JSONResponse({"log": stored and stored.name, "bookings": self._ledger.position})

    @contextlib.asynccontextmanager
    async def shipping(self, period: float) -> AsyncIterator[None]:
        """While it lasts, the log goes off-site every ``period`` seconds."""
        task = asyncio.create_task(self._ship_for_ever(period))
        try:
            yield
        finally:
            task.cancel()

    async def _ship_for_ever(self, period: float) -> None:
        while self._offsite is not None:
            await asyncio.sleep(period)
            try:
                ship(self._ledger, self._offsite)
            except BackupError as problem:  # bookings go on; the examiner of the backups sees the log's age
                log.error("the log was not shipped: %s", problem)


def read_rooms(path: Path) -> dict[str, dict[str, Any]]:
    """The catalogue: room type -> what availability answers of it."""
    with path.open(newline="") as lines:
        return {
            row["room_type"]: {
                "room_type": row["room_type"],
                "rooms_free": int(row["rooms"]),
                "price_per_night": float(row["price_per_night"]),
                "currency": row["currency"],
            }
            for row in csv.DictReader(lines)
        }


def make_app(
    catalogue: Path,
    ledger: Path,
    api_key: str,
    offsite: Path | None = None,
    ship_every: float = 7200.0,
    call_seconds: float = 0.0,
) -> Starlette:
    """``ship_every``: seconds between two logs that go ``offsite``. ``call_seconds``: what a call costs, when
    calls are served one after the other; 0 serves them all at once."""
    system = Pms(read_rooms(catalogue), Ledger(ledger), api_key, offsite)
    switch = Switch()
    return Starlette(
        routes=[*system.routes(), *fault_routes(switch)],
        middleware=[
            Middleware(ApplyFault, switch=switch),
            Middleware(ServeInTurn, seconds=call_seconds),
        ],
        lifespan=lambda app: system.shipping(ship_every),
    )


def main() -> None:
    app = make_app(
        Path(os.environ.get("PMS_CATALOGUE", "/fixtures/rooms.csv")),
        ledger_file(),
        os.environ["PMS_API_KEY"],
        offsite_folder(),
        float(os.environ.get("PMS_LOG_SHIP_SECONDS", "7200")),
        float(os.environ.get("PMS_CALL_SECONDS") or "0"),
    )
    serve(app)


if __name__ == "__main__":
    main()
