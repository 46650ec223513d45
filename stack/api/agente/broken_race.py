"""The broken variant `look_then_book`: the code looks whether the room is free and then books it.

The constraint of the table is gone. One client after the other is refused as promised; of clients that ask at
the same time all find the room free.
"""

from __future__ import annotations

from agente import reservations
from agente.reservations import NewReservation, Reservation, RoomTakenError
from agente.servers import Connection

TAKEN = """
SELECT 1 FROM reservations WHERE room = $1 AND idempotency_key <> $2
AND daterange(check_in, check_out) && daterange($3, $4) LIMIT 1"""


async def insert_if_free(connection: Connection, wish: NewReservation) -> Reservation | None:
    """As `reservations.insert`, in two statements."""
    if await connection.fetchrow(TAKEN, wish.room, wish.idempotency_key, wish.check_in, wish.check_out):
        raise RoomTakenError(wish.room)
    return await reservations.insert(connection, wish)
