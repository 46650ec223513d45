"""``process.suspend``: the main process of a service is stopped by a signal, as by a debugger."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.kinds import Fault
from chaos.model.stack import Stack
from chaos.ports import DialOutcome, FaultContext
from chaos.timeline.events import Measurement


class ProcessSuspend(Fault):
    """Send SIGSTOP to the main process of a service; the undo sends SIGCONT.

    What a client sees: dials succeed, and nothing is answered until its own time-out.
    """

    fault: Literal["process.suspend"]
    service: str = Field(description="the service whose process is suspended")

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def target(self) -> str:
        return self.service

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        if any(link.target == self.service for link in stack.link_names()):
            return ()
        return (("service", f"no link leads to {self.service}, so the effect cannot be measured"),)

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({f"the container of {self.service}"})

    async def inject(self, context: FaultContext) -> None:
        await context.containers.kill(self.service, "SIGSTOP")

    async def revert(self, context: FaultContext) -> None:
        await context.containers.kill(self.service, "SIGCONT")

    async def reverted(self, context: FaultContext) -> bool:
        return (await self._outcome(context)) == DialOutcome.ANSWERED

    async def measure(self, context: FaultContext) -> Measurement:
        """One exchange on the first link to the service, as a client makes it."""
        return Measurement(
            subject=f"process of {self.service}", values={"link": str(await self._outcome(context))}
        )

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A client was answered before, and is not answered now."""
        return before.values["link"] == DialOutcome.ANSWERED and now.values["link"] != DialOutcome.ANSWERED

    async def _outcome(self, context: FaultContext) -> DialOutcome:
        return (await context.links.round_trip(context.links.leading_to(self.service)[0])).outcome
