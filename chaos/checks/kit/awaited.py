"""One alert that must fire: which firings count as its own, and what the reports show of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chaos.checks.kit.alerts import AlertRecord, FiringKind, history, lasts
from chaos.checks.kit.own_alerts import Origin, shown
from chaos.model.asked import CannotTell
from chaos.model.verdict import Evidence
from chaos.timeline.questions import AlertSpan


@dataclass(frozen=True)
class Awaited:
    """One alert that must fire. ``labels`` None: the labels of a target of the stack."""

    alert: str
    within: float  # of the injection
    resolves_within: float  # of the end of the last fault
    labels: Mapping[str, str] | None = None

    def matches(self, record: AlertRecord, stretch: AlertSpan) -> bool:
        if self.labels is not None:
            own = dict(stretch.labels)
            return all(own.get(name) == value for name, value in self.labels.items())
        return record.origins.of(dict(stretch.labels)) is Origin.OWN

    def firing(self, record: AlertRecord) -> list[AlertSpan]:
        """Its firing stretches, oldest first."""
        return [one for one in record.firing(self.alert) if self.matches(record, one)]


def kind_of(record: AlertRecord, awaited: Awaited, stretch: AlertSpan) -> FiringKind:
    """How a firing stretch of an alert that must fire relates to the fault."""
    if stretch.start < record.struck:
        return FiringKind.EARLY
    if record.over is not None and stretch.start > record.over + record.lag_of(stretch):
        return FiringKind.AFTER
    first = min(s.start for s in awaited.firing(record) if s.start >= record.struck)
    if stretch.start > first:
        return FiringKind.AGAIN
    return FiringKind.IN_TIME if first <= record.injected + awaited.within else FiringKind.LATE


def for_others(record: AlertRecord, awaited: Awaited, evidence: tuple[Evidence, ...]) -> str:
    """Its firings with other labels, in words. ``CannotTell`` if one of them may be the expected one."""
    others = [s for s in record.firing(awaited.alert) if lasts(s, record.struck)]
    if not others:
        return ""
    labels = "; ".join(dict.fromkeys(shown(dict(s.labels)) or "no job, no instance" for s in others))
    if awaited.labels is not None:
        return f" with the labels that were asked for; it fired for {labels}"
    if any(record.origins.of(dict(s.labels)) is Origin.UNKNOWN for s in others):
        raise CannotTell(
            f"it fired for {labels} only, which no target of the stack has, so it may be another system's",
            evidence=evidence,
            fix="Where it is this stack's alert, say so: add labels: to its entry of must_fire.",
        )
    return f" for a target of the stack; it fired for {labels}"


def evidence_of(record: AlertRecord, awaited: Awaited) -> tuple[Evidence, ...]:
    """The history of the alert, with each firing that was not in time."""
    classified: Iterator[tuple[AlertSpan, FiringKind]] = (
        (s, kind_of(record, awaited, s)) for s in awaited.firing(record)
    )
    odd = tuple(
        record.evidence(s.start, f"{awaited.alert} fired {kind.value}", awaited.alert)
        for s, kind in classified
        if kind is not FiringKind.IN_TIME
    )
    return (*history(record, awaited.alert), *odd)
