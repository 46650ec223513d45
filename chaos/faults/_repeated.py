"""The base of faults that repeat an action while they hold."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from chaos.kinds import Fault, Objection, ScenarioContext
from chaos.ports import FaultContext
from chaos.timing import Duration, format_duration

SLACK = 1.0  # real seconds that one repetition may take


class RepeatedFault(Fault):
    """A fault that repeats its action until the undo. The undo only ends the repetition."""

    purpose: ClassVar[str]
    """What the fault needs its least length for, such as "for one turn"; for the message about a shorter
    one.
    """

    every: Duration = Field(
        default=1.0, ge=0.5, le=60, description="real time from the end of one repetition to the next"
    )

    @abstractmethod
    async def act(self, context: FaultContext) -> None:
        """Do the action once. Raises ``ToolProblem`` if it fails."""

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
        """The real seconds within which a repetition happens, so that the witness can see its effect."""
        return self.every + SLACK


def refuse_too_short(
    fault: Fault, context: ScenarioContext, needed: float, purpose: str
) -> Iterator[Objection]:
    """Object to a fault that gameday undoes before ``needed`` real seconds are over. ``purpose``: what it
    needs them for. Without a pace, or with ``answer:``, the length of the fault is unknown, so there is no
    objection.
    """
    holds = context.real(fault.hold)
    if context.pace is not None and fault.answer is None and holds < needed:
        yield Objection(
            ("for",),
            f"expected at least {format_duration(needed)} of real time {purpose}, "
            f"got {format_duration(holds)}",
            "write a longer for:, a shorter every:, or run at a slower pace",
        )
