"""``container.disconnect``: the service has no network, as with a pulled cable."""

from __future__ import annotations

from typing import Literal

from chaos.faults._container import STATE, ContainerFault, still_served
from chaos.faults._link import ANSWERING
from chaos.model.container_states import ContainerStatus
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

NETWORKS = "networks"


class ContainerDisconnect(ContainerFault):
    """Disconnect a container from all its networks; the process keeps running. The undo reconnects it.

    It cannot be reached, cannot reach anything, and its name does not resolve. Its address may be different
    afterwards.

    What a client sees: open connections hang until its own time-out, and continue after the undo if the
    container gets the same address again. Dials through the proxy are closed or reset, the first ones only
    after seconds, because the proxy dials a target that does not answer.

    What the witness measures: the networks and the state of the container, as the engine says, and a round
    trip of a client on each link to the service. It had a network before, and now runs without one, and no
    link that served before does so now.
    """

    fault: Literal["container.disconnect"]

    def attached_problem(self) -> str:
        return ""

    async def inject(self, context: FaultContext) -> None:
        await context.networks.disconnect(self.service)

    async def revert(self, context: FaultContext) -> None:
        await context.networks.reconnect(self.service)

    async def reverted(self, context: FaultContext) -> bool:
        return not await context.networks.missing(self.service)

    async def measure(self, context: FaultContext) -> Measurement:
        """As for every container, and how many networks the container is attached to."""
        seen = await super().measure(context)
        attached = float(len(await context.networks.attached(self.service)))
        return Measurement(subject=seen.subject, values={**seen.values, NETWORKS: attached})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """It had a network before and runs without one now, and no link that served before does so now."""
        return (
            bool(before.values[NETWORKS])
            and now.values[NETWORKS] == 0
            and now.values[STATE] == ContainerStatus.RUNNING
            and not still_served(before, now, ANSWERING)
        )
