"""What the faults share that do something again and again while they hold."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.kinds import Fault, Objection, ScenarioContext
from chaos.timing import format_duration


def refuse_too_short(
    fault: Fault, context: ScenarioContext, needed: float, purpose: str
) -> Iterator[Objection]:
    """Object to a fault that is undone before ``needed`` real seconds are over; ``purpose`` says what takes
    them. Without a pace, or with a procedure that ends the fault, it is unknown how long the fault lasts.
    """
    holds = context.real(fault.hold)
    if context.pace is not None and fault.answer is None and holds < needed:
        yield Objection(
            ("for",),
            f"expected at least {format_duration(needed)} of real time {purpose}, "
            f"got {format_duration(holds)}",
            "write a longer for:, a shorter every:, or run at a slower pace",
        )
