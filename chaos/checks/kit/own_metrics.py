"""Series that Prometheus writes about itself: their possible values are known, and an alert that always
fires has a sample for each evaluation. Instants are on the run axis, lengths real seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from types import MappingProxyType

from chaos.timeline.recording import ALERTS, Metrics, Recording

_POSSIBLE: Mapping[str, Callable[[float], bool]] = MappingProxyType(
    {
        "ALERTS": lambda value: value == 1,
        "ALERTS_FOR_STATE": isfinite,  # seconds since the epoch
        "up": lambda value: value in (0, 1),
    }
)


def impossible_values(metrics: Metrics) -> Iterator[str]:
    """Impossible values in Prometheus's own series, one sentence for each series."""
    for one in metrics.series:
        possible = _POSSIBLE.get(one.metric)
        wrong = None if possible is None else next((v for _, v in one.samples if not possible(v)), None)
        if wrong is not None:
            yield f"{one.metric} has the value {wrong:g}, which Prometheus never gives it"


def evaluations(recording: Recording) -> Mapping[str, tuple[tuple[float, ...], float]]:
    """Each alert that always fires -> the instants at which it was evaluated, in order, and the length of the
    interval between two of them. Without an instant: its samples are not in the recording.
    """
    facts = recording.plan.detection
    if facts is None:
        return {}
    seen: dict[str, set[float]] = {alert: set() for alert in facts.always_firing}
    for one in recording.metrics.named(ALERTS):
        alert = one.labels.get("alertname", "")
        if alert in seen:
            seen[alert].update(instant for instant, _ in one.samples)
    pace = recording.plan.pace
    return {
        alert: (tuple(sorted(instants)), facts.evaluated_every(alert) / pace)
        for alert, instants in sorted(seen.items())
    }
