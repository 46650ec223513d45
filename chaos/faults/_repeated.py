"""What faults share that repeat an action while they hold."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from chaos.kinds import Fault, Objection, ScenarioContext
from chaos.ports import FaultContext
from chaos.timing import Duration, format_duration

SLACK = 1.0  # real seconds that one turn may take


class RepeatedFault(Fault):
    """A fault whose action is repeated until the undo. The undo only ends the repetition."""

    purpose: ClassVar[str]
    """What a fault must last long enough for, such as "for one turn".

    The message about a shorter fault ends with it.
    """

    every: Duration = Field(
        default=1.0, ge=0.5, le=60, description="real time from the end of one repetition to the next"
    )

    @abstractmethod
    async def act(self, context: FaultContext) -> None:
        """One turn. Raises ``ToolProblem`` where it fails."""

    @abstractmethod
    def repetition(self) -> str:
        """The name of the repetition in messages."""

    def problems(self, context: ScenarioContext) -> Iterator[Objection]:
        return refuse_too_short(self, context, self.measured_in(), self.purpose)

    async def inject(self, context: FaultContext) -> None:
        await context.repeats.start(self.repetition(), self.every, partial(self.act, context))

    async def revert(self, context: FaultContext) -> None:
        await context.repeats.stop(self.repetition())

    async def reverted(self, context: FaultContext) -> bool:
        return not context.repeats.running(self.repetition())

    def measured_in(self) -> float:
        """Within this time every turn has an effect that the witness sees."""
        return self.every + SLACK


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
