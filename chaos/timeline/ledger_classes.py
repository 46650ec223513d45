"""Assigns each write of a ledger to exactly one class, from the writers' records and the final reads.

The classes are those of Jepsen's set checkers (https://github.com/jepsen-io/jepsen, ``checker.clj``), and two
more for several stores. ``WriteClass`` lists them in order of precedence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chaos.model.ledger import LedgerFacts
from chaos.timeline.ledger import LedgerOp, StoreRead, StoreRow, WriteClass


class Word(StrEnum):
    """What the client knows about a write in the end."""

    ACKNOWLEDGED = "acknowledged"  # by any of its attempts
    REFUSED = "refused"  # by all of them
    UNKNOWN = "unknown"  # at least one attempt may have been carried out, and none was acknowledged
    NEVER = "never invoked"


@dataclass
class WriteHistory:
    """The writers' record of one write. Instants on the run axis; None: it did not happen."""

    invoked: float | None = None  # the first attempt
    acknowledged: float | None = None  # the first acknowledgement
    last_invoked: float | None = None
    last_acknowledged: float | None = None
    missed: float | None = None  # when the latest read that did not find it began
    values: Mapping[str, str] = field(default_factory=dict)
    attempts: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)

    @property
    def word(self) -> Word:
        if self.acknowledged is not None:
            return Word.ACKNOWLEDGED
        if not self.attempts:
            return Word.NEVER
        return Word.REFUSED if self.attempts <= self.refused else Word.UNKNOWN


@dataclass(frozen=True)
class ClassifiedWrite:
    """One write and its class. ``why``: the reason, for people; empty if the class says enough."""

    id: str
    write_class: WriteClass
    history: WriteHistory
    rows: int  # of the authority
    why: str = ""
    excludes: str = ""  # the other id whose row in the authority excludes this one's

    @property
    def kept(self) -> bool:
        """Is the write in the authority?"""
        return self.rows > 0

    @property
    def instant(self) -> float | None:
        """When it was acknowledged, else first invoked; None if neither."""
        return self.history.invoked if self.history.acknowledged is None else self.history.acknowledged


def histories(ops: Iterable[LedgerOp]) -> dict[str, WriteHistory]:
    """The writers' records of one ledger: id -> history."""
    found: dict[str, WriteHistory] = defaultdict(WriteHistory)
    for op in ops:
        story = found[op.id]
        if op.op == "invoked":
            story.attempts.add(op.attempt)
            story.invoked = op.at if story.invoked is None else min(story.invoked, op.at)
            story.last_invoked = max(op.at, story.last_invoked or op.at)
            story.values = op.values or story.values
        elif op.op == "acknowledged":
            story.attempts.add(op.attempt)
            story.acknowledged = op.at if story.acknowledged is None else min(story.acknowledged, op.at)
            story.last_acknowledged = max(op.at, story.last_acknowledged or op.at)
        elif op.op == "refused":
            story.attempts.add(op.attempt)
            story.refused.add(op.attempt)
        elif op.op == "unknown":
            story.attempts.add(op.attempt)
        elif op.op == "missed" and op.began is not None:
            story.missed = op.began if story.missed is None else max(story.missed, op.began)
    return dict(found)


def sort_writes(
    facts: LedgerFacts, authority: str, ops: Iterable[LedgerOp], reads: Sequence[StoreRead]
) -> tuple[ClassifiedWrite, ...]:
    """Every id that was invoked or is in a store, with its class, in order of time. O(n log n).

    ``reads``: the final reads of one ledger. KeyError if that of ``authority`` is not among them.
    """
    stories = histories(ops)
    shelves = {read.store: _shelf(read.rows) for read in reads}
    kept = shelves[authority]
    clashing = overlapping(facts, [row for rows in kept.values() for row in rows])
    ids = {ident for ident, story in stories.items() if story.attempts}
    ids.update(ident for shelf in shelves.values() for ident in shelf)
    found = [
        _sorted(facts, ident, stories.get(ident) or WriteHistory(), authority, shelves, clashing)
        for ident in ids
    ]
    return tuple(sorted(found, key=lambda write: (write.instant or 0.0, _natural(write.id))))


def stores_agree(facts: LedgerFacts, reads: Sequence[StoreRead]) -> bool:
    """Do all stores have the same ids, and the same values of the compared fields? Needs one read or more."""
    shelves = {read.store: _shelf(read.rows) for read in reads}
    first, *others = shelves.values()
    if any(first.keys() != other.keys() for other in others):
        return False
    return not any(_difference(facts, {}, _rows_of(ident, shelves)) for ident in first)


