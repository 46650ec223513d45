"""``container.stop``: the service is shut down in good order, as by a deployment or a reboot."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._container import DeadContainerFault
from chaos.ports import Bench
from chaos.timing import Duration


class ContainerStop(DeadContainerFault):
    """Stop the container of a service: SIGTERM, and SIGKILL after the grace; the undo starts it again.

    What a client sees: requests in flight may still be answered, if the service drains them within the
    grace; then open connections end and dials are refused, as with container.kill.
    """

    fault: Literal["container.stop"]
    grace: Duration = Field(default=10.0, le=60, description="real time between SIGTERM and SIGKILL")

    async def inject(self, bench: Bench) -> None:
        await bench.containers.stop(self.service, self.grace)
        await self.close(bench)
