"""A stand-in for the hotel's property management system: rooms, a ledger of bookings, and faults to order.

The ledger lies on a volume and has off-site backups of its own, because the PMS is the one who knows which
bookings really arrived: it must still know after it was killed. Faults are an admin matter: they touch the
business calls only, never /health or /admin.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from pms_admin import PORT, ledger_file, offsite_folder
from pms_backup import BackupError, dump, ship
from pms_ledger import GroupCommit, Ledger
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MODES = ("none", "errors", "auth")
log = logging.getLogger("pms")


@dataclass
class Fault:
    """What every business call answers at the moment: nothing special, a status, or 401."""

    mode: str = "none"
    status: int = 500

    def as_json(self) -> dict[str, Any]:
        return {"mode": self.mode, **({"status": self.status} if self.mode == "errors" else {})}


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
        self._fault = Fault()

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health),
            Route("/rooms/availability", self.availability),
            Route("/bookings", self.book, methods=["POST"]),
            Route("/bookings", self.read_ledger, methods=["GET"]),
            Route("/admin/faults", self.read_fault, methods=["GET"]),
            Route("/admin/faults", self.set_fault, methods=["POST"]),
            Route("/admin/faults", self.clear_fault, methods=["DELETE"]),
            Route("/admin/dump", self.take_dump, methods=["POST"]),
            Route("/admin/ship", self.ship_log, methods=["POST"]),
        ]

    def _refusal(self, request: Request) -> Response | None:
        """What stands in the way of a business call, if anything: a fault in force, or a wrong key."""
        if self._fault.mode == "errors":
            return JSONResponse({"error": "the PMS is out of order"}, self._fault.status)
        if self._fault.mode == "auth" or request.headers.get("authorization") != f"Bearer {self._api_key}":
            return JSONResponse({"error": "wrong credentials"}, 401)
        return None

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def availability(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
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
        if (refusal := self._refusal(request)) is not None:
            return refusal
        booking = await _json_object(request)
        if booking is None or not isinstance(booking.get("id"), str):
            return JSONResponse({"error": "expected a JSON object with an id"}, 422)
        is_new = self._ledger.add(booking["id"], booking)
        await self._commit.durable()
        return JSONResponse({"id": booking["id"], "new": is_new}, 201 if is_new else 200)

    async def read_ledger(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        bookings = [dict(booking) for booking in self._ledger.bookings()]
        return JSONResponse({"count": len(bookings), "bookings": bookings})

    async def read_fault(self, request: Request) -> Response:
        return JSONResponse(self._fault.as_json())

    async def set_fault(self, request: Request) -> Response:
        wish = await _json_object(request) or {}
        mode, status = wish.get("mode"), wish.get("status", 500)
        if mode not in MODES or not isinstance(status, int) or not 400 <= status <= 599:
            return JSONResponse(
                {"error": f"expected mode out of {', '.join(MODES)}, and status 400 to 599"}, 422
            )
        self._fault = Fault(mode, status)
        return JSONResponse(self._fault.as_json())

    async def clear_fault(self, request: Request) -> Response:
        self._fault = Fault()
        return JSONResponse(self._fault.as_json())

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


async def _json_object(request: Request) -> dict[str, Any] | None:
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


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
    catalogue: Path, ledger: Path, api_key: str, offsite: Path | None = None, ship_every: float = 7200.0
) -> Starlette:
    """``ship_every``: seconds between two logs that go ``offsite``."""
    system = Pms(read_rooms(catalogue), Ledger(ledger), api_key, offsite)
    return Starlette(routes=system.routes(), lifespan=lambda app: system.shipping(ship_every))


def main() -> None:
    app = make_app(
        Path(os.environ.get("PMS_CATALOGUE", "/fixtures/rooms.csv")),
        ledger_file(),
        os.environ["PMS_API_KEY"],
        offsite_folder(),
        float(os.environ.get("PMS_LOG_SHIP_SECONDS", "7200")),
    )
    uvicorn.run(
        app,
        host="0.0.0.0",
        port=PORT,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
