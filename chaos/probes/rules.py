"""Records how often Prometheus evaluated its rules. Without evaluations a silent alert proves nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chaos.errors import ToolProblem
from chaos.probes.steady_rate import until_next
from chaos.timeline.observations import RuleGroupState, RulesEvaluated
from chaos.timing import Clock

LEAST_EVERY = 1.0  # seconds; an answer of /metrics is some 60 KB

ReadRuleGroups = Callable[[], Awaitable[tuple[RuleGroupState, ...]]]


async def watch_rules(
    read: ReadRuleGroups, write: Callable[[RulesEvaluated], None], clock: Clock, interval: float
) -> None:
    """Write one reading per evaluation ``interval`` (real seconds), at most one a second, until cancelled.

    If Prometheus does not answer, nothing is written; the gap in the readings shows it.
    """
    every = max(LEAST_EVERY, interval)
    while True:
        began = clock.mono()
        try:
            groups = await read()
        except ToolProblem:
            groups = ()
        if groups:
            write(RulesEvaluated(at=clock.wall(), mono=clock.mono(), groups=groups))
        await until_next(clock, began, every)
