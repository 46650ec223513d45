"""Is every write that clients were promised still there, exactly once, and equal in all stores?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

from pydantic import Field

from chaos.checks.kit import count, falling, since_start, span
from chaos.checks.kit.losses import Losses, around, losses, named, writers_rate
from chaos.kinds import Check, Objection, Part, ScenarioContext, UnknownName
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import (
    DUPLICATED,
    GONE_BY_DESIGN,
    KEPT,
    LOST,
    MISMATCHED,
    RECOVERED,
    RPO,
    STALE,
    UNEXPECTED,
    EvidenceKind,
    MeasureKey,
    ResultKey,
    Subject,
    SubjectKind,
)
from chaos.model.ledger import LedgerFacts
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import Cap, CheckResult, Dimension, Measure, Unit
from chaos.suggestions import known_words
from chaos.timeline.coverage import acknowledgement_gap
from chaos.timeline.ledger import WriteClass
from chaos.timeline.ledger_classes import ClassifiedWrite
from chaos.timeline.recording import Recording
from chaos.timing import Duration, format_duration

ACKNOWLEDGED_KEPT = ResultKey("data.kept")
SOUND = ResultKey("data.sound")
POINT_IN_TIME = ResultKey("data.point_in_time")
LOST_LATER = MeasureKey("data.lost_later")  # writes acknowledged while the fault was in place, and lost
NEVER = MeasureKey("data.never")  # writes with an unknown result that are not there
SPOILT = {
    WriteClass.UNEXPECTED: UNEXPECTED,
    WriteClass.DUPLICATED: DUPLICATED,
    WriteClass.MISMATCHED: MISMATCHED,
    WriteClass.STALE: STALE,
}
_COUNTED = {WriteClass.OK: KEPT, WriteClass.RECOVERED: RECOVERED, WriteClass.NEVER: NEVER}
FAIR_INTERVALS = 3.0  # planned write intervals by which an RPO may be uncertain
ACKNOWLEDGED_IN = 1.0  # real seconds that the answer to a write may take in addition
BEYOND_RPO = Cap(reason="acknowledged writes were lost beyond the RPO", rank=0)
_FIX_LOST = (
    "See for the ids lost what the system did between its answer and making it durable: commit, fsync, "
    "replication, archiving."
)
_FIX_SPOILT = (
    "Duplicated: make the write idempotent, and let the store exclude what may not overlap. Mismatched: feed "
    "other stores from a queue that survives. Stale: read from where it was written."
)
_FIX_INSTANT = (
    "Recover to the instant of the failure: see the target of the procedure, and which log it replayed to."
)


class Data(CheckParams):
    """Which writes of a ledger may be lost, and what must not be in its stores."""

    ledger: str
    rpo: Duration = Field(
        default=0.0, ge=0, description="how long before the failure acknowledged writes may be lost"
    )
    store: str | None = Field(
        default=None, description="the store that decides what was kept; default: the ledger's first store"
    )
    after_failure: Literal["kept", "discarded"] = Field(
        default="kept",
        description="discarded: the answer discards writes from the failure to its last step by design",
    )
    point_in_time: bool = Field(
        default=False, description="whether all writes from the failure to that step must be discarded"
    )
    lost: int | None = Field(
        default=None, ge=0, description="maximum number of lost writes; default: as many as the RPO allows"
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


class _DataCheck(Check[Data]):
    """Judges the writers' records from before and after each call, and the final read of every store.

    RPO is the failure instant minus the acknowledgement of the oldest lost write; the failure instant is just
    before the injection of the first fault. The system acknowledged later writes with the fault in place: no
    RPO allows their loss, so it has no value then, unless they are discarded by design (``after_failure``).
    """

    name = "data"
    summary = "acknowledged writes are kept, once, and the same in every store"
    params = Data
    dimensions = (Dimension.DATA,)
    reads = (Part.JOURNAL, Part.LEDGER)
    unproven = Cap(reason="that no acknowledged write was lost was not proven", rank=3)

    def problems(self, params: Data, context: ScenarioContext) -> Iterator[Objection]:
        scenario, stack, ledger = context.scenario, context.stack, params.ledger
        facts = stack.ledgers.get(ledger)
        if facts is None:
            yield UnknownName.of(("ledger",), "ledger", ledger, stack.ledgers)
            return
        if ledger not in {writers.ledger for writers in scenario.ledgers}:
            fix = f"add ledgers: [{{ledger: {ledger}, rate: 3/s}}] to the scenario"
            yield Objection(("ledger",), f"no load writes to ledger {ledger}", fix)
        if params.store is not None and params.store not in facts.stores:
            message = f"ledger {ledger} has no store {params.store!r}"
            yield Objection(("store",), message, known_words(params.store, facts.stores))
        if not scenario.timeline:
            message = "without a fault there is no failure that could lose data"
            yield Objection((), message, "add a timeline")
        yield from _discards(params, scenario)
        if params.lost and params.rpo == 0:
            message = f"lost: {params.lost} has no effect: with an RPO of 0s no lost write is allowed"
            yield Objection(("lost",), message, "write rpo: as well, or remove it")
        store = params.store or facts.authority
        same = [one for one in scenario.expect.get(self.name, ()) if _is_about(one, ledger, store, facts)]
        if len(same) > 1:
            message = f"two expectations are about store {store} of ledger {ledger}"
            yield Objection((), message, "keep one of the two")
        for service in context.unanswered_services():
            objective = stack.objectives.get(service)
            if objective is not None and params.rpo > objective.rpo:
                yield Objection(
                    ("rpo",),
                    f"the RPO {format_duration(params.rpo)} is longer than the objective of {service} in "
                    f"stack.yaml, {format_duration(objective.rpo)}",
                    "shorten it to the objective, or change the objective",
                )

    def data_of(self, params: Data, stack: Stack) -> Iterator[str]:
        """The service with the ledger's authoritative store, and the service that clients write to."""
        facts = stack.ledgers.get(params.ledger)
        if facts is None:
            return
        store = facts.stores.get(params.store or facts.authority)
        call = (store.command or store.http) if store is not None else None
        if call is not None:
            yield call.service
        if facts.entry is not None and params.store is None:
            yield facts.entry.target

    def asks(self, plan: Plan, params: Data) -> Iterator[Asked]:
        subject = Subject(kind=SubjectKind.LEDGER, name=subject_name(params.ledger, params.store))
        shown = params.ledger if params.store is None else f"{params.ledger} in {params.store}"
        ask = partial(self.asked, subject=subject, dimension=Dimension.DATA)
        yield ask(ACKNOWLEDGED_KEPT, f"{shown}: {_promise(params)}", _allowed(params))
        yield ask(SOUND, f"{shown}: each write is there once, the same everywhere", _limits(params))
        if params.point_in_time:
            wanted = "what was acknowledged before the failure is there, what came after it is not"
            yield ask(POINT_IN_TIME, f"{shown}: recovered to just before the failure", wanted)

    def answers(self, recording: Recording, params: Data, asked: Sequence[Asked]) -> Iterator[CheckResult]:
        found = losses(recording, params.ledger, params.store, params.after_failure == "discarded")
        by_key = {ACKNOWLEDGED_KEPT: _kept, SOUND: _sound, POINT_IN_TIME: _exact}
        yield from (one.settled(partial(by_key[one.key], recording, params, found, one)) for one in asked)


