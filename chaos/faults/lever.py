"""``lever``: an application fault that stack.yaml declares (see docs/your-own-stack.md)."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from chaos.errors import ToolProblem
from chaos.kinds import Fault
from chaos.model.stack import Stack
from chaos.ports import FaultContext, LeverPhase
from chaos.timeline.events import Measurement

HOLDS = "holds"


class LeverFault(Fault):
    """Pull a lever of the stack; further keys are parameters that the lever declares.

    For example ``{fault: lever, lever: mock.errors, status: 500}``. Inject, undo, read-back and witness are
    the lever's own, as written in stack.yaml.

    What a client sees: what the description of the lever says; gameday does not touch connections.

    What the witness measures: the lever's own `witness:` in stack.yaml, which is a request of a client or a
    command in a container. Its condition must hold now and not before. Let it measure what clients get, not
    the switch that the lever sets.
    """

    # The only kind with free keys. ``stack_problems`` compares them with the parameters of the lever.
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    fault: Literal["lever"]
    lever: str = Field(description="name of a lever in stack.yaml")

    @property
    def params(self) -> dict[str, JsonValue]:
        """The parameters in the scenario, without the lever's defaults."""
        return dict(self.__pydantic_extra__)

    def levers(self) -> tuple[str, ...]:
        return (self.lever,)

    def target(self) -> str:
        return self.lever

    def attached_problem(self) -> str:
        return ""

    def summary(self) -> str:
        return " ".join(["lever", self.lever, *(f"{name}={value}" for name, value in self.params.items())])

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        declared = stack.levers.get(self.lever)
        if declared is None:
            return ()  # the loader reports an unknown name
        known = ", ".join(declared.params) or "none"
        endless = (("for", f"lever {self.lever} has no undo; add answer: with a procedure that repairs it"),)
        return (endless if self.answer is None and declared.revert.empty else ()) + tuple(
            (name, f"lever {self.lever} has no parameter {name}; it has {known}")
            for name in self.params
            if name not in declared.params
        )

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({f"the lever {self.lever}"})

    async def inject(self, context: FaultContext) -> None:
        await self._do(context, LeverPhase.INJECT)

    async def revert(self, context: FaultContext) -> None:
        await self._do(context, LeverPhase.REVERT)

    async def reverted(self, context: FaultContext) -> bool:
        return (await context.levers.act(self.lever, LeverPhase.READBACK, self.params)).holds is True

    async def measure(self, context: FaultContext) -> Measurement:
        answer = await context.levers.act(self.lever, LeverPhase.WITNESS, self.params)
        return Measurement(
            subject=f"lever {self.lever}", values={HOLDS: answer.holds, "detail": answer.detail}
        )

    def unfit_baseline(self, before: Measurement) -> str:
        """The witness got no answer, so it measured nothing."""
        if before.values[HOLDS] is not None:
            return ""
        return f"the witness of {before.subject} got no answer: {before.values['detail']}"

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The condition of the witness holds now and did not before."""
        return now.values[HOLDS] is True and before.values[HOLDS] is False

    async def _do(self, context: FaultContext, phase: LeverPhase) -> None:
        answer = await context.levers.act(self.lever, phase, self.params)
        if not answer.holds:
            raise ToolProblem(f"lever {self.lever}, {phase.value}: {answer.detail}")
