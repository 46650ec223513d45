"""A procedure: what an operator does, step by step, and the planned time of each step."""

from __future__ import annotations

from typing import Self

from pydantic import AliasChoices, Field, model_validator

from chaos.model.base import Frozen
from chaos.model.calls import HttpCall
from chaos.timing import Duration

COMMAND_PREFIX = "docker compose"  # every command begins with it, so it acts on the project of the run only


class StepCheck(Frozen):
    """How gameday checks that a step is done. It repeats the check until it holds, for up to ``within``."""

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
    """One step. ``planned`` and ``limit`` are real time: the pace does not compress an operator's work."""

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
    """A procedure file. ``objective``: the key of the objective of the stack that the procedure must meet."""

    procedure: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    summary: str = ""
    runbook: str | None = None
    objective: str | None = None
    steps: list[ProcedureStep] = Field(min_length=1)

    @property
    def planned(self) -> float:
        """Planned real seconds of all steps together."""
        return sum(step.planned for step in self.steps)

    @property
    def longest(self) -> float:
        """Real seconds after which the procedure has failed at the latest."""
        return sum(step.limit + step.check.within for step in self.steps)
