"""``container.cpu``: the service gets less processor time, as with a noisy neighbour."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._container import ContainerFault
from chaos.ports import FaultContext, ProcessorQuota
from chaos.timeline.events import Measurement

SHARE = "processors_used"
THROTTLED = "throttled_periods"
BUSY_SECONDS = 0.5  # five periods of the quota
SLACK = 0.1  # processors: one more period may be counted, and recordings of older versions divided by 0.5 s


class ContainerCpu(ContainerFault):
    """Limit the processor time of a container with a quota; the undo restores the old quota.

    What a client sees: slower answers, especially those that need much processor time; connections stay open.

    What the witness measures: how many processors the container uses on average while the witness keeps a
    processor busy in it for half a second. The kernel must count periods in which the quota was used up, and
    at most 0.1 processors more than the quota; before the fault it must not. The witness uses quota of the
    service, as additional load.
    """

    fault: Literal["container.cpu"]
    cpus: float = Field(
        default=0.1,
        ge=0.02,
        le=0.5,
        description="processors that the container may use; 0.1 is a tenth of a processor",
    )

    async def inject(self, context: FaultContext) -> None:
        context.originals.keep(self._setting(), (await context.limits.quota(self.service)).to_text())
        await context.limits.limit_cpus(self.service, self.cpus)

    async def revert(self, context: FaultContext) -> None:
        original = context.originals.of(self._setting())
        if original is not None:
            await context.limits.set_quota(self.service, ProcessorQuota.from_text(original))

    async def reverted(self, context: FaultContext) -> bool:
        original = context.originals.of(self._setting())
        return original is None or (await context.limits.quota(self.service)).to_text() == original

    def measured_in(self) -> float:
        return BUSY_SECONDS

    async def measure(self, context: FaultContext) -> Measurement:
        counted = await context.limits.use_processor(self.service, BUSY_SECONDS)
        values: dict[str, str | float | bool | None] = {
            SHARE: round(counted.processors, 4),
            THROTTLED: float(counted.throttled),
        }
        return Measurement(subject=f"container {self.service}", values=values)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The quota limits the container now, and did not before."""
        return self._stopped(now) and not self._stopped(before)

    def _stopped(self, seen: Measurement) -> bool:
        share, throttled = seen.values[SHARE], seen.values[THROTTLED]
        if not isinstance(share, float) or not isinstance(throttled, float):
            return False
        return throttled > 0 and share <= self.cpus + SLACK

    def _setting(self) -> str:
        return f"the processor quota of {self.service}"
