"""Whether a measurement shows that the effect of a fault is gone."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.timeline.events import Measurement


def effect_gone(fault: Fault, before: Measurement, now: Measurement) -> bool:
    """Does ``now`` show that the fault has no effect? A measurement that got no answer shows nothing, unless
    there was none before the fault either.
    """
    measured = not fault.unfit_baseline(now) or bool(fault.unfit_baseline(before))
    return measured and not fault.took_effect(before, now)
