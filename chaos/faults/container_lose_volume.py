"""``container.lose_volume``: a service is lost together with the disk that holds its data."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from chaos.faults._container import LINK, STATE, still_served
from chaos.faults._inside import whole_container
from chaos.faults._link import ANSWERING
from chaos.faults._loss import LossFault
from chaos.model.container_states import ContainerStatus
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

VOLUME = "volume"
THERE, LOST = "there", "gone"  # readings of the volume


class ContainerLoseVolume(LossFault):
    """Destroy a service's container and one of its volumes; only a restore brings the data back.

    What a client sees: open connections end, and the proxy resets dials, the first ones only after seconds.
    The listeners of the links stay open, because a procedure restores the service, not gameday.

    What the witness measures: the state of the container and whether the volume exists, as the engine says,
    and a round trip of a client on each link to the service. The container ran on the volume before, now
    both are gone, and no link that served before does so now.
    """

    fault: Literal["container.lose_volume"]
    service: str = Field(description="the service whose container to destroy")
    volume: str = Field(description="the volume to destroy with it, by its name in the compose file")

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def volumes(self) -> tuple[str, ...]:
        return (self.volume,)

    def target(self) -> str:
        return self.service

    def summary(self) -> str:
        return f"{self.fault} {self.service} with {self.volume}"

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return whole_container(self.service) | {f"the volume {self.volume}"}

    async def inject(self, context: FaultContext) -> None:
        await context.storage.lose_volume(self.service, self.volume)

    async def reverted(self, context: FaultContext) -> bool:
        """Is a container of the service running, and is there a volume of that name?"""
        reading = await context.containers.reading(self.service)
        return (
            reading.state == ContainerStatus.RUNNING
            and self.volume in (await context.storage.standing()).volumes
        )

    async def measure(self, context: FaultContext) -> Measurement:
        """The state of container and volume, and what a client gets on each link to the service."""
        links = context.links.leading_to(self.service)
        reading, standing, trips = await asyncio.gather(
            context.containers.reading(self.service),
            context.storage.standing(),
            asyncio.gather(*(context.links.round_trip(link) for link in links)),
        )
        values: dict[str, str | float | bool | None] = {
            STATE: reading.state,
            VOLUME: THERE if self.volume in standing.volumes else LOST,
        }
        values |= {f"{LINK}{link}": trip.outcome for link, trip in zip(links, trips, strict=True)}
        return Measurement(subject=f"{self.service} and its volume {self.volume}", values=values)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """Both were there and are gone now, and no link that served before does so now."""
        return (
            (before.values[STATE], before.values[VOLUME]) == (ContainerStatus.RUNNING, THERE)
            and (now.values[STATE], now.values[VOLUME]) == (ContainerStatus.GONE, LOST)
            and not still_served(before, now, ANSWERING)
        )
