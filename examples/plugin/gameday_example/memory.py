"""Does a service keep its memory bounded while something that it depends on is gone?

Requests that wait for a dependency pile up. A service without a bound on them is killed sooner or later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import Field

from chaos.checks.kit import count, falling, since_start, span
from chaos.collectors.container_usage import ContainerUsage
from chaos.kinds import Check, Collect, Objection, Part, ScenarioContext, UnknownName, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Measure
from chaos.timeline.events import Sample
from chaos.timeline.questions import fault_span
from chaos.timeline.recording import Recording
from chaos.timing import Duration

BOUNDED = ResultKey("memory.bounded")
PEAK = MeasureKey("memory.peak")
FEWEST = 5  # readings: the peak of fewer may be anywhere between them
LONGEST_GAP = 3.0  # real seconds between two readings; one a second is planned
_MEGABYTE = 1e6
_FIX = "Bound what waits for the dependency: a limit of requests in flight, a shorter time-out, or a breaker."


class Memory(CheckParams):
    """How much memory a service may use from the start of the fault until it has settled."""

    service: str
    at_most_mb: float = Field(gt=0, description="megabytes (10^6 bytes)")
    settles_within: Duration = Field(default=5.0, ge=0, description="real time after the last fault")

    @property
    def probe(self) -> str:
        return f"memory: {self.service}"


class _MemoryCheck(Check[Memory]):
    """The peak of one reading a second, from the first injection until ``settles_within`` after the undo."""

    name = "memory"
    summary = "a service keeps its memory bounded while a dependency is gone"
    params = Memory
    dimensions = (Dimension.CONTAINMENT,)
    reads = (Part.JOURNAL,)
    collectors = (ContainerUsage,)

    def problems(self, params: Memory, context: ScenarioContext) -> Iterator[Objection]:
        services = context.stack.services
        if params.service not in services:
            yield UnknownName.of(("service",), "service", params.service, services)
        if not context.scenario.timeline:
            message = "nothing is broken, so there is no time in which memory could grow"
            yield Objection((), message, "add a timeline")

    def collects(self, params: Memory, context: ScenarioContext) -> Iterator[Collect]:
        yield Collect(params.probe, ContainerUsage(service=params.service, of="memory"))

    def wait(self, params: Memory, pace: float) -> Wait:
        return Wait(needed=params.settles_within, healthy_for=params.settles_within)

    def asks(self, plan: Plan, params: Memory) -> Iterator[Asked]:
        yield self.asked(
            BOUNDED,
            f"memory of {params.service} stays bounded",
            f"at most {params.at_most_mb:g} MB until {span(params.settles_within)} after the fault",
            subject=Subject(kind=SubjectKind.SERVICE, name=params.service),
            dimension=Dimension.CONTAINMENT,
        )

    def answers(self, recording: Recording, params: Memory, asked: Sequence[Asked]) -> Iterator[CheckResult]:
        readings = _readings(recording, params)
        peak = max(readings, key=lambda sample: sample.value or 0.0)
        value = (peak.value or 0.0) / _MEGABYTE
        actual = f"at most {value:.1f} MB in {count(len(readings), 'reading')}"
        evidence = [since_start(recording, peak.at, f"peak: {value:.1f} MB")]
        limit = params.at_most_mb
        figure = Measure(key=PEAK, label="peak memory", value=round(value, 3), unit="MB", limit=limit)
        if value <= limit:
            yield asked[0].passed(actual, evidence=evidence, measures=[figure])
            return
        fraction = falling(value, limit)
        yield asked[0].failed(actual, fix=_FIX, fraction=fraction, evidence=evidence, measures=[figure])


def _readings(recording: Recording, params: Memory) -> list[Sample]:
    """The readings to judge. Raises ``CannotTell`` where they do not cover the whole time."""
    whole = fault_span(recording)
    if whole is None:
        raise CannotTell("the recording does not say when the fault began and ended")
    start, end = whole[0], whole[1] + params.settles_within
    found = [s for s in recording.samples(params.probe) if start <= s.at <= end]
    if any(not sample.ok for sample in found):
        raise CannotTell(f"a reading failed: {next(s.detail for s in found if not s.ok)}")
    if len(found) < FEWEST:
        raise CannotTell(f"only {count(len(found), 'reading')} of the memory of {params.service}")
    instants = [start, *(sample.at for sample in found), end]
    gap = max(later - earlier for earlier, later in pairwise(instants))
    if gap > LONGEST_GAP:
        raise CannotTell(f"no reading of the memory of {params.service} for {span(gap)}")
    return found


CHECK = _MemoryCheck()
