"""``container.restart``: the service restarts repeatedly, as in a crash loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Literal

from pydantic import Field

from chaos.faults._container import LINK, ContainerFault, still_served
from chaos.faults._repeated import refuse_too_short
from chaos.kinds import Objection, ScenarioContext
from chaos.model.container_states import ContainerStatus
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration

KEPT = "kept"
RESTARTS = "restarted"
START_SECONDS = 2.0  # real seconds that a restart may take after the grace; the engine needs about 0.5 s
LOOK_EVERY = 0.1


class ContainerRestart(ContainerFault):
    """Restart the container of a service in a loop while the fault holds; it keeps its data.

    The first restart is immediate; each further one begins ``every`` after the end of the last. The undo ends
    the loop and leaves the service running.

    What a client sees: at each restart open connections end; dials through the proxy are closed or reset
    until the service listens again.

    What the witness measures: the instant at which the engine started the container, and whether a
    connection of a client over each link lasts for one turn of the loop (``every``, ``grace`` and 2 s). The
    instant must change in that time, which it did not before, and no connection that lasted before may last
    now.
    """

    fault: Literal["container.restart"]
    every: Duration = Field(
        default=2.0, ge=1, le=30, description="real time from the end of one restart to the next"
    )
    grace: Duration = Field(
        default=1.0, ge=0, le=10, description="real time between SIGTERM and SIGKILL; whole seconds"
    )

    def attached_problem(self) -> str:
        return ""

    def problems(self, context: ScenarioContext) -> Iterator[Objection]:
        return refuse_too_short(self, context, 2 * self.measured_in(), "for two restarts")

    async def inject(self, context: FaultContext) -> None:
        restart = partial(context.containers.restart, self.service, self.grace)
        await context.repeats.start(self._loop(), self.every, restart)

    async def revert(self, context: FaultContext) -> None:
        await context.repeats.stop(self._loop())
        await context.containers.start(self.service)

    async def reverted(self, context: FaultContext) -> bool:
        running = (await context.containers.reading(self.service)).state == ContainerStatus.RUNNING
        return running and not context.repeats.running(self._loop())

    def undo_delayed_by(self) -> float:
        return self.grace + START_SECONDS

    def measured_in(self) -> float:
        """The real seconds of one turn of the loop, in which the container must start again."""
        return self.every + self.grace + START_SECONDS

    async def measure(self, context: FaultContext) -> Measurement:
        context.repeats.running(self._loop())  # raises if the loop failed: that is an error of gameday
        first = started = (await context.containers.reading(self.service)).started
        until = context.clock.mono() + self.measured_in()
        links = context.links.leading_to(self.service)
        kept = await asyncio.gather(*(context.links.lasts(link, self.measured_in()) for link in links))
        while started == first and context.clock.mono() < until:
            await context.clock.sleep(LOOK_EVERY)
            started = (await context.containers.reading(self.service)).started
        values: dict[str, str | float | bool | None] = {RESTARTS: started != first}
        values |= {f"{LINK}{link}": KEPT if one else "ended" for link, one in zip(links, kept, strict=True)}
        return Measurement(subject=f"container {self.service}", values=values)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """It was started during the measurement, unlike before the fault, and no connection that lasted
        before lasts now.
        """
        return (
            before.values[RESTARTS] is False
            and now.values[RESTARTS] is True
            and not still_served(before, now, (KEPT,))
        )

    def _loop(self) -> str:
        return f"restart of {self.service}"
