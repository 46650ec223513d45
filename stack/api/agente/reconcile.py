"""Sends again what came after the backup, once the PMS has its lost database back from it.

    python -m agente.reconcile           what the PMS should know and doesn't is queued again
    python -m agente.reconcile --look    how many reservations the PMS does not know; changes nothing

The queue does the telling, as it does after any outage; the PMS takes each id once, so too much does no harm.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Collection

import asyncpg
import httpx

from agente import reservations
from agente.pms_client import make_http
from agente.servers import Connection, Servers
from agente.settings import settings_from

IN_FLIGHT = 5.0  # seconds in which a booking may be on its way to the PMS
NOT_KNOWN = "SELECT id FROM reservations WHERE status = 'confirmed' AND id <> ALL($1::uuid[])"
UNKNOWN = """
SELECT count(*) FROM reservations
WHERE id <> ALL($1::uuid[]) AND created_at < now() - make_interval(secs => $2)"""


class NoLedgerError(Exception):
    """The PMS doesn't say which bookings it has."""


async def known_to_pms(http: httpx.AsyncClient) -> tuple[uuid.UUID, ...]:
    """Ids of all bookings in the PMS that can be ours. Raises NoLedgerError."""
    try:
        answer = await http.get("/bookings")
        answer.raise_for_status()
        bookings = answer.json()["bookings"]
        return tuple(ident for ident in map(_as_id, (each["id"] for each in bookings)) if ident)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
        raise NoLedgerError(f"the PMS does not give its bookings: {problem}") from problem


async def queue_again(connection: Connection, known: Collection[uuid.UUID]) -> int:
    """Queues reservations that count as confirmed although the PMS does not know them. Returns how many.

    Each by itself: one statement over all would hold a room while it waits for the next.
    """
    lost = [row["id"] for row in await connection.fetch(NOT_KNOWN, list(known))]
    for ident in lost:
        await reservations.queue_again(connection, ident)
    return len(lost)


async def unknown(connection: Connection, known: Collection[uuid.UUID]) -> int:
    """How many reservations the PMS does not know, apart from those that may be on their way."""
    return int(await connection.fetchval(UNKNOWN, list(known), IN_FLIGHT))


async def run(look: bool) -> str:
    """What to print. Raises NoLedgerError, OSError, asyncpg's errors."""
    settings = settings_from(os.environ)
    async with make_http(settings.pms_url, settings.pms_api_key, 30.0) as http:
        known = await known_to_pms(http)
    connection = await Servers(settings.database_url, settings.database_hosts).find(settings.db_timeout)
    try:
        if look:
            return f"unknown to the PMS: {await unknown(connection, known)}"
        return f"queued again: {await queue_again(connection, known)}"
    finally:
        await connection.close()


def main(words: list[str]) -> int:
    if words not in ([], ["--look"]):
        print("expected nothing or --look", file=sys.stderr)
        return 1
    try:
        print(asyncio.run(run(look=bool(words))))
    except (NoLedgerError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _as_id(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
