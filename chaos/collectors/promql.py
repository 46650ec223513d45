"""A PromQL query, and the value that counts as ok."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos.collector import Answer, Collector
from chaos.conditions import promql_holds
from chaos.model.plan import Plan
from chaos.model.scenario import PromqlCondition
from chaos.sources import Sources
from chaos.timeline.observations import ProbeKind

_READINGS_PER_SCRAPE = 2  # more would read the same scrape again
_WITHOUT_FACTS = 1.0  # real seconds, where the plan does not know the scrape interval
PATIENCE = 3.0  # real seconds for one query; an instant query takes some milliseconds


class PromqlSeries(Collector):
    """An instant query to the Prometheus of the stack, twice a scrape."""

    collector: Literal["promql"] = "promql"
    condition: PromqlCondition
    kind: ClassVar[ProbeKind] = ProbeKind.PROMQL

    @property
    def patience(self) -> float:
        return PATIENCE

    def every(self, plan: Plan) -> float:
        if plan.detection is None:
            return _WITHOUT_FACTS
        return plan.detection.scrape_interval / plan.pace / _READINGS_PER_SCRAPE

    async def read(self, sources: Sources) -> Answer:
        """``value`` is that of the first sample of the answer."""
        if sources.metrics is None:
            return Answer(False, detail="the stack has no Prometheus")
        values = await sources.metrics.values(self.condition.query)
        seen = promql_holds(self.condition, values)
        return Answer(seen.holds, value=values[0] if values else None, detail=seen.detail)
