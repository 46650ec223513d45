"""``container.kill``: the process dies at once, as by a crash or the kernel's out-of-memory killer."""

from __future__ import annotations

from typing import Literal

from chaos.faults._container import DeadContainerFault
from chaos.ports import Bench


class ContainerKill(DeadContainerFault):
    """Kill the container of a service with SIGKILL; the undo starts it again, with the data that it had.

    The engine does not restart it by its restart policy meanwhile: it counts as stopped by hand.

    What a client sees: open connections end (end of stream, then broken pipe), dials are refused. From
    outside, through a port that Docker publishes, the dial is accepted and then reset. With ``close_links:
    false`` dials are accepted by the proxy, and reset with the first data.
    """

    fault: Literal["container.kill"]

    async def inject(self, bench: Bench) -> None:
        # First the blow: closing the links first would let the victim see its clients go.
        await bench.containers.kill(self.service)
        await self.close(bench)