def _is_about(entry: CheckParams, ledger: str, store: str, facts: LedgerFacts) -> bool:
    return isinstance(entry, Data) and entry.ledger == ledger and (entry.store or facts.authority) == store


def subject_name(ledger: str, store: str | None) -> str:
    """How a result names the ledger or one of its stores: ``orders``, ``orders/db``."""
    return ledger if store is None else f"{ledger}/{store}"


def _kept(recording: Recording, params: Data, found: Losses, asked: Asked) -> CheckResult:
    moments = found.instants
    instants = [write.instant or 0.0 for write in found.lost]
    before = moments.failure - min(instants) if instants else 0.0
    age = max(0.0, before)
    later = sum(instant > moments.struck for instant in instants)
    acknowledged = sum(write.history.acknowledged is not None for write in found.writes)
    too_many = params.lost is not None and len(found.lost) > params.lost
    # An RPO of 0 allows no loss, not even of writes acknowledged during the injection.
    forbidden = bool(later or (found.lost and params.rpo == 0))
    actual = f"none of {count(acknowledged, 'acknowledged write')} was lost"
    if found.lost:
        actual = (
            f"{len(found.lost)} of {count(acknowledged, 'acknowledged write')} lost, the oldest "
            f"acknowledged {span(abs(before), params.rpo)} {'before' if before >= 0 else 'after'} the failure"
        )
        actual += f"; {later} acknowledged after it" if later else ""
    if found.discarded:
        actual += f"; {len(found.discarded)} gone by design"
    evidence = (
        since_start(recording, moments.failure, "the failure: the first fault is injected"),
        *named(recording, moments, "lost", found.lost, EvidenceKind.WRITE_LOST),
        *named(recording, moments, "gone by design", found.discarded),
    )
    gap = acknowledgement_gap(recording, params.ledger, moments.failure)
    measures = _measures(params, found, age, later, gap)
    kept = age <= params.rpo and not forbidden and not too_many
    finest = params.rpo + FAIR_INTERVALS / writers_rate(recording, params.ledger) + ACKNOWLEDGED_IN
    if kept and found.doubt:
        raise CannotTell(found.doubt, evidence=evidence, measures=measures)
    if kept and gap is not None and gap > finest:
        why = (
            f"the last write before the failure was acknowledged {span(gap)} before it, so what was lost is "
            f"known no finer; the RPO is {format_duration(params.rpo)}"
        )
        raise CannotTell(why, evidence=evidence, measures=measures)
    if kept:
        return asked.passed(actual, evidence=evidence, measures=measures)
    fraction = 0.0 if forbidden else falling(age, params.rpo)
    if too_many:
        fraction = min(fraction, falling(len(found.lost), params.lost or 0))
    beyond = forbidden or round(age, 3) > params.rpo
    return asked.failed(
        actual,
        fix=_FIX_LOST,
        fraction=fraction,
        cap=BEYOND_RPO if beyond else None,
        evidence=evidence,
        measures=measures,
    )


