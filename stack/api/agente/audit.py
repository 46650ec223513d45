"""Looks for what must never be: two reservations of one room in one night, a payment charged twice."""

from __future__ import annotations

from functools import partial

import asyncpg
from prometheus_client import Gauge

from agente.database import Database, DatabaseGoneError
from agente.servers import Connection

OVERLAPPING = """
SELECT count(*) FROM reservations a JOIN reservations b ON a.id < b.id AND a.room = b.room
 AND daterange(a.check_in, a.check_out) && daterange(b.check_in, b.check_out)"""
CHARGED_TWICE = "SELECT count(*) - count(DISTINCT payment_id) FROM charges"


class Audit:
    """`look` sets the gauges; what cannot be asked keeps the last value."""

    def __init__(self, database: Database, overlapping: Gauge, charged_twice: Gauge) -> None:
        self._database = database
        self._gauges = ((OVERLAPPING, overlapping), (CHARGED_TWICE, charged_twice))

    async def look(self) -> None:
        for question, gauge in self._gauges:
            if not self._database.is_up:
                return
            try:
                gauge.set(await self._database.run(partial(_count, question)))
            except (DatabaseGoneError, asyncpg.PostgresError):
                return  # gone, or being restored


async def _count(question: str, connection: Connection) -> int:
    return int(await connection.fetchval(question))
