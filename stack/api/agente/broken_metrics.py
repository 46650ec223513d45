"""The broken variant `misses_uncounted`: look-ups that find nothing are not counted."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client import Counter

from agente.defects import Defects
from agente.metrics import Metrics


def metrics_of(defects: Defects, metrics: Metrics) -> Metrics:
    """The metrics, or those with a counter of misses that no scrape sees."""
    if not defects.misses_uncounted:
        return metrics
    return replace(metrics, cache_misses=Counter("unseen_misses", "In no registry", registry=None))
