"""``container.kill``: the process dies at once, as by a crash or the kernel's out-of-memory killer."""

from __future__ import annotations

from typing import Literal

from chaos.faults._container import DeadContainerFault
from chaos.ports import FaultContext


class ContainerKill(DeadContainerFault):
    """Kill the container of a service with SIGKILL; the undo starts it again, with the data that it had.

    The engine does not restart it by its restart policy meanwhile: it counts as stopped by hand.

    What a client sees: open connections end (end of stream, then broken pipe), dials are refused. From
    outside, through a published port, the dial is accepted and then reset. With ``close_links:
    false`` the proxy accepts dials and resets them with the first data, the first ones only after seconds: it
    dials the dead target for each, one after the other.

    What the witness measures: the state of the container, as the engine says, and a round trip of a
    client on each link to the service. The state must be exited or dead, and no link that served before
    may do so now.
    """

    fault: Literal["container.kill"]

    async def inject(self, context: FaultContext) -> None:
        """Freeze it, close its links, kill it: from the first instant on it does nothing any more.

        Killed first, its address would die under the dials in flight, and Toxiproxy, which dials in its
        accept loop, could not close the listener until they give up. Closed first, the victim would see its
        clients go, and save in its last moments what a crash would have lost.
        """
        if self.close_links:
            if (await context.containers.reading(self.service)).state == "running":
                await context.containers.pause(self.service)
            await self.close(context)
        await context.containers.kill(self.service)
