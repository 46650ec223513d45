"""What a contract test measures before it injects a fault."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.model.rhythm import WITNESS_EVERY
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement


async def baseline(fault: Fault, context: FaultContext, patience: float = 10.0) -> Measurement:
    """The state before the fault, measured as often as a run does, once an effect can be told from it.

    A run on a machine too busy for that is inconclusive. A test waits up to ``patience`` seconds instead.
    """
    deadline = context.clock.mono() + patience
    while True:
        found = [await fault.measure(context)]
        while len(found) < fault.baselines:
            await context.clock.sleep(WITNESS_EVERY)
            found.append(await fault.measure(context))
        before = fault.baseline(found)
        if not (unfit := fault.unfit_baseline(before)):
            return before
        assert context.clock.mono() < deadline, f"no effect can be seen: {unfit}"
