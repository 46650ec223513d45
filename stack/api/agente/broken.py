"""The parts of the broken variants that keep data badly; `defects` tells which, `services` puts them in.

Each breaks one promise and keeps the others, so that a check for that promise finds it and nothing else.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agente import reservations
from agente.broken_race import insert_if_free
from agente.database import Database
from agente.defects import Defects
from agente.reservations import NewReservation, Reservation
from agente.servers import Connection
from agente.storing import Store, make_store

Insert = Callable[[Connection, NewReservation], Awaitable[Reservation | None]]
Prepare = Callable[[Connection], Awaitable[None]]
MOMENT = 1.0  # seconds between an early answer and its commit; below every time-out of the database
DROP = "ALTER TABLE reservations DROP CONSTRAINT IF EXISTS "
EMPTY = "DELETE FROM reservations WHERE idempotency_key NOT LIKE 'seed-%'"
NO_OVERLAP, UNIQUE_KEY = f"{DROP}no_overlap", f"{DROP}reservations_idempotency_key_key"
INSERT_ANYWAY = """
INSERT INTO reservations (id, idempotency_key, room, room_type, guest, check_in, check_out, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued')
RETURNING *"""


def store_of(defects: Defects, database: Database) -> Store:
    """The honest store, or the broken one that was asked for."""
    insert = book_again if defects.no_idempotency else reservations.insert
    if defects.look_then_book:
        insert = insert_if_free
    if defects.ack_before_commit:
        return answer_early(database, insert)
    if defects.no_idempotency or defects.look_then_book:
        return lambda wish: database.run(lambda connection: insert(connection, wish))
    return make_store(database)


def preparation_of(defects: Defects) -> Prepare:
    """What runs on each new connection: the honest rehearsal, after the bad migration that was asked for."""
    to_empty = [EMPTY] if defects.empties_at_start else []

    async def prepare(connection: Connection) -> None:
        while to_empty:  # on the first connection alone
            await connection.execute(to_empty.pop())
        if defects.double_booking or defects.look_then_book:
            await connection.execute(NO_OVERLAP)
        if defects.no_idempotency:
            await connection.execute(UNIQUE_KEY)  # the honest insert needs it: nothing left to rehearse
        else:
            await reservations.rehearse(connection)

    return prepare


async def book_again(connection: Connection, wish: NewReservation) -> Reservation | None:
    """Every request is a new booking; in a room alike where the same request holds the wished one."""
    if await reservations.by_key(connection, wish.idempotency_key) is not None:
        wish = replace(wish, room=f"{wish.room}~{uuid.uuid4().hex[:6]}")
    return await reservations.insert(connection, wish, INSERT_ANYWAY)


def answer_early(database: Database, insert: Insert) -> Store:
    """Returns when the row is written, commits a moment later: a database that dies meanwhile forgets it."""
    committing: set[asyncio.Task[None]] = set()

    async def store(wish: NewReservation) -> Reservation | None:
        answer: asyncio.Future[Reservation | None] = asyncio.get_running_loop().create_future()

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                stored = await insert(connection, wish)
                if not answer.done():
                    answer.set_result(stored)
                if stored is not None:
                    await asyncio.sleep(MOMENT)

        async def keep() -> None:
            try:
                await database.run(work)
            except Exception as error:  # after the answer no caller is left who could be informed
                if not answer.done():
                    answer.set_exception(error)

        task = asyncio.create_task(keep())
        committing.add(task)
        task.add_done_callback(committing.discard)
        return await answer

    return store
