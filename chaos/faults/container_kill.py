"""``container.kill``: the process ends at once, as in a crash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.faults import _crash
from chaos.faults._container import DeadContainerFault
from chaos.faults._crash import RestartBy
from chaos.faults._repeated import refuse_too_short
from chaos.kinds import BrokenLink, Objection, ScenarioContext
from chaos.model.container_states import ContainerStatus
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement


class ContainerKill(DeadContainerFault):
    """Kill the container of a service with SIGKILL; the undo starts it again with its data.

    The engine does not restart it meanwhile, because it treats the kill as a stop by hand. With
    ``restart: engine`` gameday kills the process without the engine, like a crash: the engine restarts it
    by the policy of the compose file, and gameday kills it again 2 s after each kill while the fault holds.
    The links stay open. The service needs a restart policy, and ``sh`` in its image.

    What a client sees: open connections end (end of stream, then broken pipe), dials are refused. From
    outside, through a published port, the dial is accepted and then reset. With ``close_links:
    false`` the proxy accepts dials and resets them with the first data, the first ones only after seconds: it
    dials the dead target for each, one after the other.

    What the witness measures: the state of the container, as the engine says, and a round trip of a
    client on each link to the service. The state must be exited or dead, and no link that served before
    may do so now. With ``restart: engine``: the instant at which the engine started the container, its state,
    and whether a connection over each link lasts for 3 s. The container must be down or have been started
    again, and no connection that lasted before may last now.
    """

    fault: Literal["container.kill"]
    restart: RestartBy = Field(
        default=RestartBy.UNDO,
        description="who starts it again: undo (it stays down while the fault holds), or engine (by the "
        "restart policy of the compose file, as in production)",
    )

    def problems(self, context: ScenarioContext) -> Iterator[Objection]:
        if self.restart is RestartBy.ENGINE:
            yield from refuse_too_short(self, context, 2 * _crash.WATCHED, "for two crashes")

    def attached_problem(self) -> str:
        if self.restart is RestartBy.ENGINE:
            return "restart: engine needs a helper container of gameday's"
        return ""

    def broken_links(self, stack: Stack) -> tuple[BrokenLink, ...]:
        return () if self.restart is RestartBy.ENGINE else super().broken_links(stack)

    def measured_in(self) -> float:
        return _crash.WATCHED if self.restart is RestartBy.ENGINE else super().measured_in()

    async def inject(self, context: FaultContext) -> None:
        """Pause the container, close its links, then kill it, so that it does nothing from the first step on.

        If it were killed first, dials in flight would hang, and Toxiproxy, which dials in its accept loop,
        could not close the listener until they time out. If the links were closed first, the service would
        see its clients disconnect, and could save data that a crash would have lost.
        """
        if self.restart is RestartBy.ENGINE:
            await _crash.inject(self.service, context)
            return
        if self.close_links:
            if (await context.containers.reading(self.service)).state == ContainerStatus.RUNNING:
                await context.containers.pause(self.service)
            await self.close(context)
        await context.containers.kill(self.service)

    async def revert(self, context: FaultContext) -> None:
        """As for every ended container; with ``restart: engine``, end the kills."""
        if self.restart is RestartBy.ENGINE:
            await _crash.revert(self.service, context)
        else:
            await super().revert(context)

    async def reverted(self, context: FaultContext) -> bool:
        if self.restart is RestartBy.ENGINE:
            return await _crash.reverted(self.service, context)
        return await super().reverted(context)

    async def measure(self, context: FaultContext) -> Measurement:
        if self.restart is RestartBy.ENGINE:
            return await _crash.measure(self.service, context)
        return await super().measure(context)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        if self.restart is RestartBy.ENGINE:
            return _crash.took_effect(before, now)
        return super().took_effect(before, now)
