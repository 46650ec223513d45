"""Compares the writes of a ledger with the failure: lost, discarded by design, or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos.checks.kit.density import silent_writers, writers_doubt
from chaos.checks.kit.slowness import with_saturation
from chaos.checks.kit.words import since_start, span
from chaos.model.asked import CannotTell, Doubt
from chaos.model.identity import EvidenceKind
from chaos.model.ledger import LedgerFacts
from chaos.model.verdict import Evidence
from chaos.timeline.coverage import writing_until
from chaos.timeline.events import LoadStarted, SteadyState
from chaos.timeline.ledger import LedgerOp, StoreRead, WriteClass
from chaos.timeline.ledger_classes import ClassifiedWrite, sort_writes
from chaos.timeline.observations import WritersStarted
from chaos.timeline.procedures import procedure_runs
from chaos.timeline.questions import fault_windows
from chaos.timeline.recording import Recording

SHOWN = 10  # ids of each class that evidence names
SETTLES = 3.0  # real seconds after an undo in which waiting writes may still delay new ones
LONGEST_GAP = 5.0  # real seconds without a new write after which the writers count as stopped


@dataclass(frozen=True)
class FailureInstants:
    """The instants that classify the writes. Run axis."""

    failure: float  # the first fault was about to be injected
    struck: float  # its injection was done
    reopened: float | None  # the last step of its answer began, which lets clients in again


@dataclass(frozen=True)
class Losses:
    """Every write by its class; lost writes are separate from those discarded by design."""

    writes: tuple[ClassifiedWrite, ...]
    instants: FailureInstants
    lost: tuple[ClassifiedWrite, ...]
    discarded: tuple[ClassifiedWrite, ...]
    doubt: Doubt | None = None  # too few writes to say "none was lost"; a loss that was seen still counts

    def of(self, wanted: WriteClass) -> tuple[ClassifiedWrite, ...]:
        gone = {write.id for write in self.discarded}
        return tuple(write for write in self.writes if write.write_class is wanted and write.id not in gone)


def losses(recording: Recording, ledger: str, store: str | None, discards: bool) -> Losses:
    """The classified writes of the ledger. Raises ``CannotTell`` if the recording has too little data."""
    facts = recording.plan.stack.ledgers.get(ledger)
    if facts is None:
        raise CannotTell(f"the plan holds no ledger {ledger}")
    windows = fault_windows(recording)
    if not windows:
        raise CannotTell("the recording does not say when the failure was")
    first = min(windows, key=lambda window: window.start)
    struck = first.injected if first.injected is not None else first.start
    instants = FailureInstants(first.start, struck, _reopened(recording))
    ops = tuple(op for op in recording.ledger if op.ledger == ledger)
    reads = tuple(read for read in recording.reads if read.ledger == ledger)
    authority = store or facts.authority
    _require_complete_reads(facts, reads)
    _require_late_reads(recording, ops, reads)
    doubt = _doubt(recording, ledger, ops, instants)
    if discards:
        ops = tuple(op for op in ops if not _missed_by_design(op, instants))
    writes = sort_writes(facts, authority, ops, reads)
    discarded = tuple(write for write in writes if discards and _by_design(write, instants))
    gone = {write.id for write in discarded}
    lost = tuple(write for write in writes if write.write_class is WriteClass.LOST and write.id not in gone)
    return Losses(writes, instants, lost, discarded, doubt)


def _reopened(recording: Recording) -> float | None:
    """The recovered store accepts writes until a step of the procedure stops it; the recovery discards them.
    Writes from the last step on, which lets clients in again, must be kept.
    """
    answer = next((run for run in procedure_runs(recording) if run.purpose == "answer"), None)
    if answer is None:
        return None
    return answer.steps[-1].start if answer.steps else answer.start


def _require_complete_reads(facts: LedgerFacts, reads: Sequence[StoreRead]) -> None:
    """Raise ``CannotTell`` unless the final read of every store is complete."""
    by_store = {read.store: read for read in reads}
    for store in facts.stores:
        if store not in by_store:
            raise CannotTell(f"there is no final read of {store}")
        if not by_store[store].complete:
            raise CannotTell(f"{store} could not be read in the end: {by_store[store].detail}")


def _require_late_reads(recording: Recording, ops: Sequence[LedgerOp], reads: Sequence[StoreRead]) -> None:
    """Raise ``CannotTell`` if a final read began before the last undo, or before the last write was answered:
    it cannot show what was kept.
    """
    undone = [window.end for window in fault_windows(recording) if window.end is not None]
    written = [op.at for op in ops if op.op in ("invoked", "acknowledged")]
    for read in reads:
        if undone and read.began < max(undone):
            raise CannotTell(f"the final read of {read.store} is dated before the fault was undone")
        if written and read.began < max(written):
            raise CannotTell(f"the final read of {read.store} is dated before the last write")


def _doubt(
    recording: Recording, ledger: str, ops: Sequence[LedgerOp], instants: FailureInstants
) -> Doubt | None:
    """Why there are too few writes to say that nothing was lost: the writers must keep their rate before and
    after the failure, without silence in between. None: they did.

    Raises ``CannotTell`` if no write was acknowledged before the failure.
    """
    acknowledged = [op.at for op in ops if op.op == "acknowledged"]
    if not any(at < instants.failure for at in acknowledged):
        raise CannotTell("no write was acknowledged before the failure")
    rate = writers_rate(recording, ledger)
    invoked = [op.at for op in ops if op.op == "invoked" and op.attempt == 1]
    ends = [window.end for window in fault_windows(recording) if window.end is not None]
    over = max(ends, default=instants.struck)
    gap = over - max(invoked, default=0.0)
    if gap > max(LONGEST_GAP, 3.0 / rate):
        return Doubt(f"the writers stopped {span(gap)} before the last fault was over")
    start, end = _writing(recording, ledger, min(invoked, default=instants.failure))
    doubt = writers_doubt(recording, [(start, instants.failure), (over + SETTLES, end)], ledger) or (
        silent_writers(recording, (instants.failure, over), ledger)
    )
    return doubt and with_saturation(recording, start, end, doubt)


def writers_rate(recording: Recording, ledger: str) -> float:
    """New writes a second, as planned."""
    return next((w.rate.per_second for w in recording.plan.scenario.ledgers if w.ledger == ledger), 1.0)


def _writing(recording: Recording, ledger: str, first: float) -> tuple[float, float]:
    """Start and end of the writers' work; ``first``: their first write.

    Recordings before version 3 have neither: the writers began with the load, and wrote at least until the
    steady state was back.
    """
    began = [one.at for one in recording.of(WritersStarted) if one.ledger == ledger]
    began += [one.at for one in recording.of(LoadStarted)]
    back = [one.at for one in recording.of(SteadyState) if one.when == "after"]
    until = writing_until(recording, ledger)
    return (began[0] if began else first), (next(iter(back), first) if until is None else until)


def _by_design(write: ClassifiedWrite, instants: FailureInstants) -> bool:
    """Written between the failure and the end of its answer, and discarded from the authority by it; or sent
    again after that, while other stores still had the first copy.

    A write that was sent before the failure and acknowledged after it may be kept or not.
    """
    if write.instant is None or instants.reopened is None:
        return False
    if not instants.failure <= write.instant <= instants.reopened:
        return False
    if write.write_class is WriteClass.DUPLICATED:
        return write.rows <= 1 and not write.excludes  # at least the authority holds it once or not at all
    return not write.kept and write.write_class in (WriteClass.LOST, WriteClass.MISMATCHED)


def _missed_by_design(op: LedgerOp, instants: FailureInstants) -> bool:
    """A read between the failure and the end of its answer: recovered data is not there yet."""
    if op.op != "missed" or op.began is None or instants.reopened is None:
        return False
    return instants.failure <= op.at and op.began <= instants.reopened


def around(found: Losses) -> tuple[list[ClassifiedWrite], list[ClassifiedWrite]]:
    """The writes that show to which instant a store was recovered: the last ones acknowledged before the
    failure, and those sent and acknowledged between it and the reopening. Excludes writes sent again later,
    which come back with the second copy.
    """
    instants = found.instants
    before, after = [], []
    for write in found.writes:
        story = write.history
        if story.acknowledged is None or story.invoked is None:
            continue
        if story.acknowledged < instants.failure:
            before.append(write)
        elif instants.reopened is not None and instants.struck <= story.invoked:
            last = max(story.last_invoked or 0.0, story.last_acknowledged or 0.0)
            if last <= instants.reopened:
                after.append(write)
    return before[-SHOWN:], after


def named(
    recording: Recording,
    instants: FailureInstants,
    what: str,
    writes: Sequence[ClassifiedWrite],
    kind: EvidenceKind = EvidenceKind.WRITE,
) -> Iterator[Evidence]:
    """The first ids, each with its instant and the reason for its class."""
    for write in writes[:SHOWN]:
        words = f"{what}: {write.id}" + (f", {write.why}" if write.why else "")
        if write.instant is None:
            yield Evidence(text=words, kind=kind, ids=(write.id,))
            continue
        verb = "acknowledged" if write.history.acknowledged is not None else "sent"
        apart = instants.failure - write.instant
        side = "before" if apart >= 0 else "after"
        text = f"{words}, {verb} {span(abs(apart))} {side} the failure"
        yield since_start(recording, write.instant, text, kind, write.id)
    if len(writes) > SHOWN:
        yield Evidence(text=f"{what}: and {len(writes) - SHOWN} more")
