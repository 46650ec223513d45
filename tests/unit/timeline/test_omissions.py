"""What a run must have written about itself is missed, however its lines are numbered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.timeline.events import (
    Event,
    FaultInjected,
    FaultReverted,
    LoadStarted,
    LoadStopped,
    RunStarted,
)
from chaos.timeline.observations import WritersStarted, WritersStopped
from chaos.timeline.omissions import omissions
from chaos.timeline.recording import Recording
from tests.corpus.archive import recording

GOOD = recording("v3-pms-down")
Change = Callable[[Event], tuple[Event, ...]]


def changed(change: Change) -> Recording:
    return replace(GOOD, events=tuple(new for event in GOOD.events for new in change(event)))


def without(kind: type[Event]) -> Recording:
    return changed(lambda event: () if isinstance(event, kind) else (event,))


def twice(kind: type[Event]) -> Recording:
    return changed(lambda event: (event, event) if isinstance(event, kind) else (event,))


def counted(**change: int) -> Recording:
    return changed(lambda e: (e.model_copy(update=change) if isinstance(e, LoadStopped) else e,))


def undone_early(event: Event) -> tuple[Event, ...]:
    return (event.model_copy(update={"at": event.at - 60}) if isinstance(event, FaultReverted) else event,)


def test_a_run_that_wrote_all_of_it_has_no_problem() -> None:
    assert omissions(GOOD) == ()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (without(LoadStarted), "journal.jsonl: it has no event for the start of the load"),
        (without(LoadStopped), "journal.jsonl: it has no event for the end of the load"),
        (
            without(WritersStarted),
            "journal.jsonl: it has no event for the start of the writers of reservations",
        ),
        (
            without(WritersStopped),
            "journal.jsonl: it has no event for the end of the writers of reservations",
        ),
        (twice(RunStarted), "journal.jsonl: the run begins 2 times"),
        (twice(FaultInjected), "journal.jsonl: container.kill pms was injected or undone more than once"),
        (changed(undone_early), "journal.jsonl: container.kill pms was undone before it was injected"),
        (counted(sent=1028), "load.jsonl: 100 of 1028 requests that were sent were not recorded"),
        (counted(recorded=928 - 28), "load.jsonl: it has 928 requests, the load generator wrote 900"),
    ],
)
def test_what_is_missing_or_there_twice_is_a_problem(made: Recording, words: str) -> None:
    assert words in map(str, omissions(made))


def test_a_killed_run_need_not_say_how_it_ended() -> None:
    killed = replace(GOOD, events=tuple(e for e in GOOD.events if e.at < GOOD.began + 30))
    assert omissions(killed) == ()
