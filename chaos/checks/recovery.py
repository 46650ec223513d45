"""How long until clients were well again?"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from chaos.checks._common import Found, unknown
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension
from chaos.timeline.recording import Recording
from chaos.timing import Duration, format_duration


class Recovery(CheckParams):
    """How fast clients must be served well again. All real time: work is never compressed."""

    rto: Duration = Field(gt=0, description="policy target, from the start of the first fault")
    budget: Duration | None = Field(
        default=None, gt=0, description="tight regression bound, from the end of the last fault"
    )
    healthy_for: Duration = Field(
        default=10.0, gt=0, description="length of the healthy window that counts as recovered"
    )
    success: float = Field(
        default=0.99, gt=0, le=1, description="least share of the load served and not degraded in it"
    )

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        if self.budget is not None and self.budget > self.rto:
            yield (
                ("budget",),
                f"the budget {format_duration(self.budget)} is longer than the RTO {format_duration(self.rto)}",
                "the budget is the tighter bound of the two",
            )
        if all(condition.http is None for condition in scenario.steady_state):
            yield (
                (),
                "recovery is seen by clients, but the steady state has no http condition",
                "add one to steady_state",
            )


class _RecoveryCheck:
    name = "recovery"
    summary = "clients are served well again within the RTO and the budget"
    params: type[CheckParams] | None = Recovery
    dimensions = (Dimension.RECOVERY,)
    reads = ("journal", "load")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        return (unknown(self.name, "recovery", "", "not judged yet", Dimension.RECOVERY),)


CHECK = _RecoveryCheck()
