"""The links of this run, and measurements of what a client gets over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.stack import LinkName
from chaos.ports.outcomes import DialOutcome


class Stream(StrEnum):
    """Direction of a toxic, seen from the client: it sends upstream and receives downstream."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True)
class RoundTrip:
    """One request and answer over a link, dialled from outside through its proxy.

    ``seconds``: real time from dialling to the first byte of the answer; None without an answer.
    """

    outcome: DialOutcome
    seconds: float | None = None


@dataclass(frozen=True)
class Exchange:
    """An exchange of much data over one connection of a link, or the end of a connection.

    ``outcome``: ``CLOSED`` if it was not complete. ``sent`` and ``received`` in bytes, ``seconds`` in real
    time.
    """

    outcome: DialOutcome
    sent: int
    received: int
    seconds: float


@dataclass(frozen=True)
class Toxic:
    """One toxic as Toxiproxy lists it.

    ``attributes``: in Toxiproxy's units (milliseconds, microseconds, KB/s, bytes). ``toxicity``: share of
    connections, 0 to 1.
    """

    name: str
    kind: str
    stream: Stream
    attributes: Mapping[str, int]
    toxicity: float = 1.0


class Links(Protocol):
    """The proxies of the links. All changes are idempotent: adding an existing toxic, for example."""

    async def enable(self, link: LinkName) -> None: ...
    async def disable(self, link: LinkName) -> None:
        """Close the listener and drop the existing connections."""
        ...

    async def enabled(self, link: LinkName) -> bool: ...
    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None: ...
    async def remove_toxic(self, link: LinkName, name: str) -> None:
        """Remove a toxic. If that hangs: disable the proxy, then reset, then restart Toxiproxy."""
        ...

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]: ...
    async def round_trip(self, link: LinkName, timeout: float = ROUND_TRIP_TIMEOUT) -> RoundTrip: ...
    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        """Send and receive at least ``size`` bytes on a new connection. For HTTP and Redis targets only."""
        ...

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        """Send a request, end the connection, and measure the time until the other side has ended it too."""
        ...

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        """Dial, and keep the connection for ``seconds`` real seconds. Is it served, and still open at the
        end?

        Returns False as soon as the connection ends.
        """
        ...

    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        """The links whose target is ``service``."""
        ...
