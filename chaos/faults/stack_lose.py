"""``stack.lose``: the whole site is lost, except data that is kept off-site."""

from __future__ import annotations

from typing import Literal

from chaos.faults._inside import whole_container
from chaos.faults._loss import LossFault
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

KINDS = ("containers", "networks", "volumes")


class StackLose(LossFault):
    """Destroy every container, network and volume of the run; data on off-site volumes stays.

    What a client sees: nothing listens any more, so dials are refused. Monitoring is destroyed too, so it
    cannot fire any alert.

    What the witness measures: how many containers, networks and volumes of the run the engine lists. There
    were containers before, and now there is nothing.
    """

    fault: Literal["stack.lose"]

    def affected_services(self, stack: Stack) -> tuple[str, ...]:
        return tuple(stack.services)

    def target(self) -> str:
        return "everything"

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset().union(*(whole_container(service) for service in stack.services))

    async def inject(self, context: FaultContext) -> None:
        await context.storage.lose_everything()

    async def reverted(self, context: FaultContext) -> bool:
        """Is there a container, a network and a volume again? The checks decide whether the stack works."""
        standing = await context.storage.standing()
        return bool(standing.containers and standing.networks and standing.volumes)

    async def measure(self, context: FaultContext) -> Measurement:
        """How many containers, networks and volumes of the run the engine lists."""
        standing = await context.storage.standing()
        values: dict[str, str | float | bool | None] = {
            kind: float(len(getattr(standing, kind))) for kind in KINDS
        }
        return Measurement(subject="everything of the run", values=values)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """There were containers, and now the engine lists nothing of the run."""
        return bool(before.values["containers"]) and not any(now.values[kind] for kind in KINDS)
