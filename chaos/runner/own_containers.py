"""Is everything that gameday itself put into the stack still running?"""

from __future__ import annotations

from collections.abc import Sequence

from chaos.errors import ToolProblem
from chaos.model.container_states import ENDED
from chaos.probes.containers import ReadAll
from chaos.timing import Clock

LOOK_EVERY = 0.5  # real seconds
GONE_FOR = 3.0  # real seconds: an undo may restart a proxy, which takes less than one


async def watch_own_containers(services: Sequence[str], read_all: ReadAll, clock: Clock) -> None:
    """Watches until cancelled. Raises ``ToolProblem`` if one of ``services`` has ended and not come back.

    From then on gameday itself causes what clients see, which says nothing about the system. It ignores a
    container that does not exist at all: a fault may destroy everything.
    """
    ended: dict[str, float] = {}
    while True:
        try:
            readings = await read_all()
        except ToolProblem:
            readings = {}  # an engine that does not answer says nothing about containers
        now = clock.mono()
        for service in services:
            reading = readings.get(service)
            if reading is None or reading.state not in ENDED:
                ended.pop(service, None)
            elif now - ended.setdefault(service, now) >= GONE_FOR:
                raise ToolProblem(
                    f"gameday's own container {service} has ended ({reading.state}). Links go through it, so "
                    "what clients met since then says nothing about the system. Run the scenario again; if "
                    f"it happens again, read logs/{service}.log in the run folder"
                )
        await clock.sleep(LOOK_EVERY)
