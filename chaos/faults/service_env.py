"""``service.env``: a service runs with another configuration, as after a change that went wrong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chaos.faults._container import ContainerFault
from chaos.model.container_states import ContainerStatus
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

AS_GIVEN = "as the fault sets it"
OTHER = "another value, or none"
NOT_RUNNING = "the container is not running"

Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class ServiceEnv(ContainerFault):
    """Restart a service with different environment variables; the undo restarts it with the old ones.

    A new container replaces the old one, as Compose's ``up`` does: volumes stay, files in the container
    itself are lost. The values are in the scenario and thus in the report: do not use secrets.
    The container needs ``sh``, ``cat`` and ``stat``.

    For example ``{at: 1m, fault: service.env, service: web, env: {CACHE_URL: "redis://nowhere"}, for: 5m}``.

    What a client sees: at the injection and at the undo the same as at a restart: open connections end, and
    dials through the proxy are closed or reset until the service listens again. In between, the effect of
    the variables on the service.

    What the witness measures: the environment of the main process, as the kernel lists it in the container.
    At least one of the variables was different before, and now each has the value of the fault.
    """

    fault: Literal["service.env"]
    env: dict[Variable, str] = Field(min_length=1, description="variables with text values")

    def summary(self) -> str:
        return f"{self.fault} {self.service} {', '.join(self.env)}"

    async def inject(self, context: FaultContext) -> None:
        await context.rollout.replace(self.service, self.env)

    async def revert(self, context: FaultContext) -> None:
        await context.rollout.restore(self.service)

    async def reverted(self, context: FaultContext) -> bool:
        running = (await context.containers.reading(self.service)).state == ContainerStatus.RUNNING
        return running and not await context.rollout.replaced(self.service)

    async def measure(self, context: FaultContext) -> Measurement:
        """Records only whether a variable has the value of the fault: its old value may be a secret."""
        found = await context.rollout.environment(self.service)
        values: dict[str, str | float | bool | None] = {
            name: NOT_RUNNING if found is None else AS_GIVEN if found.get(name) == value else OTHER
            for name, value in self.env.items()
        }
        return Measurement(subject=f"environment of {self.service}", values=values)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The main process has the value of the fault for each variable now, and did not before."""
        differed = any(before.values[name] == OTHER for name in self.env)
        return differed and all(now.values[name] == AS_GIVEN for name in self.env)
