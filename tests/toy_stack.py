"""The stack of recordings that are made by hand: an app, what it depends on, and a Prometheus."""

from __future__ import annotations

from typing import Literal

from chaos.kinds import Fault
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.model.scenario import (
    HttpCondition,
    PromqlCondition,
    SteadyCondition,
)
from chaos.model.stack import (
    BreakerFacts,
    LoadProfile,
    LoadRequest,
    PrometheusFacts,
    Service,
    ServiceRole,
    Stack,
    as_link,
)
from chaos.timeline.events import (
    Measurement,
)

READY = SteadyCondition(http=HttpCondition(service="web", path="/ready"))
CLOSED = SteadyCondition(promql=PromqlCondition(query="dep_breaker_state", equals=0))
SCRAPE = 10.0  # production seconds; the pace of 20 makes 0.5 s of it
PACE = 20.0


class ToyKill(Fault):
    """A fault that kills a service, for recordings only: nothing here touches a container."""

    fault: Literal["container.kill"] = "container.kill"
    service: str = "dep"

    def target(self) -> str:
        return self.service

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        return before.values.get("state") == "running" and now.values.get("state") != "running"


STACK = Stack(
    stack="toy",
    services={
        "web": Service(role=ServiceRole.APP, tier=1),
        "dep": Service(role=ServiceRole.HTTP, tier=2),
        "prometheus": Service(),
    },
    links={as_link("clients->web"): 8000, as_link("web->dep"): 8080},
    prometheus=PrometheusFacts(service="prometheus", config="prometheus.yml", rules=["rules.yml"]),
    paced={"web": {"RESET_SECONDS": 30.0}},
    breakers={
        "dep": BreakerFacts(
            metric="dep_breaker_state",
            states={"closed": 0, "open": 1, "half_open": 2},
            reset="web.RESET_SECONDS",
        )
    },
    degraded_header="X-Degraded",
    load={
        "visitors": LoadProfile(
            entry=as_link("clients->web"),
            requests=[
                LoadRequest(request="GET /items?page=$seq", weight=4),
                LoadRequest(request="POST /orders"),
            ],
        )
    },
)

FACTS = DetectionFacts(
    scrape_interval=SCRAPE,
    evaluation_interval=SCRAPE,
    rules=(
        AlertRule(alert="dep_breaker_open", expr="dep_breaker_state == 1", hold=180.0, severity="SEV3"),
        AlertRule(
            alert="error_rate", expr="rate(errors[5m]) > 0.05", hold=120.0, window=300.0, severity="SEV1"
        ),
        AlertRule(alert="web_down", expr="up < 1", hold=60.0, severity="SEV1"),
    ),
)