def overlapping(facts: LedgerFacts, rows: Iterable[StoreRow]) -> dict[str, str]:
    """Id -> the id of another row of the same resource whose period overlaps.

    Rows without one of the values, with an empty period, or that do not match ``when`` do not count. Every
    overlap is found: sorted by start, a row that overlaps any other one overlaps the next row, or the earlier
    row with the latest end.
    """
    exclusive = facts.exclusive
    if exclusive is None:
        return {}
    periods: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        start, end = row.values.get(exclusive.start, ""), row.values.get(exclusive.end, "")
        counts = all(row.values.get(name) == value for name, value in exclusive.when.items())
        if counts and exclusive.resource in row.values and start and start < end:
            periods[row.values[exclusive.resource]].append((start, end, row.id))
    clashing: dict[str, str] = {}
    for taken in periods.values():
        taken.sort()
        latest = taken[0]
        for period in taken[1:]:
            if period[0] < latest[1] and period[2] != latest[2]:
                clashing.setdefault(period[2], latest[2])
                clashing.setdefault(latest[2], period[2])
            if period[1] > latest[1]:
                latest = period
    return clashing


_Shelf = Mapping[str, list[StoreRow]]


def _shelf(rows: Iterable[StoreRow]) -> _Shelf:
    shelf: dict[str, list[StoreRow]] = defaultdict(list)
    for row in rows:
        shelf[row.id].append(row)
    return dict(shelf)


def _rows_of(ident: str, shelves: Mapping[str, _Shelf]) -> dict[str, list[StoreRow]]:
    return {store: shelf.get(ident, []) for store, shelf in shelves.items()}


def _sorted(
    facts: LedgerFacts,
    ident: str,
    story: WriteHistory,
    authority: str,
    shelves: Mapping[str, _Shelf],
    clashing: Mapping[str, str],
) -> ClassifiedWrite:
    rows = _rows_of(ident, shelves)
    kept = len(rows[authority])
    holding = [store for store, found in rows.items() if found]
    word = story.word

    def classified(found: WriteClass, why: str = "") -> ClassifiedWrite:
        return ClassifiedWrite(ident, found, story, kept, why, clashing.get(ident, ""))

    if holding and word in (Word.NEVER, Word.REFUSED):
        return classified(WriteClass.UNEXPECTED, f"{word}, and yet in {', '.join(holding)}")
    twice = [f"{len(found)} times in {store}" for store, found in rows.items() if len(found) > 1]
    if twice:
        return classified(WriteClass.DUPLICATED, ", ".join(twice))
    if ident in clashing:
        return classified(WriteClass.DUPLICATED, f"excludes {clashing[ident]}, and both are in {authority}")
    if word is Word.ACKNOWLEDGED and not kept:
        return classified(WriteClass.LOST, f"still in {', '.join(holding)}" if holding else "")
    difference = _difference(facts, story.values, rows)
    if difference:
        return classified(WriteClass.MISMATCHED, difference)
    if not holding:
        return classified(WriteClass.NEVER)
    if word is Word.UNKNOWN:
        return classified(WriteClass.RECOVERED)
    if story.missed is not None and story.acknowledged is not None and story.missed > story.acknowledged:
        return classified(WriteClass.STALE, f"not found {story.missed - story.acknowledged:.2f} s after that")
    return classified(WriteClass.OK)


def _difference(facts: LedgerFacts, written: Mapping[str, str], rows: Mapping[str, list[StoreRow]]) -> str:
    """How the stores differ from each other, or from what was written, for one id; "" if they do not."""
    holding = [store for store, found in rows.items() if found]
    if not holding:
        return ""
    missing = [store for store in rows if store not in holding]
    if missing:
        return f"in {', '.join(holding)}, but not in {', '.join(missing)}"
    for name in facts.fields:
        said = {store: found[0].values[name] for store, found in rows.items() if name in found[0].values}
        if name in written:
            said = {"written": written[name], **said}
        if len(set(said.values())) > 1:
            return f"{name}: " + ", ".join(f"{where} {value!r}" for where, value in said.items())
    return ""


def _natural(ident: str) -> tuple[str, int, str]:
    """A sort key for ids that end in a number, so that 9 comes before 10. The number stays text, because a
    damaged id may have more digits than ``int`` accepts.
    """
    head = ident.rstrip("0123456789")
    number = ident[len(head) :].lstrip("0")
    return head, len(number), number
