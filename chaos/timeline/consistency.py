"""Finds contradictions between a recording and its schedules. Pure.

The load sends request k exactly k / rate seconds after the first; writes are numbered. So this finds lines
that were lost or have another date even without line numbers. Instants are on the run axis, lengths real
seconds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from chaos.timeline.events import LoadStarted, LoadStopped
from chaos.timeline.observations import WritersStarted
from chaos.timeline.recording import Recording

BEGINS_WITHIN = 1.5  # of the event that says so, the first request and the first write are planned
OFF_SCHEDULE = 0.2  # share of the time between two requests
PHASE_SLACK = 0.5  # seconds by which the date of a request may be outside the phases with load
CALL_LATE = 5.0  # by which a call of the writers may outlast its time-out
DEFAULT_TIMEOUT = 10.0  # of such a call
_OUTCOMES = ("acknowledged", "refused", "unknown")
LARGEST_FALL = 1.0  # by which the date of a ledger line may be before that of the line above


def inconsistencies(recording: Recording) -> tuple[str, ...]:
    """Problems of load.jsonl and ledger.jsonl, in words; empty: none. Of a recording that does not say when
    the load began, only the phases of the run bound its requests.
    """
    started = next(recording.of(LoadStarted), None)
    load: Iterator[str] = iter(())
    if recording.plan.scenario.load is not None:
        load = _outside(recording) if started is None else _load(recording, started)
    return (*(f"load.jsonl: {one}" for one in load), *(f"ledger.jsonl: {one}" for one in _ledger(recording)))


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
        yield f"{off} requests are dated off the schedule of the load"
    doubled = len(slots) - _distinct(slots)
    if doubled and not off:
        yield f"{doubled} requests have the instant of another one"
    due = max(0, _due(recording, started, first, last))
    missing = due - _distinct(slots[bisect_left(slots, 0) : bisect_left(slots, due)])
    if missing:
        yield f"{missing} requests that the schedule wanted have no line"


def _distinct(ordered: Sequence[int]) -> int:
    """How many different numbers are in a sequence in ascending order."""
    return sum(earlier != later for earlier, later in pairwise(ordered)) + bool(ordered)


def _outside(recording: Recording) -> Iterator[str]:
    """The load begins with the wait for the steady state, and ends before the teardown."""
    planned = recording.requests.intended
    steady, teardown = recording.phase_began("steady"), recording.phase_began("teardown")
    if planned and steady is not None and min(planned) < steady - PHASE_SLACK:
        yield f"its first request is dated {steady - min(planned):.1f} s before the load could begin"
    if planned and teardown is not None and max(planned) > teardown + PHASE_SLACK:
        yield f"its last request is dated {max(planned) - teardown:.1f} s after the teardown began"


def _due(recording: Recording, started: LoadStarted, first: float, last: float) -> int:
    """How many requests had been given up, at the latest, when the load was stopped."""
    profile = recording.plan.load_profile
    patience = started.patience if started.patience is not None else profile.timeout if profile else 0.0
    stopped = next(recording.of(LoadStopped), None)
    until = last if stopped is None else stopped.at
    return int((until - patience - 1.0 - first) * started.rate)


def _ledger(recording: Recording) -> Iterator[str]:
    fall = max((a.at - b.at for a, b in pairwise(recording.ledger)), default=0.0)
    if fall > LARGEST_FALL:
        yield f"a line is dated {fall:.1f} s before the one above it"
    began = {(op.ledger, op.id) for op in recording.ledger if op.op == "invoked"}
    ended = {(op.ledger, op.id) for op in recording.ledger if op.op in _OUTCOMES}
    if orphans := ended - began:
        yield f"{len(orphans)} writes were answered and have no line that says they were made"
    if open_ := _without_outcome(recording):
        yield f"{open_} writes have no line that says what became of them"
    for entry in recording.plan.scenario.ledgers:
        yield from _writes(recording, entry.ledger, {name for of, name in began if of == entry.ledger})


def _without_outcome(recording: Recording) -> int:
    """How many attempts without a result are older than any call may be. The writers record a result for
    each, at least ``unknown``; only attempts in progress at the end may have none.
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
    """The ids of a run contain its own id and a number, so a store cannot hold one by chance."""
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
    """Before version 3 they began with the load."""
    own: list[WritersStarted | LoadStarted] = [
        one for one in recording.of(WritersStarted) if one.ledger == ledger
    ]
    return next((one.at for one in [*own, *recording.of(LoadStarted)]), None)


def _side(apart: float) -> str:
    return "after" if apart > 0 else "before"
