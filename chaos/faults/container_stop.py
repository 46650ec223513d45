"""``container.stop``: the service shuts down cleanly, as in a deployment or a reboot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.faults._container import DeadContainerFault
from chaos.kinds import ScenarioContext
from chaos.ports import FaultContext
from chaos.timing import Duration, format_duration


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

    async def inject(self, context: FaultContext) -> None:
        await context.containers.stop(self.service, self.grace)
        await self.close(context)
