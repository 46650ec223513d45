"""What goes on without any request: the watch over the dependencies, and the queue of bookings."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

from agente import reservations
from agente.database import Database, DatabaseGoneError
from agente.pms_client import Pms, PmsError, PmsRefusedError

BATCH = 50  # bookings sent in one round of the queue
log = logging.getLogger("agente.tasks")


async def every(period: float, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` for ever, every `period` seconds, later when it takes longer. A crash of it is logged."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            await work()
        except Exception:  # the task must live on: without it readiness would show an old truth for ever
            log.exception("a background task failed")
        due = max(due + period, loop.time())
        await asyncio.sleep(due - loop.time())


class Queue:
    """Sends the PMS the bookings it missed, once it answers again."""

    def __init__(self, database: Database, pms: Pms, gauge: Gauge) -> None:
        self._database = database
        self._pms = pms
        self._gauge = gauge
        self.in_hand: set[uuid.UUID] = set()  # being sent by a request at this moment

    async def drain(self) -> None:
        """One round: up to BATCH bookings, oldest first; stops at the first sign that the PMS is gone.

        How many wait is counted while the PMS is gone as well: then it matters.
        """
        if not self._database.is_up:
            return
        try:
            waiting = await self._database.run(lambda connection: reservations.queued(connection, BATCH))
            waiting = [each for each in waiting if each.id not in self.in_hand]
            self._gauge.set(len(waiting))
            if not self._pms.is_available():
                return
            for reservation in waiting:
                await self._tell(reservation)
        except (DatabaseGoneError, PmsError):
            return

    async def _tell(self, reservation: reservations.Reservation) -> None:
        try:
            await self._pms.book(reservation.as_json())
        except PmsRefusedError as error:
            log.error("the PMS refuses reservation %s: %s", reservation.id, error)
            return
        await self._database.run(lambda connection: reservations.confirm(connection, reservation.id))
        self._gauge.dec()
