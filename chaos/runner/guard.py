"""Guardrails: readings of the host that end a run before it harms the machine."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from chaos.model.scenario import Guardrail
from chaos.timeline.events import GuardrailTripped
from chaos.timing import Clock

EVERY = 0.5


class GuardrailTripping(Exception):
    """Unwinds the run; the teardown then undoes everything."""

    def __init__(self, event: GuardrailTripped) -> None:
        super().__init__(f"{event.probe} at {event.value:g} %, bound {event.bound:g} %")
        self.event = event


def host_percent(probe: str) -> float:
    """``host_memory`` or ``host_disk``: percent in use."""
    if probe == "host_memory":
        return float(psutil.virtual_memory().percent)
    return float(psutil.disk_usage(".").percent)


async def watch_guardrails(guardrails: Sequence[Guardrail], clock: Clock) -> None:
    """Raises ``GuardrailTripping`` at the first reading at or above its bound; otherwise runs until cancelled."""
    while guardrails:
        for guardrail in guardrails:
            value, bound = host_percent(guardrail.probe), float(guardrail.below.rstrip("%"))
            if value >= bound:
                raise GuardrailTripping(
                    GuardrailTripped(
                        at=clock.wall(), mono=clock.mono(), probe=guardrail.probe, value=value, bound=bound
                    )
                )
        await clock.sleep(EVERY)
