"""Measures the state before a fault, as often as the kind of fault needs."""

from __future__ import annotations

from collections.abc import Callable

from chaos.kinds import Fault
from chaos.model.rhythm import WITNESS_EVERY
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement


async def measure_baseline(
    fault: Fault, context: FaultContext, see: Callable[[Measurement], None] = lambda _: None
) -> Measurement:
    """The measurement that represents the state before the fault. ``see`` receives each single one."""
    found: list[Measurement] = []
    while True:
        found.append(await fault.measure(context))
        see(found[-1])
        if len(found) == fault.baselines:
            return fault.baseline(found)
        await context.clock.sleep(WITNESS_EVERY)
