"""Traffic of clients beside the load of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chaos.model.stack import LinkName


@dataclass(frozen=True)
class Spike:
    """Requests of a load profile that only read (``chaos.model.spikes``), sent at ``rate`` a second, for
    ``most_seconds`` real seconds at most. ``headers`` take the place of the profile's.
    """

    link: LinkName
    profile: str | None
    rate: float
    most_seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)


class Traffic(Protocol):
    """Spikes go to the stack of this run on this machine and nowhere else. Idempotent."""

    async def begin(self, name: str, spike: Spike) -> None: ...
    async def end(self, name: str) -> None: ...
    def flowing(self, name: str) -> bool:
        """Raises ``ToolProblem`` if it ended unexpectedly."""
        ...

    async def outcomes(self, name: str) -> Mapping[str, int]:
        """How many requests of the spike had which outcome so far: a status, or why there was no answer. Of
        one that has ended: in all.
        """
        ...

    async def carried(self, link: LinkName) -> int:
        """Bytes that clients have sent over a link so far, by the counters of its proxy."""
        ...
