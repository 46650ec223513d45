"""``dns.gone``: the name of a service no longer resolves for one of its clients."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._link import listener
from chaos.kinds import Fault
from chaos.model.stack import CLIENTS, LinkName, LinkRef, Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

ADDRESS = "address"
PATIENCE = 2.0  # real seconds for an answer of the resolver; a known name takes milliseconds


class DnsGone(Fault):
    """Remove the name of a link's target from the network of its client; the undo restores it.

    All names of the target stop resolving, and the link's open connections end, so that the client must
    resolve a name again. Other links and clients are not affected. The name may have a different address
    afterwards. The client's container needs ``getent`` and ``timeout``.

    For example ``{at: 1m, fault: dns.gone, link: "web->cache", for: 5m}``.

    What a client sees: open connections are closed or reset; new ones fail because the name is unknown. The
    resolver answers at once, or after its time-out if the engine asks outside resolvers that do not answer.

    What the witness measures: the address that the target's name has inside the container of the client.
    There was one before, and now there is none, or no answer within 2 s.
    """

    fault: Literal["dns.gone"]
    link: LinkRef = Field(description="the link, written client->target; the client must be a service")

    def links(self) -> tuple[str, ...]:
        return (str(self.link),)

    def links_apart(self) -> tuple[LinkName, ...]:
        return (self.link,)

    def target(self) -> str:
        return str(self.link)

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        if self.link.client != CLIENTS:
            return ()
        wrong = "clients outside the stack dial an address, not a name; expected a link between two services"
        return (("link", wrong),)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({listener(self.link), inside(self.link.client, ExclusiveResource.NAMES)})

    async def inject(self, context: FaultContext) -> None:
        """Close the listener first, and reopen it. That ends the open connections on both sides, which would
        otherwise hang until their time-outs, because their address is gone.
        """
        await context.links.disable(self.link)
        await context.names.remove(self.link)
        await context.links.enable(self.link)

    async def revert(self, context: FaultContext) -> None:
        try:
            await context.names.restore(self.link)
        finally:
            await context.links.enable(self.link)

    async def reverted(self, context: FaultContext) -> bool:
        return not await context.names.removed(self.link) and await context.links.enabled(self.link)

    def measured_in(self) -> float:
        return PATIENCE

    async def measure(self, context: FaultContext) -> Measurement:
        found = await context.names.resolve(self.link.client, self.link.target, PATIENCE)
        return Measurement(
            subject=f"the name {self.link.target} in {self.link.client}", values={ADDRESS: found or None}
        )

    def unfit_baseline(self, before: Measurement) -> str:
        """A name without an address, or without an answer in time, cannot lose its address."""
        return "" if before.values[ADDRESS] is not None else f"{before.subject} had no address"

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The name had an address before and has none now."""
        return before.values[ADDRESS] is not None and now.values[ADDRESS] is None
