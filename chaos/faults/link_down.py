"""``link.down``: the link is cut in both directions, and dials are refused."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos.faults._link import HUNG_UP, LinkFault, listener
from chaos.model.stack import Stack
from chaos.ports import DialOutcome, FaultContext
from chaos.timeline.events import Measurement


class LinkDown(LinkFault):
    """Cut a link in both directions: drop open connections and refuse new ones; the undo reopens it.

    This disables the proxy. Unlike a toxic, it drops connections that are already open, in both directions.
    For a cut in which clients receive nothing, not even a refusal, use link.timeout with timeout 0s.

    What a client sees: open connections end (end of stream, then broken pipe), dials are refused. From
    outside, through a published port, the dial is accepted and then reset.

    What the witness measures: a round trip of a client over the link. It was served before, and is
    refused, reset or closed now.
    """

    closes: ClassVar[bool] = True

    fault: Literal["link.down"]

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({listener(self.link)})

    async def inject(self, context: FaultContext) -> None:
        await context.links.disable(self.link)

    async def revert(self, context: FaultContext) -> None:
        await context.links.enable(self.link)

    async def reverted(self, context: FaultContext) -> bool:
        return await context.links.enabled(self.link)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A client was served before and is refused, reset or closed now. A time-out does not prove the
        fault, because a closed listener answers.
        """
        return self.sees(before, now, (DialOutcome.REFUSED, *HUNG_UP))