def _sound(recording: Recording, params: Data, found: Losses, asked: Asked) -> CheckResult:
    groups = {kind: found.of(kind) for kind in SPOILT}
    actual = ", ".join(f"{len(writes)} {kind.value}" for kind, writes in groups.items() if writes)
    evidence = [
        fact
        for kind, writes in groups.items()
        for fact in named(recording, found.instants, kind.value, writes, EvidenceKind.WRITE_SPOILT)
    ]
    measures = [
        Measure(
            key=SPOILT[kind],
            label=f"writes {kind.value}",
            value=len(writes),
            unit=Unit.NUMBER,
            limit=params.limit(kind),
        )
        for kind, writes in groups.items()
    ]
    if all(len(writes) <= params.limit(kind) for kind, writes in groups.items()):
        if found.doubt:
            raise CannotTell(found.doubt, evidence=evidence, measures=measures)
        actual = actual or f"{count(len(found.writes), 'write')}, none of them spoilt"
        return asked.passed(actual, evidence=evidence, measures=measures)
    known = {kind: [write for write in writes if not _unwritten(write)] for kind, writes in groups.items()}
    if found.doubt and all(len(writes) <= params.limit(kind) for kind, writes in known.items()):
        why = f"{actual}, but the record of the writers has holes, so their lines may be lost: {found.doubt}"
        raise CannotTell(why, evidence=evidence, measures=measures)
    fraction = min(falling(len(writes), params.limit(kind)) for kind, writes in groups.items())
    return asked.failed(actual, fix=_FIX_SPOILT, fraction=fraction, evidence=evidence, measures=measures)


def _unwritten(write: ClassifiedWrite) -> bool:
    """Is it in a store without any line of the writers?"""
    return write.write_class is WriteClass.UNEXPECTED and not write.history.attempts


def _exact(recording: Recording, params: Data, found: Losses, asked: Asked) -> CheckResult:
    before, after = around(found)
    missing = [side for side, writes in (("before", before), ("after", after)) if not writes]
    if missing:
        raise CannotTell(f"no write was acknowledged just {' and just '.join(missing)} the failure")
    lost = {write.id for write in found.lost}
    gone = [write for write in before if write.id in lost]
    stayed = [write for write in after if write.kept]
    actual = (
        f"of {len(before)} just before {len(before) - len(gone)} are there, "
        f"of {len(after)} just after {len(stayed)} are"
    )
    groups: list[tuple[str, Sequence[ClassifiedWrite]]] = [
        ("last before the failure", before[-1:]),
        ("first after the failure", after[:1]),
        ("not there", gone),
        ("still there", stayed),
    ]
    evidence = [fact for what, writes in groups for fact in named(recording, found.instants, what, writes)]
    if not (stayed or gone) and found.doubt:
        raise CannotTell(found.doubt, evidence=evidence)
    if stayed or gone:
        return asked.failed(actual, fix=_FIX_INSTANT, evidence=evidence)
    return asked.passed(actual, evidence=evidence)


def _measures(params: Data, found: Losses, age: float, later: int, gap: float | None) -> tuple[Measure, ...]:
    counts = Counter(write.write_class for write in found.writes)
    plain = [(key, f"writes {kind.value}", counts[kind]) for kind, key in _COUNTED.items()]
    if found.discarded:
        plain.append((GONE_BY_DESIGN, "writes gone by design", len(found.discarded)))
    after = "writes lost, acknowledged after the failure"
    known = "" if gap is None else f"known no finer than {span(gap)}: the last write acknowledged before it"
    # No RPO is long enough for these: a figure of the earlier writes would look as if it were.
    note = "beyond any limit: writes acknowledged after the failure were lost" if later else known
    rpo = None if later else round(age, 3)
    return (
        Measure(key=RPO, label="RPO", value=rpo, limit=params.rpo, note=note),
        Measure(key=LOST, label="writes lost", value=len(found.lost), unit=Unit.NUMBER, limit=params.lost),
        Measure(key=LOST_LATER, label=after, value=later, unit=Unit.NUMBER, limit=0),
        *(Measure(key=key, label=label, value=number, unit=Unit.NUMBER) for key, label, number in plain),
    )


def _discards(params: Data, scenario: Scenario) -> Iterator[Objection]:
    discards = params.after_failure == "discarded"
    if params.point_in_time and not discards:
        message = "a recovery to a point in time discards what was written after it"
        yield Objection(("point_in_time",), message, "add after_failure: discarded")
    if discards and all(step.answer is None for step in scenario.timeline):
        message = "no step of the timeline has an answer, so nothing is discarded by design"
        fix = "answer the fault with a procedure, or leave it at kept"
        yield Objection(("after_failure",), message, fix)


def _promise(params: Data) -> str:
    """The title depends on the limit: if loss is allowed, "all is kept" would contradict the figures."""
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


CHECK = _DataCheck()
