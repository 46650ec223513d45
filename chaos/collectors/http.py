"""An HTTP request as a client makes it, and the answer that counts as ok."""

from __future__ import annotations

from typing import ClassVar, Literal

from chaos.collector import Answer, Collector
from chaos.conditions import http_holds
from chaos.model.plan import Plan
from chaos.model.rhythm import probe_every
from chaos.model.scenario import HttpCondition
from chaos.sources import Sources
from chaos.timeline.observations import ProbeKind


class HttpProbe(Collector):
    """An HTTP request through the clients' link, 12.5 times a second; less often where many would wait."""

    collector: Literal["http"] = "http"
    condition: HttpCondition
    kind: ClassVar[ProbeKind] = ProbeKind.HTTP

    @property
    def patience(self) -> float:
        return self.condition.timeout

    def every(self, plan: Plan) -> float:
        return probe_every(self.patience)

    async def read(self, sources: Sources) -> Answer:
        """``status`` is that of the answer."""
        answer = await sources.clients.ask(self.condition)
        seen = http_holds(self.condition, answer)
        return Answer(seen.holds, status=answer.status, detail=seen.detail)
