"""From readings of Prometheus to incidents. Pure: the same samples give the same incidents, however many
readings they are spread over.

An incident opens at the first evaluation at which its alert fired, which the samples say exactly. It
resolves only when it is proven that the alert is no longer active. A missing sample alone proves nothing:
Prometheus may have been down. The proof is a scrape, because Prometheus ran then. It must come so long after
the last active evaluation that a few missed ones cannot explain the silence (``silence``), and so long after
Prometheus's start that the alert would be active again if its condition still held (``settling``). A shorter
break belongs to the same incident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from chaos.model.base import Frozen
from chaos.model.incidents import ALERT_NAME, NO_INCIDENT, AlertReading, Incident, WatchedRule, severity_of

MISSED_EVALUATIONS = 4  # that may be missing without a meaning: a restart of a few seconds costs up to three
MISSED_SCRAPES = 2
HOLE = 2.5  # scrape intervals without any scrape: Prometheus was down
RULE_GONE = "resolved because Prometheus no longer has this rule"


class Watch(Frozen):
    """What is known of one Prometheus: up to where it was read, and its open incidents.

    ``last_scrape``: the newest proof that it ran. ``running_since``: the end of its last outage. None: it was
    never read.
    """

    source: str
    read_to: float | None = None
    last_scrape: float | None = None
    running_since: float | None = None
    open: tuple[Incident, ...] = ()


class Step(Frozen):
    """What one reading changed: ``opened`` and ``resolved`` may hold the same incident."""

    watch: Watch
    opened: tuple[Incident, ...] = ()
    resolved: tuple[Incident, ...] = ()


def advance(watch: Watch, reading: AlertReading) -> Step:
    """The incidents after this reading. What was read before (``watch.read_to``) is not looked at again."""
    fold = _Fold(watch, reading)
    for sample in sorted(_samples(reading, watch.read_to)):
        fold.take(sample)
    return fold.step()


def settling(rule: WatchedRule | None, scrape_interval: float) -> float:
    """Seconds after Prometheus's start within which an alert may be silent though its condition holds: its
    metrics are scraped anew, and it waits for its ``for`` unless that was restored.
    """
    if rule is None:
        return (1 + MISSED_SCRAPES) * scrape_interval
    return rule.hold + 2 * rule.interval + (1 + MISSED_SCRAPES) * scrape_interval


def silence(rule: WatchedRule | None, scrape_interval: float) -> float:
    """Seconds without an active evaluation that missed ones do not explain."""
    interval = scrape_interval if rule is None else rule.interval
    return MISSED_EVALUATIONS * interval + MISSED_SCRAPES * scrape_interval


class _Kind(IntEnum):
    """At one instant an alert's sample counts before the proof that Prometheus ran."""

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
    """The state between two samples of one reading."""

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
        """Prometheus ran at this instant; after a hole, or its start, it runs anew."""
        started = self.reading.started
        if self.last is None or at - self.last > HOLE * self.reading.scrape_interval:
            self.since = at
        if started is not None and self.since is not None and self.since < started <= at:
            self.since = started
        self.last = at

    def _look(self, key: _Key, incident: Incident, at: float) -> None:
        """Is it proven that the incident is over at this instant?"""
        rule = self._rule(incident.labels)
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
        rule = self._rule(series.labels)
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

    def _rule(self, labels: Mapping[str, str]) -> WatchedRule | None:
        return next((rule for rule in self.reading.rules if rule.fits(labels)), None)

    def step(self) -> Step:
        before = {(_key(one.labels), one.fired) for one in self.watch.open}
        every = [*self.ended, *self.open.values()]
        return Step(
            watch=Watch(
                source=self.watch.source,
                read_to=max(self.reading.complete_to, self.watch.read_to or self.reading.complete_to),
                last_scrape=self.last,
                running_since=self.since,
                open=tuple(self.open.values()),
            ),
            opened=tuple(one for one in every if (_key(one.labels), one.fired) not in before),
            resolved=tuple(self.ended),
        )
