"""Did Prometheus scrape, evaluate its rules, and keep its samples? Instants are on the run axis, lengths
real seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from chaos.checks.kit.alert_params import detections_of
from chaos.checks.kit.own_metrics import evaluations, impossible_values
from chaos.checks.kit.slowness import with_saturation
from chaos.checks.kit.words import span
from chaos.kinds import Fault
from chaos.model.asked import Doubt
from chaos.model.plan import Plan
from chaos.timeline.lines import NUMBERED_SINCE
from chaos.timeline.observations import RulesEvaluated
from chaos.timeline.questions import fault_windows
from chaos.timeline.recording import ALERTS, ALERTS_FOR_STATE, UP, Metrics, Recording, Series
from chaos.timeline.rule_groups import groups_evaluated

LONGEST_HOLE = 3.0  # longest time without a scrape at a pace above 1: a busy machine delays some scrapes
SCRAPES = 2.5  # scrape intervals without a scrape that are not yet a hole
LEAST_SCRAPES = 1.5  # scrape intervals that are never a hole, however tight the deadline
STARTS = 5.0  # that Prometheus may need to read its data and scrape again once its container runs
READ_APART = 1.0  # the run reads Prometheus's own counters about so often
READ_LATE = 1.0  # by which the last scrape may miss the end, in addition to some intervals
JUST_READ = 1.0  # before the read, in which one query may see a sample that another query does not
_IDENTITY = ("job", "instance")


def tolerated_hole(plan: Plan) -> float:
    """The longest allowed stretch without a scrape: shorter than the time that the tightest deadline leaves
    beyond its bound, so that no alert misses its deadline because Prometheus did not scrape.
    """
    assert plan.detection is not None
    step = plan.detection.scrape_interval / plan.pace
    slack = min((one.slack for one in plan.deadlines), default=LONGEST_HOLE)
    return max(LEAST_SCRAPES * step, min(slack, max(LONGEST_HOLE, SCRAPES * step)))


def silence_doubt(recording: Recording, start: float, end: float) -> Doubt | None:
    """Why the absence of alerts in ``[start, end]`` proves nothing; None: Prometheus scraped and evaluated.

    A hole that overlaps the window counts in full, even one that lasts until Prometheus was read. So a
    stretch of an alert that ends inside a hole has no known end. If the scenario tests how Prometheus
    recovers, its outage is not a hole (``own_outages``).
    """
    most = tolerated_hole(recording.plan)
    outages = own_outages(recording)
    scrapes = sorted(set(_scrapes(recording.metrics)))
    read_to = recording.metrics.read_to or end
    hole = _longest_hole(scrapes, read_to, start, end, outages)
    if hole > most:
        return Doubt(f"Prometheus scraped nothing for {span(hole)}, so it could not have noticed")
    for alert, (instants, interval) in evaluations(recording).items():
        hole = _longest_hole(instants, read_to, start, end, outages)
        if hole > most + interval + READ_APART:
            return Doubt(f"{alert} always fires, and ALERTS has no sample of it for {span(hole)}")
    for first, last in _between(start, end, outages):
        if (doubt := _not_evaluated(recording, first, last, most)) is not None:
            return doubt
    return None


def own_outages(recording: Recording) -> tuple[tuple[float, float], ...]:
    """When the scenario's own faults stopped Prometheus, in order: from the injection until it has had time
    to start again. None unless the scenario sets ``through_restarts``.
    """
    plan = recording.plan
    if not any(entry.through_restarts for entry in detections_of(plan.scenario)):
        return ()
    facts = plan.stack.prometheus
    broken = {
        one.index
        for one in plan.steps
        if facts is not None
        and isinstance(one.step, Fault)
        and facts.service in one.step.affected_services(plan.stack)
    }
    found = (
        (window.start, window.end + STARTS)
        for window in fault_windows(recording)
        if window.index in broken and window.end is not None
    )
    return tuple(sorted(found))


def _between(
    start: float, end: float, outages: Sequence[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    """The parts of a window outside the outages: counters were read before and after each outage."""
    for down, back in outages:
        if back <= start or down >= end:
            continue
        if down - READ_APART * 2 > start:
            yield start, down - READ_APART * 2
        start = max(start, back)
    if start < end:
        yield start, end


def _longest_hole(
    seen: Sequence[float], read_to: float, start: float, end: float, outages: Sequence[tuple[float, float]]
) -> float:
    """The longest gap in ``[start, end]`` between instants at which Prometheus worked. ``up`` has a sample
    for every scrape, even of a target that is down.
    """
    if not seen:
        return end - start
    before = [(start, seen[0])] if seen[0] > start else []
    after = [(seen[-1], max(end, read_to))] if seen[-1] < end else []
    gaps = (*before, *pairwise(seen), *after)
    return max((_apart(a, b, outages) for a, b in gaps if a < end and b > start), default=0.0)


def _apart(start: float, end: float, outages: Sequence[tuple[float, float]]) -> float:
    """The length of a gap without the parts in an outage."""
    return end - start - sum(max(0.0, min(end, back) - max(start, down)) for down, back in outages)


def gone_doubt(recording: Recording, gone: float, until: float) -> Doubt | None:
    """Why it is unknown whether something was absent from ``gone`` to ``until``: Prometheus did not scrape
    soon after it last saw it. None: it did, and did not see it.
    """
    assert recording.plan.detection is not None
    step = recording.plan.detection.scrape_interval / recording.plan.pace
    soon = min(until, gone + SCRAPES * step)
    if any(gone < instant <= soon for instant in _scrapes(recording.metrics)):
        return None
    return Doubt(f"Prometheus scraped nothing for {span(soon - gone)} after it had seen it last")


def _not_evaluated(recording: Recording, start: float, end: float, most: float) -> Doubt | None:
    """Why it is unknown whether the rules were evaluated; recordings before version 3 cannot say."""
    if recording.version < NUMBERED_SINCE:
        return None
    groups = groups_evaluated(recording, start, end)
    if not groups:
        return Doubt("Prometheus's own counters do not say whether its rules were evaluated")
    for group in groups:
        name = group.group.rpartition("/")[2].replace(";", ", group ")
        interval = (group.until - group.since) / group.expected if group.expected else 0.0
        unread = max(group.since - start, end - group.until)
        if unread > most + interval + READ_APART:
            known = f"whether it evaluated the rules of {name}"
            return Doubt(f"Prometheus's own counters were not read for {span(unread)}: {known} is unknown")
        if group.longest_gap > most + interval + READ_APART:
            gap = span(group.longest_gap)
            return Doubt(f"Prometheus did not evaluate the rules of {name} for up to {gap}")
        if group.failures:
            return Doubt(f"Prometheus could not evaluate rules of {name}: {group.failures} failures")
    return None


def unreached(recording: Recording, end: float) -> Doubt | None:
    """Why the data does not reach ``end``; None: it does, except for a scrape or two."""
    assert recording.plan.detection is not None
    step = recording.plan.detection.scrape_interval / recording.plan.pace
    scraped = _last_scrape(recording.metrics)
    last = recording.began if scraped is None else scraped
    if end - last <= SCRAPES * step + READ_LATE:
        return None
    return Doubt(f"the data of Prometheus ends {span(end - last)} before the teardown began")


def contradiction(recording: Recording) -> Doubt | None:
    """Impossible data in the metrics: values that Prometheus never gives its own series, samples dated after
    they were read or long before the last evaluation of the rules, an alert that only one of Prometheus's two
    series about it has, or a gauge that was not scraped with its target.

    None: nothing.
    """
    if recording.plan.detection is not None:
        late = _evaluated_later(recording) or _read_later(recording)
        if late is not None:
            return with_saturation(recording, recording.began, recording.ended, late)
    return next((Doubt(one) for one in _contradictions(recording.metrics)), None)


def _evaluated_later(recording: Recording) -> Doubt | None:
    """Rules that were evaluated long after the last sample: a Prometheus that evaluates also scrapes, and an
    alert that always fires has a sample for each evaluation. Samples were lost, or have another clock.
    """
    assert recording.plan.detection is not None
    step = recording.plan.detection.scrape_interval / recording.plan.pace
    read_to = recording.metrics.read_to or recording.ended
    lasts = (group.last for one in recording.of(RulesEvaluated) for group in one.groups)
    evaluated = max((at for at in lasts if at is not None and at <= read_to), default=None)
    scraped = _last_scrape(recording.metrics)
    if evaluated is None:
        return None
    if scraped is not None and evaluated - scraped > SCRAPES * step:
        apart = span(evaluated - scraped)
        return Doubt(f"its rules were evaluated for {apart} after the last sample of its targets")
    for alert, (instants, interval) in evaluations(recording).items():
        if instants and evaluated - instants[-1] > SCRAPES * max(step, interval):
            apart = span(evaluated - instants[-1])
            return Doubt(f"its rules were evaluated for {apart} after the last sample of {alert} in ALERTS")
    return None


def _read_later(recording: Recording) -> Doubt | None:
    """A Prometheus that answered long after its last scrape: samples were lost, or have another clock."""
    assert recording.plan.detection is not None
    step = recording.plan.detection.scrape_interval / recording.plan.pace
    scraped = _last_scrape(recording.metrics)
    read_to = recording.metrics.read_to
    if read_to is None or scraped is None or read_to - scraped <= SCRAPES * step + READ_LATE:
        return None
    return Doubt(f"it was read {span(read_to - scraped)} after the last sample of its targets")


def _scrapes(metrics: Metrics) -> Iterator[float]:
    """The instant of every scrape of a target, in no order."""
    return (instant for one in metrics.named(UP) for instant, _ in one.samples)


def _last_scrape(metrics: Metrics) -> float | None:
    return max((one.samples[-1][0] for one in metrics.named(UP) if one.samples), default=None)


def _contradictions(metrics: Metrics) -> Iterator[str]:
    assert metrics.read_to is not None
    yield from impossible_values(metrics)
    latest = max((s[-1][0] for one in metrics.series if (s := one.samples)), default=metrics.read_to)
    if latest > metrics.read_to + JUST_READ:
        yield f"samples are dated {span(latest - metrics.read_to)} after Prometheus was read"
    until = metrics.read_to - JUST_READ
    active = _instants(metrics.named(ALERTS), until)
    since = _instants(metrics.named(ALERTS_FOR_STATE), until)
    for labels in sorted(active.keys() | since.keys()) if since else ():
        if active.get(labels, frozenset()) != since.get(labels, frozenset()):
            name = dict(labels).get("alertname", "an alert")
            yield f"ALERTS and ALERTS_FOR_STATE contradict each other about {name}"
    yield from _not_scraped(metrics, until)


def _not_scraped(metrics: Metrics, until: float) -> Iterator[str]:
    """All series of a scrape have its instant, except the series of a recording rule, whose names have a
    colon.
    """
    scraped: dict[tuple[str, ...], set[int]] = {}
    for one in metrics.named(UP):
        if who := _identity(one):
            scraped.setdefault(who, set()).update(_milliseconds(one, until))
    for one in metrics.series:
        own = one.metric.partition("{")[0]
        if own in (UP, ALERTS, ALERTS_FOR_STATE) or ":" in own:
            continue
        known = scraped.get(_identity(one))
        if known is not None and not _milliseconds(one, until) <= known:
            yield f"samples of {own} are dated when its target was not scraped"


def _identity(series: Series) -> tuple[str, ...]:
    """(job, instance); empty for a missing label."""
    who = tuple(series.labels.get(name, "") for name in _IDENTITY)
    return who if all(who) else ()


def _instants(series: Iterable[Series], until: float) -> Mapping[tuple[tuple[str, str], ...], frozenset[int]]:
    """The instants of all series that differ only in their state."""
    found: dict[tuple[tuple[str, str], ...], set[int]] = {}
    for one in series:
        labels = tuple(sorted(item for item in one.labels.items() if item[0] != "alertstate"))
        found.setdefault(labels, set()).update(_milliseconds(one, until))
    return {labels: frozenset(instants) for labels, instants in found.items()}


def _milliseconds(series: Series, until: float) -> frozenset[int]:
    return frozenset(round(instant * 1000) for instant, _ in series.samples if instant < until)
