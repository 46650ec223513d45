"""``container.disk_full``: a folder of the service has no space left, and space that it frees is refilled."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._container import ContainerFault
from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._repeated import RepeatedFault
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

ACCEPTS = "accepts_data"
MIB = 2**20


class ContainerDiskFull(RepeatedFault, ContainerFault):
    """Fill the file system of a folder inside a container; the undo removes the filler file.

    gameday repeats this with a pause of ``every``, so it also fills space that the service frees meanwhile.

    The folder must be on a file system of limited size, such as a tmpfs with ``size=``: gameday refuses to
    fill more than ``most_mib``. The container needs ``env``, ``dd``, ``df``, ``ls``, ``rm`` and ``test``.

    What a client sees: connections stay open; writes of the service fail with "no space left on device".

    What the witness measures: whether the witness can write a block of 4096 bytes to another file in the
    folder. It could before, and now there is no space left for it.
    """

    purpose = "to fill it once more"
    fault: Literal["container.disk_full"]
    folder: str = Field(pattern="^/", description="absolute path of the folder in the container")
    most_mib: int = Field(default=256, ge=1, le=1024, description="most free space to fill, in MiB")

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.DISK)})

    async def act(self, context: FaultContext) -> None:
        await context.disks.fill(self.service, self.folder, self.most_mib * MIB)

    def repetition(self) -> str:
        return f"filling of {self.folder} in {self.service}"

    async def revert(self, context: FaultContext) -> None:
        """End the repetition first; otherwise it would fill the space again."""
        await super().revert(context)
        await context.disks.clear(self.service, self.folder)

    async def reverted(self, context: FaultContext) -> bool:
        return await super().reverted(context) and not await context.disks.filled(self.service, self.folder)

    async def measure(self, context: FaultContext) -> Measurement:
        context.repeats.running(self.repetition())  # raises if the loop failed: an error of gameday
        accepts = await context.disks.accepts_data(self.service, self.folder)
        return Measurement(subject=f"{self.folder} in {self.service}", values={ACCEPTS: accepts})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """Data could be written before and is refused now."""
        return before.values[ACCEPTS] is True and now.values[ACCEPTS] is False
