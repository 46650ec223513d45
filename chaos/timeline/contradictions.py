"""Do answers contradict themselves? Pure; instants on the run axis.

An answer says how it ended (its status) and what that means (served, ok). Where the two differ, one of them
is wrong, and nothing says which.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from operator import sub

from chaos.model.scenario import SteadyCondition
from chaos.model.stack import counts_as_served
from chaos.timeline.events import Sample
from chaos.timeline.observations import ProbeStarted, ProbeWaiting
from chaos.timeline.recording import Recording

FIRST_READING = 3.0  # seconds after which a probe has made its first reading, however busy the machine is
CLOCK_READS = 0.25  # seconds by which two dates of one answer may be apart: each reads the clock for itself


def contradicted_answers(recording: Recording) -> Iterator[str]:
    """What is impossible about the requests of the load, in words; empty: nothing."""
    asked = recording.requests
    if not len(asked):
        return
    early = max(map(sub, asked.intended, asked.sent))
    if early > CLOCK_READS:
        yield f"requests were sent up to {early:.1f} s before they were planned"
    late = max(map(sub, asked.sent, asked.finished()))
    if late > CLOCK_READS:
        yield f"requests were answered up to {late:.1f} s before they were sent"
    expected = _expected(recording)
    wrong = asked.where(
        lambda one: one.name in expected and one.served != counts_as_served(one.status, expected[one.name])
    )
    if any(wrong):
        number = sum(times for place, times in Counter(asked.outcome).items() if wrong[place])
        yield f"{number} requests contradict their own status"


def _expected(recording: Recording) -> dict[str, set[int]]:
    """The statuses that count as served, by the name of the request; empty: any below 400."""
    plan = recording.plan
    profile = None if plan.scenario.load is None else plan.stack.load.get(plan.scenario.load.profile)
    found: dict[str, set[int]] = defaultdict(set)
    plain: set[str] = set()
    for request in profile.requests if profile is not None else ():
        found[request.name].update(request.expect_status)
        if not request.expect_status:
            plain.add(request.name)
    return {name: set() if name in plain else statuses for name, statuses in found.items()}


def contradicted_samples(recording: Recording) -> Iterator[str]:
    """What is impossible about the samples of the steady state, in words; empty: nothing."""
    conditions = {condition.label: condition for condition in recording.plan.scenario.steady_state}
    wrong: Counter[str] = Counter()
    reversed_: Counter[str] = Counter()
    for sample in recording.of(Sample):
        started, at = sample.started, sample.at
        if sample.started_mono is not None:
            started, at = sample.started_mono, sample.mono  # as it was read: on the run axis none is reversed
        reversed_[sample.probe] += started > at + CLOCK_READS
        condition = conditions.get(sample.probe)
        wrong[sample.probe] += condition is not None and sample.ok and not _may_be_ok(condition, sample)
    for probe, number in wrong.items():
        if number:
            yield f"{number} samples of {probe} are called good and are not"
    for probe, number in reversed_.items():
        if number:
            yield f"{number} samples of {probe} were answered before they were asked for"


def late_probes(recording: Recording) -> Iterator[str]:
    """Probes whose readings do not begin with them, in words; before version 3 none says when it began."""
    first: dict[str, float] = {}
    for reading in recording.events:
        if isinstance(reading, Sample | ProbeWaiting):
            first[reading.probe] = min(reading.started, first.get(reading.probe, reading.started))
    for probe in recording.of(ProbeStarted):
        apart = first.get(probe.probe, probe.at) - probe.at
        if not -CLOCK_READS <= apart <= FIRST_READING + probe.every:
            side = "after" if apart > 0 else "before"
            yield f"the first sample of {probe.probe} is dated {abs(apart):.1f} s {side} it began"


def _may_be_ok(condition: SteadyCondition, sample: Sample) -> bool:
    """Only what was written down can contradict: older recordings lack status and value."""
    if sample.detail:  # says why a sample is not good
        return False
    if condition.http is not None:
        return sample.status is None or sample.status in condition.http.status
    bound, value = condition.promql, sample.value
    return bound is None or value is None or bound.met_by(value)
