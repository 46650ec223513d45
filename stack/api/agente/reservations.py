"""The reservations table: each function is one statement, so one round trip.

A reservation starts as `queued` and becomes `confirmed` when the PMS has accepted it. The table itself is the
queue: what a crash leaves behind is still queued, and the PMS knows bookings by their id, so telling it
twice does no harm.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import asyncpg

from agente.servers import Connection

# Writers of one room take turns. Without that, two of them may wait for one another at the exclusion
# constraint until PostgreSQL ends one as a deadlock, a second later. A change of status writes to it as well.
INSERT = """
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($3::text, 0)))
INSERT INTO reservations (id, idempotency_key, room, room_type, guest, check_in, check_out, status)
SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::date, $7::date, 'queued' FROM turn
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING *"""
SET_STATUS = """
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtextextended(room, 0)) FROM reservations WHERE id = $1)
UPDATE reservations SET status = $2 FROM turn WHERE id = $1"""
BY_KEY = "SELECT * FROM reservations WHERE idempotency_key = $1"
BY_ID = "SELECT * FROM reservations WHERE id = $1"
WITHDRAW = "DELETE FROM reservations WHERE id = $1 AND status = 'queued'"
BY_PREFIX = """
SELECT * FROM reservations WHERE starts_with(idempotency_key, $1) ORDER BY created_at LIMIT $2"""
QUEUED = "SELECT * FROM reservations WHERE status = 'queued' ORDER BY created_at LIMIT $1"


class RoomTakenError(Exception):
    """Another reservation holds the room for one of these nights."""


@dataclass(frozen=True)
class NewReservation:
    idempotency_key: str
    room: str
    room_type: str
    guest: str
    check_in: date
    check_out: date


@dataclass(frozen=True)
class Reservation:
    id: uuid.UUID
    wish: NewReservation
    status: str  # queued | confirmed

    def as_json(self) -> dict[str, object]:
        """The public form; the PMS gets the same."""
        return {
            "id": str(self.id),
            "reference": self.wish.idempotency_key,
            "room": self.wish.room,
            "room_type": self.wish.room_type,
            "guest": self.wish.guest,
            "check_in": self.wish.check_in.isoformat(),
            "check_out": self.wish.check_out.isoformat(),
            "status": self.status,
        }


def _read(row: asyncpg.Record) -> Reservation:
    wish = NewReservation(
        row["idempotency_key"], row["room"], row["room_type"], row["guest"], row["check_in"], row["check_out"]
    )
    return Reservation(id=row["id"], wish=wish, status=row["status"])


async def insert(connection: Connection, wish: NewReservation, statement: str = INSERT) -> Reservation | None:
    """The stored reservation; None when the idempotency key is taken. Raises RoomTakenError."""
    try:
        row = await connection.fetchrow(
            statement,
            uuid.uuid4(),
            wish.idempotency_key,
            wish.room,
            wish.room_type,
            wish.guest,
            wish.check_in,
            wish.check_out,
        )
    except asyncpg.ExclusionViolationError as error:
        raise RoomTakenError(wish.room) from error
    return None if row is None else _read(row)


async def by_key(connection: Connection, key: str) -> Reservation | None:
    row = await connection.fetchrow(BY_KEY, key)
    return None if row is None else _read(row)


async def by_prefix(connection: Connection, prefix: str, most: int) -> list[Reservation]:
    """Up to `most` reservations whose key begins with `prefix`, oldest first."""
    return [_read(row) for row in await connection.fetch(BY_PREFIX, prefix, most)]


async def by_id(connection: Connection, ident: uuid.UUID) -> Reservation | None:
    row = await connection.fetchrow(BY_ID, ident)
    return None if row is None else _read(row)


async def confirm(connection: Connection, ident: uuid.UUID) -> None:
    await connection.execute(SET_STATUS, ident, "confirmed")


async def queue_again(connection: Connection, ident: uuid.UUID) -> None:
    """For one that the PMS has lost."""
    await connection.execute(SET_STATUS, ident, "queued")


async def withdraw(connection: Connection, ident: uuid.UUID) -> None:
    """Withdraws a reservation that was not sent to the PMS."""
    await connection.execute(WITHDRAW, ident)


async def queued(connection: Connection, most: int) -> list[Reservation]:
    """Up to `most` reservations that were not sent to the PMS, oldest first."""
    return [_read(row) for row in await connection.fetch(QUEUED, most)]


async def rehearse(connection: Connection) -> None:
    """Run every statement once and undo it, so that this connection has them prepared."""
    unused = uuid.uuid4()
    wish = NewReservation(str(unused), f"rehearsal {unused}", "", "", date(2000, 1, 1), date(2000, 1, 2))
    transaction = connection.transaction()
    await transaction.start()
    try:
        await insert(connection, wish)
        await by_key(connection, wish.idempotency_key)
        await by_id(connection, unused)
        await confirm(connection, unused)
        await withdraw(connection, unused)
        await queued(connection, 1)
    finally:
        await transaction.rollback()
