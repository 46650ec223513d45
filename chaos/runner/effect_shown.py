"""What a measurement shows of the effect of a fault."""

from __future__ import annotations

from chaos.kinds import Fault
from chaos.timeline.events import Measurement


def effect_shown(fault: Fault, before: Measurement, now: Measurement) -> bool | None:
    """True: ``now`` shows the effect. False: it shows that there is none. None: it shows neither."""
    if fault.took_effect(before, now):
        return True
    return None if fault.unmeasured(before, now) else False
