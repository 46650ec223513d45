"""Is what clients were promised still there, once, and the same everywhere?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from chaos.checks._common import Found, count, falling, marked, since_start, span, unknown
from chaos.checks._ledger import Losses, around, losses, named
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension, Measure, Outcome
from chaos.registry import Fault
from chaos.suggestions import known_words
from chaos.timeline.ledger import WriteClass
from chaos.timeline.recording import Recording
from chaos.timing import Duration, format_duration

RPO = "RPO"  # names of the measures by which others find them again
GONE_BY_DESIGN = "gone by design"
LOST_LATER = "lost, acknowledged after the failure"
SPOILT = (WriteClass.UNEXPECTED, WriteClass.DUPLICATED, WriteClass.MISMATCHED, WriteClass.STALE)


class Data(CheckParams):
    """What of a ledger may be lost, and what must not be found in its stores."""

    ledger: str
    rpo: Duration = Field(
        default=0.0, ge=0, description="oldest acknowledged write that may be lost, before the failure"
    )
    store: str | None = Field(
        default=None, description="the authority on what is kept; default: the ledger's first store"
    )
    after_failure: Literal["kept", "discarded"] = Field(
        default="kept",
        description="discarded: writes from the failure to the last step of its answer go by design",
    )
    point_in_time: bool = Field(
        default=False, description="what was acknowledged from the failure to that step must be gone"
    )
    lost: int | None = Field(
        default=None, ge=0, description="most writes that may be lost; default: as many as the RPO allows"
    )
    unexpected: int = Field(default=0, ge=0)
    duplicated: int = Field(default=0, ge=0)
    mismatched: int = Field(default=0, ge=0)
    stale: int = Field(default=0, ge=0)

    def limit(self, of: WriteClass) -> int:
        """How many of one of the classes other than ``lost`` are allowed."""
        limits = {
            WriteClass.UNEXPECTED: self.unexpected,
            WriteClass.DUPLICATED: self.duplicated,
            WriteClass.MISMATCHED: self.mismatched,
            WriteClass.STALE: self.stale,
        }
        return limits[of]

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        facts = stack.ledgers.get(self.ledger)
        if facts is None:
            yield ("ledger",), f"unknown ledger {self.ledger!r}", known_words(self.ledger, stack.ledgers)
            return
        if self.ledger not in {writers.ledger for writers in scenario.ledgers}:
            fix = f"add ledgers: [{{ledger: {self.ledger}, rate: 3/s}}] to the scenario"
            yield ("ledger",), f"nobody writes to the ledger {self.ledger}", fix
        if self.store is not None and self.store not in facts.stores:
            yield (
                ("store",),
                f"the ledger {self.ledger} has no store {self.store!r}",
                known_words(self.store, facts.stores),
            )
        if not scenario.timeline:
            yield (), "without a fault there is no failure from which data could be lost", "add a timeline"
        yield from self._answered(scenario)
        yield from self._objectives(scenario, stack)

    def _answered(self, scenario: Scenario) -> Iterator[Found]:
        discards = self.after_failure == "discarded"
        if self.point_in_time and not discards:
            message = "a recovery to a point in time discards what was written after it"
            yield ("point_in_time",), message, "add after_failure: discarded"
        if discards and all(step.answer is None for step in scenario.timeline):
            message = "no step of the timeline has an answer, so nothing is discarded by design"
            yield (
                ("after_failure",),
                message,
                "answer the fault with a procedure, or leave it at kept",
            )

    def _objectives(self, scenario: Scenario, stack: Stack) -> Iterator[Found]:
        hit = {
            service
            for step in scenario.timeline
            if isinstance(step, Fault) and step.answer is None  # else its procedure's objective counts
            for service in step.hits(stack)
        }
        for service in sorted(hit):
            objective = stack.objectives.get(service)
            if objective is not None and self.rpo > objective.rpo:
                yield (
                    ("rpo",),
                    f"the RPO {format_duration(self.rpo)} is longer than the objective of {service} in "
                    f"stack.yaml, {format_duration(objective.rpo)}",
                    "expect no less than the objective, or change that",
                )


class _DataCheck:
    """Judged from what the writers wrote down before and after each call, and from the final read of every
    store.

    RPO is the failure instant minus the acknowledgement of the oldest lost write; the failure instant is when
    the first fault was about to be injected. What was acknowledged once the fault was in place was promised
    by a system that knew of it: no RPO allows to lose that, unless it goes by design (``after_failure``).
    """

    name = "data"
    summary = "acknowledged writes are kept, once, and the same in every store"
    params: type[CheckParams] | None = Data
    dimensions = (Dimension.DATA,)
    reads = ("journal", "ledger")

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        assert isinstance(params, Data)
        subject = params.ledger if params.store is None else f"{params.ledger} in {params.store}"
        asked = [
            (f"{subject}: {_promise(params)}", _allowed(params)),
            (f"{subject}: each write is there once, the same everywhere", _limits(params)),
        ]
        if params.point_in_time:
            wanted = "what was acknowledged before the failure is there, what came after it is not"
            asked.append((f"{subject}: recovered to just before the failure", wanted))
        found = losses(recording, params.ledger, params.store, params.after_failure == "discarded")
        if isinstance(found, str):
            return tuple(unknown(self.name, *words, found, Dimension.DATA) for words in asked)
        results = [
            self._kept(recording, params, found, *asked[0]),
            self._sound(recording, params, found, *asked[1]),
        ]
        if params.point_in_time:
            results.append(self._exact(recording, found, *asked[2]))
        return tuple(results)

    def _kept(
        self, recording: Recording, params: Data, found: Losses, title: str, expected: str
    ) -> CheckResult:
        instants = [write.instant or 0.0 for write in found.lost]
        age = max(0.0, found.sides.failure - min(instants)) if instants else 0.0
        later = sum(instant > found.sides.struck for instant in instants)
        acknowledged = sum(write.history.acknowledged is not None for write in found.writes)
        too_many = params.lost is not None and len(found.lost) > params.lost
        # An RPO of nothing allows no loss, be it of what was acknowledged in the midst of the injection.
        forbidden = bool(later or (found.lost and params.rpo == 0))
        held = age <= params.rpo and not forbidden and not too_many
        actual = f"none of {count(acknowledged, 'acknowledged write')} was lost"
        if found.lost:
            actual = (
                f"{len(found.lost)} of {count(acknowledged, 'acknowledged write')} lost, the oldest "
                f"acknowledged {span(age)} before the failure"
            )
            actual += f"; {later} acknowledged after it" if later else ""
        if found.discarded:
            actual += f"; {len(found.discarded)} gone by design"
        fraction = 0.0 if forbidden else falling(age, params.rpo)
        if too_many:
            fraction = min(fraction, falling(len(found.lost), params.lost or 0))
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.PASS if held else Outcome.FAIL,
            expected=expected,
            actual=actual,
            evidence=(
                since_start(recording, found.sides.failure, "the failure: the first fault is injected"),
                *named(recording, found.sides, "lost", found.lost),
                *named(recording, found.sides, GONE_BY_DESIGN, found.discarded),
            ),
            measures=_measures(params, found, age, later),
            marks=marked(
                Dimension.DATA,
                fraction,
                f"{title}: {actual}",
                "See for the ids lost what the system did between its answer and making it durable: commit, "
                "fsync, replication, archiving.",
            ),
        )

    def _sound(
        self, recording: Recording, params: Data, found: Losses, title: str, expected: str
    ) -> CheckResult:
        groups = {kind: found.of(kind) for kind in SPOILT}
        beyond = {kind: writes for kind, writes in groups.items() if len(writes) > params.limit(kind)}
        actual = ", ".join(f"{len(writes)} {kind.value}" for kind, writes in groups.items() if writes)
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if beyond else Outcome.PASS,
            expected=expected,
            actual=actual or f"{count(len(found.writes), 'write')}, none of them spoilt",
            evidence=tuple(
                fact
                for kind, writes in groups.items()
                for fact in named(recording, found.sides, kind.value, writes)
            ),
            measures=tuple(
                Measure(name=kind.value, value=len(writes), unit="", limit=params.limit(kind))
                for kind, writes in groups.items()
            ),
            marks=marked(
                Dimension.DATA,
                min(falling(len(writes), params.limit(kind)) for kind, writes in groups.items()),
                f"{title}: {actual}",
                "Duplicated: make the write idempotent, and let the store exclude what may not overlap. "
                "Mismatched: tell other stores from a queue that survives. Stale: read from where it was "
                "written.",
            ),
        )

    def _exact(self, recording: Recording, found: Losses, title: str, expected: str) -> CheckResult:
        before, after = around(found)
        missing = [side for side, writes in (("before", before), ("after", after)) if not writes]
        if missing:
            why = f"no write was acknowledged just {' and just '.join(missing)} the failure"
            return unknown(self.name, title, expected, why, Dimension.DATA)
        lost = {write.id for write in found.lost}
        gone = [write for write in before if write.id in lost]
        stayed = [write for write in after if write.kept]
        wrong = bool(stayed or gone)
        actual = (
            f"of {len(before)} just before {len(before) - len(gone)} are there, "
            f"of {len(after)} just after {len(stayed)} are"
        )
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if wrong else Outcome.PASS,
            expected=expected,
            actual=actual,
            evidence=(
                *named(recording, found.sides, "last before the failure", before[-1:]),
                *named(recording, found.sides, "first after the failure", after[:1]),
                *named(recording, found.sides, "not there", gone),
                *named(recording, found.sides, "still there", stayed),
            ),
            marks=marked(
                Dimension.DATA,
                0.0 if wrong else 1.0,
                f"{title}: {actual}",
                "Recover to the instant of the failure: see the target of the procedure, and which log it "
                "replayed to.",
            ),
        )


def _measures(params: Data, found: Losses, age: float, later: int) -> tuple[Measure, ...]:
    counts = Counter(write.write_class for write in found.writes)
    plain = {kind.value: counts[kind] for kind in (WriteClass.OK, WriteClass.RECOVERED, WriteClass.NEVER)}
    if found.discarded:
        plain[GONE_BY_DESIGN] = len(found.discarded)
    return (
        Measure(name=RPO, value=round(age, 3), limit=params.rpo),
        Measure(name="lost", value=len(found.lost), unit="", limit=params.lost),
        Measure(name=LOST_LATER, value=later, unit="", limit=0),
        *(Measure(name=name, value=number, unit="") for name, number in plain.items()),
    )


def _promise(params: Data) -> str:
    """Where some may be lost, a title that says that all is kept would contradict its own figures."""
    return "loss stays within the RPO" if params.rpo > 0 else "what was acknowledged is kept"


def _allowed(params: Data) -> str:
    if params.lost is not None:
        at_most = f"at most {params.lost} lost"
        return f"{at_most}, none acknowledged more than {span(params.rpo)} before the failure"
    if params.rpo == 0:
        return "no acknowledged write is lost"
    return f"nothing lost that was acknowledged more than {span(params.rpo)} before the failure, or after it"


def _limits(params: Data) -> str:
    limits = [(kind.value, params.limit(kind)) for kind in SPOILT]
    return ", ".join(f"{'no' if limit == 0 else f'at most {limit}'} {name}" for name, limit in limits)


def lost_beyond_rpo(result: CheckResult) -> bool:
    """Does this result say that more was lost than the RPO allows? It caps the score."""
    if result.check != _DataCheck.name or result.outcome is not Outcome.FAIL:
        return False
    by_name = {measure.name: measure for measure in result.measures}
    rpo, lost, later = by_name.get(RPO), by_name.get("lost"), by_name.get(LOST_LATER)
    if rpo is None or rpo.value is None or rpo.limit is None:
        return False
    forbidden = rpo.limit == 0 and lost is not None and bool(lost.value)
    return rpo.value > rpo.limit or forbidden or bool(later is not None and later.value)


CHECK = _DataCheck()
