"""Computes incidents from readings of Prometheus. Pure: the same samples give the same incidents, whether
they come in one reading or in many.

An incident opens at the first evaluation at which its alert fired. The samples hold that instant exactly. It
resolves only on proof that the alert is no longer active. A missing sample proves nothing, because Prometheus
may have been down. The proof is a scrape, which shows that Prometheus was running. Two conditions apply:

- The scrape is so long after the last active evaluation that missed evaluations do not explain the gap
  (``silence``).
- It is so long after Prometheus started that the alert would be active again if its condition still held
  (``settling``).

A shorter gap belongs to the same incident. Instants are seconds since the epoch; lengths are real seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from chaos.model.base import Frozen
from chaos.model.incidents import ALERT_NAME, NO_INCIDENT, AlertReading, Incident, WatchedRule, severity_of

MISSED_EVALUATIONS = 4  # that may be missing while the alert is active; a short restart costs up to three
MISSED_SCRAPES = 2  # likewise
HOLE = 2.5  # scrape intervals without a scrape, after which Prometheus counts as down
RULE_GONE = "resolved because Prometheus no longer has this rule"


class Watch(Frozen):
    """The detector's state for one Prometheus between two readings.

    ``read_to``: the end of the last reading. ``read_from``: where the readings without a gap that end there
    begin. ``last_scrape``: the newest proof that Prometheus was running. ``running_since``: the end of its
    last outage. All four are None before the first reading. ``open``: its open incidents.
    """

    source: str
    read_to: float | None = None
    read_from: float | None = None
    last_scrape: float | None = None
    running_since: float | None = None
    open: tuple[Incident, ...] = ()


class WatchStep(Frozen):
    """The result of one reading. ``watch``: the new state. An incident may be both opened and resolved."""

    watch: Watch
    opened: tuple[Incident, ...] = ()
    resolved: tuple[Incident, ...] = ()


def advance(watch: Watch, reading: AlertReading) -> WatchStep:
    """Apply one reading to ``watch``. Samples up to ``watch.read_to`` are ignored."""
    fold = _Fold(watch, reading)
    for sample in sorted(_samples(reading, watch.read_to)):
        fold.take(sample)
    return fold.step()


def settling(rule: WatchedRule | None, scrape_interval: float) -> float:
    """Seconds after a start of Prometheus in which an alert may be inactive although its condition holds.

    Prometheus must first scrape the metrics again, and the alert waits for its ``for`` unless Prometheus
    restored that state.
    """
    if rule is None:
        return (1 + MISSED_SCRAPES) * scrape_interval
    return rule.hold + 2 * rule.interval + (1 + MISSED_SCRAPES) * scrape_interval


def silence(rule: WatchedRule | None, scrape_interval: float) -> float:
    """The longest gap between active evaluations that missed ones explain, in seconds."""
    interval = scrape_interval if rule is None else rule.interval
    return MISSED_EVALUATIONS * interval + MISSED_SCRAPES * scrape_interval


class _Kind(IntEnum):
    """The order of samples at one instant: those of alerts come before the proof that Prometheus ran."""

    FIRING = 0
    PENDING = 1
    RAN = 2


@dataclass(frozen=True, order=True)
class _Sample:
    at: float
    kind: _Kind
    series: int = -1


def _samples(reading: AlertReading, after: float | None) -> Iterator[_Sample]:
    found: set[_Sample] = {_Sample(at, _Kind.RAN) for at in reading.scrapes}
    for number, series in enumerate(reading.series):
        found |= {_Sample(at, _Kind.FIRING, number) for at in series.firing}
        found |= {_Sample(at, _Kind.PENDING, number) for at in series.pending}
    return (
        sample
        for sample in found
        if (after is None or sample.at > after) and sample.at <= reading.complete_to
    )


_Key: TypeAlias = tuple[tuple[str, str], ...]


def _key(labels: Mapping[str, str]) -> _Key:
    return tuple(sorted(labels.items()))


class _Fold:
    """The detector's state while it applies the samples of one reading."""

    def __init__(self, watch: Watch, reading: AlertReading) -> None:
        self.watch, self.reading = watch, reading
        self.open: dict[_Key, Incident] = {_key(incident.labels): incident for incident in watch.open}
        self.ended: list[Incident] = []
        self.last, self.since = watch.last_scrape, watch.running_since

    def take(self, sample: _Sample) -> None:
        self._ran(sample.at)
        if sample.kind is _Kind.RAN:
            for key, incident in list(self.open.items()):
                self._look(key, incident, sample.at)
            return
        labels = self.reading.series[sample.series].labels
        key = _key(labels)
        known = self.open.get(key)
        if known is not None:
            self.open[key] = known.model_copy(update={"last_active": sample.at})
        elif sample.kind is _Kind.FIRING and labels.get("severity", "").lower() != NO_INCIDENT:
            self.open[key] = self._opened(sample)

    def _ran(self, at: float) -> None:
        """Record that Prometheus was running at ``at``. After a hole or a start, ``since`` begins again."""
        started = self.reading.started
        if self.last is None or at - self.last > HOLE * self.reading.scrape_interval:
            self.since = at
        if started is not None and self.since is not None and self.since < started <= at:
            self.since = started
        self.last = at

    def _look(self, key: _Key, incident: Incident, at: float) -> None:
        """Resolve the incident if the scrape at ``at`` proves that it is over."""
        rule = self.reading.rule_of(incident.labels)
        if rule is not None and not rule.healthy:
            return
        assert self.since is not None
        scrape = self.reading.scrape_interval
        if at - incident.last_active <= silence(rule, scrape):
            return
        interrupted = self.since > incident.last_active
        if interrupted and at - self.since < settling(rule, scrape):
            return
        interval = scrape if rule is None else rule.interval
        ended = at if interrupted else incident.last_active + interval
        note = RULE_GONE if rule is None else ""
        del self.open[key]
        self.ended.append(incident.model_copy(update={"resolved": ended, "note": note}))

    def _opened(self, sample: _Sample) -> Incident:
        series = self.reading.series[sample.series]
        rule = self.reading.rule_of(series.labels)
        known = [began for at, began in series.began if at <= sample.at]
        return Incident(
            source=self.watch.source,
            alert=series.labels.get(ALERT_NAME, ""),
            labels=series.labels,
            severity=severity_of(series.labels.get("severity", "")),
            runbook=series.labels.get("runbook", "") or (rule.runbook if rule else ""),
            began=min(known[-1], sample.at) if known else None,
            fired=sample.at,
            noticed=self.reading.complete_to,
            last_active=sample.at,
        )

    def _read_from(self) -> float:
        known, before = self.watch.read_from, self.watch.read_to
        if known is None or before is None or self.reading.read_from > before:
            return self.reading.read_from
        return min(known, self.reading.read_from)

    def step(self) -> WatchStep:
        """The result after all samples of the reading."""
        before = {(_key(one.labels), one.fired) for one in self.watch.open}
        every = [*self.ended, *self.open.values()]
        return WatchStep(
            watch=Watch(
                source=self.watch.source,
                read_to=max(self.reading.complete_to, self.watch.read_to or self.reading.complete_to),
                read_from=self._read_from(),
                last_scrape=self.last,
                running_since=self.since,
                open=tuple(self.open.values()),
            ),
            opened=tuple(one for one in every if (_key(one.labels), one.fired) not in before),
            resolved=tuple(self.ended),
        )
