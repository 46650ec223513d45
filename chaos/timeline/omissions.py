"""Finds events that a run of the current version must have written and did not, or wrote twice. Pure.

Line numbers show lost lines, unless the lines were numbered again. These rules find them even then: a run
records when its load and its writers began and ended, it begins once, and it injects each fault once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chaos.model.run_files import JOURNAL, LEDGER, LOAD
from chaos.timeline.damage import Damage, damages
from chaos.timeline.events import (
    Event,
    FaultInjected,
    FaultIntended,
    FaultReverted,
    LeftOver,
    LoadStarted,
    LoadStopped,
    Phase,
    PhaseBegan,
    RunEnded,
    RunStarted,
)
from chaos.timeline.lines import NUMBERED_SINCE
from chaos.timeline.observations import WritersStarted, WritersStopped
from chaos.timeline.recording import Recording


def omissions(recording: Recording) -> tuple[Damage, ...]:
    """What a recording lacks or has twice; empty if nothing. Versions before 3 wrote less of this."""
    doubled = damages(JOURNAL, (*_more_than_once(recording), *_faults(recording)))
    if recording.version < NUMBERED_SINCE:
        return doubled
    return (
        *doubled,
        *damages(JOURNAL, _unsaid(recording)),
        *damages(LOAD, _uncounted(recording)),
        *damages(LEDGER, _unwritten(recording)),
    )


def _more_than_once(recording: Recording) -> Iterator[str]:
    if (number := len(list(recording.of(RunStarted)))) > 1:
        yield f"the run begins {number} times"
    once: tuple[tuple[type[Event], str], ...] = (
        (LoadStarted, "the load begins"),
        (LoadStopped, "the load ends"),
        (LeftOver, "it looked for leftovers"),
        (RunEnded, "the run ends"),
    )
    for kind, what in once:
        if (number := len(list(recording.of(kind)))) > 1:
            yield f"{what} {number} times"
    phases = Counter(event.phase for event in recording.of(PhaseBegan))
    for phase, number in phases.items():
        if number > 1:
            yield f"the phase {phase} begins {number} times"


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
    if recording.phase_began(Phase.TIMELINE) is None:
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


def _unwritten(recording: Recording) -> Iterator[str]:
    """The writers count the writes that they made."""
    for stopped in recording.of(WritersStopped):
        made = stopped.planned - stopped.left_out
        first = (op for op in recording.ledger if op.ledger == stopped.ledger and op.op == "invoked")
        lines = sum(op.attempt == 1 for op in first)
        if lines != made:
            yield f"it has {lines} writes to {stopped.ledger}, and the writers made {made}"


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
