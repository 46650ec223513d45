"""How a wish gets into the table. A client that is answered after this can rely on the row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agente import reservations
from agente.database import Database
from agente.reservations import NewReservation, Reservation

Store = Callable[[NewReservation], Awaitable[Reservation | None]]


def make_store(database: Database) -> Store:
    """Stores durably, then returns: the statement is a transaction of its own, committed when it is answered.

    The store gives None when the idempotency key is taken; raises RoomTakenError and DatabaseGoneError.
    """

    async def store(wish: NewReservation) -> Reservation | None:
        return await database.run(lambda connection: reservations.insert(connection, wish))

    return store
