"""The broken variants `no_pool` and `dead_pool`: connections that are made too often, or never again."""

from __future__ import annotations

import asyncio
from typing import Any

from agente.database import Database
from agente.defects import Defects
from agente.servers import Connection, Servers


class NoPool:
    """A connection for each piece of work, closed afterwards."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._open = 0

    async def acquire(self) -> Connection:
        connection = await self._servers.connect(server_settings={"application_name": "agente-api"})
        self._open += 1
        return connection

    async def release(self, connection: Connection) -> None:
        self._open -= 1
        connection.terminate()

    async def expire_connections(self) -> None:
        """There is none to drop."""

    def get_size(self) -> int:
        return self._open

    def get_idle_size(self) -> int:
        return 0

    def terminate(self) -> None:
        """There is none to end."""


class DeadPool(NoPool):
    """Connections that are made once, used in turn, and not replaced when they have ended."""

    def __init__(self, servers: Servers, connections: list[Connection]) -> None:
        super().__init__(servers)
        self._size = len(connections)
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            self._idle.put_nowait(connection)

    async def acquire(self) -> Connection:
        return await self._idle.get()

    async def release(self, connection: Connection) -> None:
        self._idle.put_nowait(connection)

    def get_size(self) -> int:
        return self._size

    def get_idle_size(self) -> int:
        return self._idle.qsize()


class WithoutPool(Database):
    """`no_pool`."""

    async def _make_pool(self) -> Any:
        return NoPool(self._servers)


class WithDeadPool(Database):
    """`dead_pool`."""

    async def _make_pool(self) -> Any:
        settings = {"application_name": "agente-api"}
        made = [await self._servers.connect(server_settings=settings) for _ in range(self._size)]
        for connection in made:
            await self._rehearse(connection)
        return DeadPool(self._servers, made)


def database_class(defects: Defects) -> type[Database]:
    """The database whose pool keeps its promises, or the broken one that was asked for."""
    if defects.no_pool:
        return WithoutPool
    return WithDeadPool if defects.dead_pool else Database
