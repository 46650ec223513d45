"""Finds contradictions between a recording and the schedules of its load and writers. Pure.

The load sends request k exactly k / rate seconds after the first, and writes are numbered. So this module
finds lost lines and wrong instants even without line numbers. Instants are on the run axis, lengths are real
seconds.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from chaos.model.run_files import JOURNAL, LEDGER, LOAD, READBACK
from chaos.timeline.contradictions import contradicted_answers, contradicted_samples, late_probes
from chaos.timeline.damage import Damage, damages
from chaos.timeline.events import LoadStarted, LoadStopped, Phase, RunEnded
from chaos.timeline.observations import WritersStarted
from chaos.timeline.recording import Recording
from chaos.timeline.sequence import out_of_sequence

BEGINS_WITHIN = 1.5  # seconds between the start event of the load or the writers and their first line
OFF_SCHEDULE = 0.2  # share of the time between two requests by which one may be off its schedule
PHASE_SLACK = 0.5  # seconds by which a request may be outside the phases with load
CALL_LATE = 5.0  # seconds by which a call of the writers may last longer than its time-out
DEFAULT_TIMEOUT = 10.0  # seconds; of such a call
_OUTCOMES = ("acknowledged", "refused", "unknown")
CLOCK_READS = 0.25  # seconds by which two dates of one thing may differ: each reads the clock for itself
LARGEST_FALL = 1.0  # seconds by which a ledger line may be earlier than the line above it


def inconsistencies(recording: Recording) -> tuple[Damage, ...]:
    """What is wrong with a recording that contradicts itself; empty if nothing is. If it does not
    say when the load began, requests are compared with the phases of the run only.
    """
    started = next(recording.of(LoadStarted), None)
    load: Iterator[str] = iter(())
    if recording.plan.scenario.load is not None:
        load = _outside(recording) if started is None else _load(recording, started)
        load = chain(load, contradicted_answers(recording))
    return (
        *damages(JOURNAL, out_of_sequence(recording)),
        *damages(JOURNAL, contradicted_samples(recording)),
        *damages(JOURNAL, late_probes(recording)),
        *damages(LOAD, load),
        *damages(LEDGER, _ledger(recording)),
        *damages(READBACK, _reads(recording)),
    )


def _load(recording: Recording, started: LoadStarted) -> Iterator[str]:
    planned = sorted([*recording.requests.intended, *(w.intended for w in recording.waiting)])
    if not planned:
        return
    first = planned[0] if started.first is None else started.first
    apart = first - started.at
    if abs(apart) > BEGINS_WITHIN:
        yield f"its first request is dated {abs(apart):.1f} s {_side(apart)} the start of the load"
    places = array("d", ((instant - first) * started.rate for instant in planned))
    last = planned[-1]
    del planned  # of a million requests each list is 32 MB
    slots = sorted(map(round, places))
    off = sum(abs(place - slot) > OFF_SCHEDULE for place, slot in zip(sorted(places), slots, strict=True))
    if off:
        yield f"{off} requests are off the schedule of the load"
    doubled = len(slots) - _distinct(slots)
    if doubled and not off:
        yield f"{doubled} requests have the same instant as another one"
    due = max(0, _due(recording, started, first, last))
    missing = due - _distinct(slots[bisect_left(slots, 0) : bisect_left(slots, due)])
    if missing:
        yield f"{missing} planned requests have no line"


def _distinct(ordered: Sequence[int]) -> int:
    """How many different numbers are in a sequence in ascending order."""
    return sum(earlier != later for earlier, later in pairwise(ordered)) + bool(ordered)


def _outside(recording: Recording) -> Iterator[str]:
    """Requests before the steady phase, where the load begins, or after the teardown began."""
    planned = recording.requests.intended
    steady, teardown = recording.phase_began(Phase.STEADY), recording.phase_began(Phase.TEARDOWN)
    if planned and steady is not None and min(planned) < steady - PHASE_SLACK:
        yield f"its first request is dated {steady - min(planned):.1f} s before the load could begin"
    if planned and teardown is not None and max(planned) > teardown + PHASE_SLACK:
        yield f"its last request is dated {max(planned) - teardown:.1f} s after the teardown began"


def _due(recording: Recording, started: LoadStarted, first: float, last: float) -> int:
    """How many planned requests must have a line: those that had timed out before the load stopped."""
    profile = recording.plan.load_profile
    patience = started.patience if started.patience is not None else profile.timeout if profile else 0.0
    stopped = next(recording.of(LoadStopped), None)
    until = last if stopped is None else stopped.at
    return int((until - patience - 1.0 - first) * started.rate)


def _ledger(recording: Recording) -> Iterator[str]:
    fall = max((a.at - b.at for a, b in pairwise(recording.ledger)), default=0.0)
    if fall > LARGEST_FALL:
        yield f"a line is dated {fall:.1f} s before the one above it"
    yield from _impossible_writes(recording)
    began = {(op.ledger, op.id) for op in recording.ledger if op.op == "invoked"}
    ended = {(op.ledger, op.id) for op in recording.ledger if op.op in _OUTCOMES}
    if orphans := ended - began:
        yield f"{len(orphans)} writes have a line for their result but none for their call"
    if open_ := _without_outcome(recording):
        yield f"{open_} writes have no line for their result"
    for entry in recording.plan.scenario.ledgers:
        yield from _writes(recording, entry.ledger, {name for of, name in began if of == entry.ledger})


def _impossible_writes(recording: Recording) -> Iterator[str]:
    """An attempt has one result, which comes after it, and all of it is inside the run."""
    instants = [op.at for op in recording.ledger]
    if instants and recording.events:
        early, late = recording.began - min(instants), max(instants) - recording.ended
        if early > LARGEST_FALL:
            yield f"it has lines from {early:.1f} s before the run began"
        if late > LARGEST_FALL:
            yield f"it has lines from {late:.1f} s after the run had ended"
    made: dict[tuple[str, str, int], float] = {}
    results: Counter[tuple[str, str, int]] = Counter()
    reversed_ = 0
    for op in recording.ledger:
        attempt = (op.ledger, op.id, op.attempt)
        if op.op == "invoked":
            made[attempt] = op.at
        elif op.op in _OUTCOMES:
            results[attempt] += 1
            reversed_ += op.at < made.get(attempt, op.at) - CLOCK_READS
    if several := sum(number > 1 for number in results.values()):
        yield f"{several} writes have several results of one attempt"
    if reversed_:
        yield f"{reversed_} writes were answered before they were made"


def _reads(recording: Recording) -> Iterator[str]:
    """Each store is read once in the end, before the run ends."""
    other_run = re.compile(rf"gd-(?!{re.escape(recording.run_id.rpartition('-')[2])}-)[0-9a-f]{{6}}-")
    if foreign := sum(other_run.match(row.id) is not None for read in recording.reads for row in read.rows):
        yield f"{foreign} rows are of another run"
    stores = Counter((read.ledger, read.store) for read in recording.reads)
    for (_, store), number in stores.items():
        if number > 1:
            yield f"it has {number} final reads of {store}"
    over = next((one.at for one in recording.of(RunEnded)), None)
    for read in recording.reads:
        began, ended = read.began, read.ended
        if read.began_mono is not None and read.ended_mono is not None:
            began, ended = read.began_mono, read.ended_mono  # as they were read: none is reversed on the axis
        if began > ended + CLOCK_READS:
            yield f"the final read of {read.store} began after it had ended"
        if over is not None and read.ended > over + LARGEST_FALL:
            yield f"the final read of {read.store} is dated {read.ended - over:.1f} s after the run had ended"


def _without_outcome(recording: Recording) -> int:
    """How many attempts have no result although their call must have ended. The writers record a result for
    each attempt, at least ``unknown``; only attempts in progress at the end have none.
    """
    ended = {(op.ledger, op.id, op.attempt) for op in recording.ledger if op.op in _OUTCOMES}
    last = max((op.at for op in recording.ledger), default=0.0)
    return sum(
        op.op == "invoked"
        and (op.ledger, op.id, op.attempt) not in ended
        and op.at < last - _call_timeout(recording, op.ledger) - CALL_LATE
        for op in recording.ledger
    )


def _call_timeout(recording: Recording, ledger: str) -> float:
    facts = recording.plan.stack.ledgers.get(ledger)
    return DEFAULT_TIMEOUT if facts is None else facts.write.timeout


def _writes(recording: Recording, ledger: str, made: set[str]) -> Iterator[str]:
    """Writes in the stores without a line, and a wrong start. An id contains the id of the run and a number,
    so a row of another origin cannot have it.
    """
    prefix = f"gd-{recording.run_id.rpartition('-')[2]}-{ledger}-"
    held = {row.id for read in recording.reads if read.ledger == ledger for row in read.rows}
    lost = {one for one in held if one.startswith(prefix)} - made
    if lost:
        yield f"{len(lost)} writes to {ledger} that the stores hold have no line"
    first = next((op for op in recording.ledger if op.ledger == ledger and op.id.startswith(prefix)), None)
    start = _writers_began(recording, ledger)
    if first is not None and start is not None and abs(first.at - start) > BEGINS_WITHIN:
        yield (
            f"the first write to {ledger} is dated {abs(first.at - start):.1f} s "
            f"{_side(first.at - start)} the writers began"
        )


def _writers_began(recording: Recording, ledger: str) -> float | None:
    """When the writers of a ledger began. Before version 3: when the load began. None: unknown."""
    own: list[WritersStarted | LoadStarted] = [
        one for one in recording.of(WritersStarted) if one.ledger == ledger
    ]
    return next((one.at for one in [*own, *recording.of(LoadStarted)]), None)


def _side(apart: float) -> str:
    return "after" if apart > 0 else "before"
