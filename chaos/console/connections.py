"""Bounds the connections that clients hold: uvicorn itself waits for the rest of a request for ever."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0  # real seconds for a whole request line with its headers
MOST_CONNECTIONS = 400  # of all browsers together; the runs of the day need files and sockets as well


class BoundedConnection(H11Protocol):
    """One connection. It ends if the head of a request is not complete in time. If there are too many, the
    one that has waited longest for a request ends, so that one client with many connections
    cannot shut out the others.
    """

    _too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > MOST_CONNECTIONS:
            bounded = [one for one in self.connections if isinstance(one, BoundedConnection)]
            min(bounded, key=BoundedConnection.due).transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unwatch()

    def due(self) -> float:
        """When it ends if nothing comes, by the event loop's clock; infinite while a request is answered."""
        return math.inf if self._too_late is None else self._too_late.when()

    def _watch(self) -> None:
        """Start the clock of a request that is not complete; it does not start again with every byte."""
        current: Any = self.cycle  # None before the first request
        if current is not None and not current.response_complete:
            self._unwatch()
        elif self._too_late is None:
            self._too_late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _unwatch(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None
