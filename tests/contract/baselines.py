"""What a contract test measures before it injects a fault."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.ports import FaultContext
from chaos.runner.baseline import measure_baseline
from chaos.timeline.events import Measurement


async def baseline(fault: Fault, context: FaultContext, patience: float = 10.0) -> Measurement:
    """The state before the fault, measured as often as a run does, once an effect can be told from it.

    A run on a machine too busy for that is inconclusive. A test waits up to ``patience`` seconds instead.
    """
    deadline = context.clock.mono() + patience
    while True:
        before = await measure_baseline(fault, context)
        if not (unfit := fault.unfit_baseline(before)):
            return before
        assert context.clock.mono() < deadline, f"no effect can be seen: {unfit}"
