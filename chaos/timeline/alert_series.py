"""Combines the series ALERTS and ALERTS_FOR_STATE of Prometheus into one value per alert. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from chaos.model.alert_states import AlertState
from chaos.model.base import LAST_INSTANT
from chaos.model.incidents import ALERT_NAME, AlertSeries
from chaos.timeline.recording import ALERTS, ALERTS_FOR_STATE, Series

STATE = "alertstate"
# Labels that Prometheus always writes.
_IDENTITY = {ALERTS: (ALERT_NAME, STATE), ALERTS_FOR_STATE: (ALERT_NAME,)}


def identified(one: Series) -> bool:
    """Does a series of an alert have the labels that say which alert it is, and in which state? True for a
    series of another metric.
    """
    return all(one.labels.get(name) for name in _IDENTITY.get(one.metric, ()))


def unidentified(found: Iterable[Series]) -> tuple[str, ...]:
    """What is wrong with such series, for people; empty if nothing is."""
    metrics = Counter(one.metric for one in found if not identified(one))
    return tuple(
        f"{number} series of {metric} without the label {' or '.join(_IDENTITY[metric])}"
        for metric, number in metrics.items()
    )


def alert_series(found: Iterable[Series]) -> tuple[AlertSeries, ...]:
    """One value per alert and set of labels. Series of other metrics are ignored."""
    together: dict[tuple[tuple[str, str], ...], AlertSeries] = {}
    for one in found:
        if one.metric not in (ALERTS, ALERTS_FOR_STATE):
            continue
        labels = {name: value for name, value in sorted(one.labels.items()) if name != STATE}
        key = tuple(labels.items())
        before = together.get(key) or AlertSeries(labels=labels)
        instants = tuple(at for at, _ in one.samples)
        if one.metric == ALERTS_FOR_STATE:
            known = tuple(sample for sample in one.samples if abs(sample[1]) <= LAST_INSTANT)  # and no NaN
            update = before.model_copy(update={"began": known})
        else:
            firing = one.labels.get(STATE) == AlertState.FIRING
            earlier = before.firing if firing else before.pending
            merged = tuple(sorted({*earlier, *instants}))
            update = before.model_copy(update={"firing" if firing else "pending": merged})
        together[key] = update
    return tuple(together.values())
