"""A procedure: what an operator does, step by step, with the minutes that were planned for it."""

from __future__ import annotations

from typing import Self

from pydantic import AliasChoices, Field, model_validator

from chaos.model.base import Frozen
from chaos.model.calls import HttpCall
from chaos.timing import Duration

COMMAND_PREFIX = "docker compose"  # every command begins so: it touches nothing but the run's own project


class StepCheck(Frozen):
    """How gameday checks that a step is done: repeated until it holds, for up to ``within`` real time."""

    run: str | None = Field(default=None, description="a command that exits 0 once the step is done")
    prints: str | None = Field(default=None, description="regular expression that its output must contain")
    http: HttpCall | None = None
    within: Duration = 60.0

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.run is None) == (self.http is None):
            raise ValueError("expected exactly one of run, http")
        if self.prints is not None and self.run is None:
            raise ValueError("prints needs run")
        return self


class ProcedureStep(Frozen):
    """One step. ``planned`` and ``limit`` are real time: the pace never compresses an operator's minutes."""

    step: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    planned: Duration = Field(gt=0, description="time that the plan allows")
    run: list[str] = Field(default=[], description="commands as an operator types them, without a shell")
    check: StepCheck
    unknown: list[int] = Field(
        default=[],
        validation_alias=AliasChoices("unknown", "untold"),  # untold: in files of earlier versions
        description="exit codes that mean neither done nor failed: the result is unknown",
    )
    limit: Duration = Field(default=300.0, gt=0, description="real time for all commands of the step")


class Procedure(Frozen):
    """A procedure file. ``objective`` is the key of the stack's objectives that it must keep."""

    procedure: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    summary: str = ""
    runbook: str | None = None
    objective: str | None = None
    steps: list[ProcedureStep] = Field(min_length=1)

    @property
    def planned(self) -> float:
        """Planned real seconds of all steps."""
        return sum(step.planned for step in self.steps)

    @property
    def longest(self) -> float:
        """Real seconds after which it has failed, if it was not done earlier."""
        return sum(step.limit + step.check.within for step in self.steps)
