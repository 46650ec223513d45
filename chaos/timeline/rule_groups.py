"""Were the rules evaluated in a period of time? Pure; instants on the run axis."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chaos.timeline.counters import grown
from chaos.timeline.observations import RuleGroupState, RulesEvaluated
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class GroupEvaluated:
    """One rule group between two readings of its counters, ``since`` and ``until``.

    ``expected``: evaluations by its interval. ``evaluated``: those that took place. ``missed``: those that
    Prometheus skipped because it was too slow. ``failures``: rule evaluations that failed. ``longest_gap``:
    seconds without an evaluation, as precisely as the readings allow.
    """

    group: str
    since: float
    until: float
    expected: float
    evaluated: int
    missed: int
    failures: int
    longest_gap: float


def groups_evaluated(recording: Recording, start: float, end: float) -> tuple[GroupEvaluated, ...]:
    """Every rule group from the last reading at or before ``start`` to the first at or after ``end``, or the
    nearest ones inside. Empty: unknown, because there are fewer than two readings (always before version 3).
    """
    readings = list(recording.of(RulesEvaluated))
    first = max((i for i, one in enumerate(readings) if one.at <= start), default=0)
    last = min((i for i, one in enumerate(readings) if one.at >= end), default=len(readings) - 1)
    inside = readings[first : last + 1]
    if len(inside) < 2:
        return ()
    names = dict.fromkeys(group.group for one in inside for group in one.groups)
    return tuple(found for name in names if (found := _evaluated(name, inside)) is not None)


def _evaluated(name: str, readings: list[RulesEvaluated]) -> GroupEvaluated | None:
    states = [(one.at, group) for one in readings for group in one.groups if group.group == name]
    if len(states) < 2:
        return None
    groups = [group for _, group in states]
    since, until = states[0][0], states[-1][0]
    missed = grown(group.missed for group in groups)
    moved = [since, *(at for (_, a), (at, b) in pairwise(states) if _ran(b) != _ran(a)), until]
    return GroupEvaluated(
        group=name,
        since=since,
        until=until,
        expected=(until - since) / groups[-1].interval,
        evaluated=grown(_ran(group) for group in groups),
        missed=missed,
        failures=grown(group.failures for group in groups),
        longest_gap=max(after - before for before, after in pairwise(moved)),
    )


def _ran(group: RuleGroupState) -> int:
    """The evaluations that took place. Prometheus counts missed ones as iterations too."""
    return group.iterations - group.missed
