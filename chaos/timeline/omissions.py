"""Finds events that a run of the current version must have written and did not, or wrote twice. Pure.

Line numbers show lost lines, unless the lines were numbered again. These rules find them even then: a run
records when its load and its writers began and ended, it begins once, and it injects each fault once.
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
    """Problems of a recording, for people; empty if there are none, and for versions before 3."""
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
    """Faults that were not intended, injected and undone at most once in this order."""
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
    """Missing beginnings and ends of the load and the writers, for a run that reached the timeline."""
    if recording.phase_began("timeline") is None:
        return
    ended = any(not one.error for one in recording.of(RunEnded))
    scenario = recording.plan.scenario
    if scenario.load is not None:
        if not any(recording.of(LoadStarted)):
            yield "it has no event for the start of the load"
        if ended and not any(recording.of(LoadStopped)):
            yield "it has no event for the end of the load"
    for entry in scenario.ledgers:
        if not any(one.ledger == entry.ledger for one in recording.of(WritersStarted)):
            yield f"it has no event for the start of the writers of {entry.ledger}"
        if ended and not any(one.ledger == entry.ledger for one in recording.of(WritersStopped)):
            yield f"it has no event for the end of the writers of {entry.ledger}"


def _uncounted(recording: Recording) -> Iterator[str]:
    """Differences between the requests in load.jsonl and the counts of the load generator."""
    stopped = next(recording.of(LoadStopped), None)
    if stopped is None or stopped.recorded is None:
        return
    if stopped.sent > stopped.recorded:
        lost = stopped.sent - stopped.recorded
        yield f"{lost} of {stopped.sent} requests that were sent were not recorded"
    lines = len(recording.requests) + len(recording.waiting)
    if lines != stopped.recorded:
        yield f"it has {lines} requests, the load generator wrote {stopped.recorded}"
