"""``container.oom``: the service reaches its memory limit, and the kernel kills it."""

from __future__ import annotations

from typing import Literal

from chaos.faults._container import DeadContainerFault
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

OOM_KILLED = "oom_killed"


class ContainerOom(DeadContainerFault):
    """Fill a container's memory to its limit until the kernel kills the main process; the undo starts it.

    The container must have a memory limit, and ``sh`` and ``tail``. If it has a restart policy, the engine
    may restart it while the fault holds.

    What a client sees: perhaps slow answers for a moment; then the same as with container.kill: open
    connections end, and dials are refused.

    What the witness measures: the state of the container and whether the kernel killed it at its memory
    limit, as the engine says, and a round trip of a client on each link to the service. It ran before, now
    the kernel has killed it, and no link that served before does so now.
    """

    fault: Literal["container.oom"]

    async def inject(self, context: FaultContext) -> None:
        await context.limits.exhaust_memory(self.service)
        await self.close(context)

    async def revert(self, context: FaultContext) -> None:
        """First wait for the filling process of a cancelled injection: it would kill the new process."""
        await context.limits.end_exhaustion(self.service)
        await super().revert(context)

    async def measure(self, context: FaultContext) -> Measurement:
        """As for every container, and whether the kernel killed it at its memory limit."""
        seen = await super().measure(context)
        reading = await context.containers.reading(self.service)
        return Measurement(subject=seen.subject, values={**seen.values, OOM_KILLED: reading.oom_killed})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """It ran before; now the kernel has killed it at its memory limit, and no link to it is served."""
        return now.values[OOM_KILLED] is True and super().took_effect(before, now)
