"""The links of this run, and what a client sees on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.stack import LinkName


class Stream(StrEnum):
    """Direction of a toxic as seen from the client: upstream = what it sends, downstream = what it
    receives.
    """

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True)
class RoundTrip:
    """One exchange over a link, dialled from outside through its proxy.

    ``outcome``: answered | connected (no ping is known for the role) | refused | reset | closed | timeout.
    ``seconds`` from dialling to the first byte of the answer, None if there was none.
    """

    outcome: str
    seconds: float | None = None


@dataclass(frozen=True)
class Exchange:
    """Much data over one connection of a link, or the end of one.

    ``outcome``: answered (complete) | refused | reset | closed (ended before it was complete) | timeout.
    ``sent`` and ``received`` in bytes, ``seconds`` of real time.
    """

    outcome: str
    sent: int
    received: int
    seconds: float


@dataclass(frozen=True)
class Toxic:
    """One toxic as Toxiproxy lists it.

    ``attributes`` in Toxiproxy's own units (milliseconds, KB/s, bytes).
    """

    name: str
    kind: str
    stream: Stream
    attributes: Mapping[str, int]
    toxicity: float = 1.0


class Links(Protocol):
    """The proxies on the links. Adding a toxic that is there and removing one that is not are no errors."""

    async def enable(self, link: LinkName) -> None: ...
    async def disable(self, link: LinkName) -> None:
        """Close the listener and drop the existing connections."""
        ...

    async def enabled(self, link: LinkName) -> bool: ...
    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None: ...
    async def remove_toxic(self, link: LinkName, name: str) -> None:
        """If the proxy hangs on it: disable, reset, and at last restart Toxiproxy."""
        ...

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]: ...
    async def round_trip(self, link: LinkName, timeout: float = ROUND_TRIP_TIMEOUT) -> RoundTrip: ...
    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        """Send and receive ``size`` bytes or more on one new connection. HTTP and Redis only."""
        ...

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        """Ask once, end the connection, and count the seconds until the other side has ended it too."""
        ...

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        """Dial and keep the connection for so many real seconds: is it served and open until then?

        Returns as soon as it ends.
        """
        ...

    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        """Links whose target is ``service``."""
        ...
