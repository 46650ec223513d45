"""The broken variant `reads_replica`: bookings are looked up on the replica, however far behind it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from agente.database import GONE, Database, DatabaseGoneError
from agente.defects import Defects
from agente.servers import Connection

T = TypeVar("T")
Look = Callable[[Callable[[Connection], Awaitable[T]]], Awaitable[T]]
REPLICA = "replica"


class Replica:
    """A connection for each look; the name of the server is that of the compose file."""

    def __init__(self, url: str, timeout: float | None) -> None:
        self._url = url
        self._timeout = timeout

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """As `Database.run`, for statements that only read."""
        try:
            connection = await asyncpg.connect(self._url, host=REPLICA, ssl=False, timeout=self._timeout)
        except GONE as error:
            raise DatabaseGoneError(f"the replica: {error}") from error
        try:
            return await work(connection)
        finally:
            connection.terminate()


def reader_of(defects: Defects, database: Database, url: str, timeout: float | None) -> Database | Replica:
    """Where bookings are looked up: in the database, or in its replica in the broken variant."""
    return Replica(url, timeout) if defects.reads_replica else database
