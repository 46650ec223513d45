"""Traffic of clients in addition to the load of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chaos.model.stack import LinkName


@dataclass(frozen=True)
class Spike:
    """The reading requests of a load profile (``chaos.model.spikes``), at ``rate`` requests a second, for at
    most ``most_seconds`` real seconds. ``headers`` replace those of the profile.
    """

    link: LinkName
    profile: str | None
    rate: float
    most_seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)


class Traffic(Protocol):
    """Sends spikes, only to the stack of this run on this machine. Idempotent."""

    async def begin(self, name: str, spike: Spike) -> None: ...
    async def end(self, name: str) -> None: ...
    def flowing(self, name: str) -> bool:
        """Is the spike being sent? Raises ``ToolProblem`` if it ended unexpectedly."""
        ...

    async def outcomes(self, name: str) -> Mapping[str, int]:
        """Outcome -> number of requests of the spike so far. An outcome is a status, or why there was no
        answer.
        """
        ...

    async def carried(self, link: LinkName) -> int:
        """Bytes that clients have sent over a link so far, as its proxy counts them."""
        ...
