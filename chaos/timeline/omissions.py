"""What must a run of the current version have written about itself, and what can it not have written? Pure.

The numbers of lines show which are lost. These rules show it also where the lines were numbered again: a run
says when its load and its writers began and ended, it begins once, and it breaks each thing once.
"""

from __future__ import annotations

from collections.abc import Iterator

from chaos.timeline.events import (
    FaultInjected,
    FaultIntended,
    FaultReverted,
    LoadStarted,
    LoadStopped,
    RunEnded,
    RunStarted,
)
from chaos.timeline.lines import NUMBERED_SINCE
from chaos.timeline.observations import WritersStarted, WritersStopped
from chaos.timeline.recording import Recording

_JOURNAL, _LOAD = "journal.jsonl", "load.jsonl"


def omissions(recording: Recording) -> tuple[str, ...]:
    """Problems of a recording, in words; empty: none. Older versions did not write all of this."""
    if recording.version < NUMBERED_SINCE:
        return ()
    return (
        *(f"{_JOURNAL}: {one}" for one in _more_than_once(recording)),
        *(f"{_JOURNAL}: {one}" for one in _faults(recording)),
        *(f"{_JOURNAL}: {one}" for one in _unsaid(recording)),
        *(f"{_LOAD}: {one}" for one in _uncounted(recording)),
    )


def _more_than_once(recording: Recording) -> Iterator[str]:
    if (number := len(list(recording.of(RunStarted)))) > 1:
        yield f"the run begins {number} times"


def _faults(recording: Recording) -> Iterator[str]:
    """Each fault is intended, injected and undone at most once, in this order."""
    for planned in recording.plan.steps:
        index = planned.index
        found = (
            [one.at for one in recording.of(FaultIntended) if one.index == index],
            [one.at for one in recording.of(FaultInjected) if one.index == index],
            [one.at for one in recording.of(FaultReverted) if one.index == index],
        )
        name = planned.step.summary()
        if any(len(instants) > 1 for instants in found):
            yield f"{name} was injected or undone more than once"
            continue
        once = [instants[0] for instants in found if instants]
        if once != sorted(once):
            yield f"{name} was undone before it was injected"


def _unsaid(recording: Recording) -> Iterator[str]:
    """The load and the writers begin before the timeline, and end in the teardown."""
    if recording.phase_began("timeline") is None:
        return
    ended = any(not one.error for one in recording.of(RunEnded))
    scenario = recording.plan.scenario
    if scenario.load is not None:
        if not any(recording.of(LoadStarted)):
            yield "it does not say when the load began"
        if ended and not any(recording.of(LoadStopped)):
            yield "it does not say when the load ended"
    for entry in scenario.ledgers:
        if not any(one.ledger == entry.ledger for one in recording.of(WritersStarted)):
            yield f"it does not say when the writers of {entry.ledger} began"
        if ended and not any(one.ledger == entry.ledger for one in recording.of(WritersStopped)):
            yield f"it does not say when the writers of {entry.ledger} ended"


def _uncounted(recording: Recording) -> Iterator[str]:
    """The load generator counts what it sent and what it wrote down."""
    stopped = next(recording.of(LoadStopped), None)
    if stopped is None or stopped.recorded is None:
        return
    if stopped.sent > stopped.recorded:
        lost = stopped.sent - stopped.recorded
        yield f"{lost} of {stopped.sent} requests that were sent were not written down"
    lines = len(recording.requests) + len(recording.waiting)
    if lines != stopped.recorded:
        yield f"it has {lines} requests, the load generator wrote {stopped.recorded}"
