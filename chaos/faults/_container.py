"""The base of container faults: their target, their witness, and the links to the target."""

from __future__ import annotations

import asyncio

from pydantic import Field

from chaos.faults._inside import whole_container
from chaos.faults._link import ANSWERING, UNUSED, UnusedLink, listener
from chaos.kinds import BrokenLink, Fault
from chaos.model.container_states import ENDED, STATE_VALUE, ContainerStatus
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

STATE = STATE_VALUE
LINK = "link "  # prefix of a reading: "link api->db"


class ContainerFault(Fault):
    """A fault of the container of one service of the run."""

    fault: str
    service: str = Field(description="the service whose container the fault hits")

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def target(self) -> str:
        return self.service

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return whole_container(self.service)

    async def measure(self, context: FaultContext) -> Measurement:
        """The state of the container, as the engine says, and what a client gets on each link to the
        service.
        """
        links = context.links.leading_to(self.service)
        reading, trips = await asyncio.gather(
            context.containers.reading(self.service),
            asyncio.gather(*(context.links.round_trip(link) for link in links)),
        )
        values: dict[str, str | float | bool | None] = {STATE: reading.state}
        if reading.exit_code is not None:
            values["exit_code"] = reading.exit_code
        values |= {f"{LINK}{link}": trip.outcome for link, trip in zip(links, trips, strict=True)}
        return Measurement(subject=f"container {self.service}", values=values)

    def unfit_baseline(self, before: Measurement) -> str:
        """A container that does not run without the fault."""
        state = before.values.get(STATE, ContainerStatus.RUNNING)
        return "" if state == ContainerStatus.RUNNING else f"{before.subject} was {state}"


class DeadContainerFault(ContainerFault):
    """The container ends, so nothing listens where its clients dial."""

    close_links: bool = Field(
        default=True,
        description="also close the proxies of the links to the service, so that a dial is refused as it "
        "would be without a proxy; false: the proxy accepts a dial, and closes the connection at once",
    )

    unused: UnusedLink | None = Field(default=None, description=UNUSED)

    def broken_links(self, stack: Stack) -> tuple[BrokenLink, ...]:
        """The links that the fault closes."""
        if self.unused is UnusedLink.EXPECTED or not self.close_links:
            return ()
        return tuple(BrokenLink(link, True) for link in stack.link_names() if link.target == self.service)

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        if self.answer is None or not self.close_links:
            return ()
        return (("answer", "the fault closes links that no procedure reopens; expected close_links: false"),)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        if not self.close_links:
            return super().exclusive(stack)
        closed = (listener(link) for link in stack.link_names() if link.target == self.service)
        return super().exclusive(stack) | frozenset(closed)

    async def close(self, context: FaultContext) -> None:
        if self.close_links:
            await asyncio.gather(
                *(context.links.disable(link) for link in context.links.leading_to(self.service))
            )

    async def revert(self, context: FaultContext) -> None:
        """Start the container, then reopen the links, even if the container does not start.

        It unpauses the container first, because a cancelled injection may have left it paused.
        """
        try:
            await context.containers.unpause(self.service)
            await context.containers.start(self.service)
        finally:
            if self.close_links:
                await asyncio.gather(
                    *(context.links.enable(link) for link in context.links.leading_to(self.service))
                )

    async def reverted(self, context: FaultContext) -> bool:
        reading = await context.containers.reading(self.service)
        links = context.links.leading_to(self.service) if self.close_links else ()
        return reading.state == ContainerStatus.RUNNING and all(
            [await context.links.enabled(link) for link in links]
        )

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The container ran before and has ended now, and no link that served a client before does so now."""
        return (
            before.values[STATE] not in ENDED
            and now.values[STATE] in ENDED
            and not still_served(before, now, ANSWERING)
        )


def still_served(before: Measurement, now: Measurement, served: tuple[str, ...]) -> tuple[str, ...]:
    """The links with one of the outcomes ``served`` both before and now. A link without it before proves
    nothing.
    """
    return tuple(
        name
        for name, outcome in before.values.items()
        if name.startswith(LINK) and outcome in served and now.values.get(name) in served
    )
