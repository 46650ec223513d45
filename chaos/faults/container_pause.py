"""``container.pause``: the process is frozen, as on a host that swaps or in a long garbage collection."""

from __future__ import annotations

from typing import Literal

from chaos.faults._container import STATE, ContainerFault, still_served
from chaos.model.container_states import ContainerStatus
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.ports import DialOutcome, FaultContext
from chaos.timeline.events import Measurement


class ContainerPause(ContainerFault):
    """Freeze the container of a service: connections stay open, but it answers nothing. The undo thaws it.

    The links stay open: a frozen service is a hang, not a refusal.

    What a client sees: dials succeed, but open and new connections get no answer until its own time-out.
    After the undo the connections continue, and the service answers what was sent meanwhile.

    What the witness measures: the state of the container, as the engine says, and a round trip of a
    client on each link to the service. The state was running before and must be paused now, and no link that
    answered before may answer now.
    """

    fault: Literal["container.pause"]

    def attached_problem(self) -> str:
        return ""

    async def inject(self, context: FaultContext) -> None:
        await context.containers.pause(self.service)

    async def revert(self, context: FaultContext) -> None:
        await context.containers.unpause(self.service)

    async def reverted(self, context: FaultContext) -> bool:
        return (await context.containers.reading(self.service)).state != ContainerStatus.PAUSED

    def measured_in(self) -> float:
        """No answer comes, so the round trip takes its whole time-out."""
        return ROUND_TRIP_TIMEOUT

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """It ran before and is paused now, and no link that answered before answers now.

        A connection alone proves nothing: the kernel completes the handshake for a frozen process.
        """
        return (
            before.values[STATE] == ContainerStatus.RUNNING
            and now.values[STATE] == ContainerStatus.PAUSED
            and not still_served(before, now, (DialOutcome.ANSWERED,))
        )
