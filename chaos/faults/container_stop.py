"""``container.stop``: the service shuts down cleanly, as in a deployment or a reboot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.faults._container import DeadContainerFault
from chaos.kinds import ScenarioContext
from chaos.model.container_states import ContainerStatus
from chaos.ports import FaultContext
from chaos.timing import Duration, format_duration

ENDING = 2.0  # real seconds from the SIGKILL until the engine says that the container ended
LOOK_EVERY = 0.2


class ContainerStop(DeadContainerFault):
    """Stop the container of a service: SIGTERM, and SIGKILL after the grace period; the undo starts it again.

    What a client sees: answers to requests in flight, if the service drains them within the grace period;
    then open connections end and dials are refused, as with container.kill.

    What the witness measures: the state of the container, as the engine says, and a round trip of a
    client on each link to the service. The state must be exited or dead, and no link that served before
    may do so now.
    """

    fault: Literal["container.stop"]
    grace: Duration = Field(default=10.0, le=60, description="real time between SIGTERM and SIGKILL")

    def attached_problem(self) -> str:
        return ""

    def remarks(self, context: ScenarioContext) -> Iterator[str]:
        """Warns if a stop that takes its whole grace period would end after the undo is due."""
        holds = context.real(self.hold)
        if self.answer is None and self.grace >= holds:
            yield (
                f"the service may take its whole grace of {format_duration(self.grace)} to stop, and the "
                f"fault holds for {format_duration(round(holds, 3))}: then nothing can be measured; "
                "write a longer for: or a shorter grace:"
            )

    def injected_too_late(self, took: str, holds: str) -> str:
        return f"it took {took} to stop, `for` is {holds}: write a longer `for` or a shorter `grace`"

    def undo_delayed_by(self) -> float:
        return self.grace + ENDING

    async def inject(self, context: FaultContext) -> None:
        context.originals.keep(self._asked(), "here")
        await context.containers.stop(self.service, self.grace)
        await self.close(context)

    async def revert(self, context: FaultContext) -> None:
        """As for every ended container. If another process asked for the stop and was killed meanwhile, the
        engine may still be about to end the container: until then it runs, and starting it does nothing.
        """
        if context.originals.of(self._asked()) is None:
            until = context.clock.mono() + self.undo_delayed_by()
            while await self._runs(context) and context.clock.mono() < until:
                await context.clock.sleep(LOOK_EVERY)
        await super().revert(context)

    async def _runs(self, context: FaultContext) -> bool:
        return (await context.containers.reading(self.service)).state == ContainerStatus.RUNNING

    def _asked(self) -> str:
        return f"who asked for the stop of {self.service}"
