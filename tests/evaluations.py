"""What Prometheus counts of its own rules, in recordings that were made by hand."""

from __future__ import annotations

from chaos.timeline.observations import RuleGroupState, RulesEvaluated


def evaluated(began: float, at: float) -> RulesEvaluated:
    """Prometheus's own counters at a second of the run: both groups were evaluated each half second."""
    states = tuple(
        RuleGroupState(
            group=f"/etc/prometheus/rules.yml;{name}",
            iterations=int(2 * at),
            missed=0,
            failures=0,
            last=began + at,
            interval=0.5,
        )
        for name in ("breakers", "rates")
    )
    return RulesEvaluated(at=began + at, mono=at, groups=states)
