"""Lines that are lost or dated otherwise contradict the schedule of the load and the ids of the writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.model.scenario import Rate, Writers
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.damage import Damage
from chaos.timeline.events import LoadStarted, Phase
from chaos.timeline.ledger import LedgerOp, StoreRead, StoreRow
from chaos.timeline.recording import Recording
from chaos.timeline.requests import Requests
from tests.recording_builder import BEGAN, RecordingBuilder


def started(at: float = 5) -> LoadStarted:
    return LoadStarted(at=BEGAN + at, mono=at, profile="visitors", rate=20)


def loaded(*gone: int, moved: float = 0.0, since: float = 5) -> Recording:
    """Twenty requests a second from 5 s to 60 s; without some, and with those from 20 s to 30 s moved."""
    made = RecordingBuilder().add(started(since)).load(5, 60).end()
    requests = tuple(
        request.model_copy(update={"intended": request.intended + moved})
        if BEGAN + 20 <= request.intended < BEGAN + 30
        else request
        for number, request in enumerate(made.requests)
        if number not in gone
    )
    return replace(made, requests=Requests.of(requests))


def test_a_load_that_kept_its_schedule_is_consistent() -> None:
    assert inconsistencies(loaded()) == ()


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (loaded(100), "1 planned requests have no line"),
        (loaded(*range(300, 400)), "100 planned requests have no line"),
        (loaded(moved=3.02), "200 requests are off the schedule of the load"),
        (loaded(moved=3.0), "60 requests have the same instant as another one"),
        (loaded(since=1), "its first request is dated 4.0 s after the start of the load"),
    ],
    ids=["one lost", "a stretch lost", "a stretch moved", "moved by whole intervals", "all moved"],
)
def test_lost_and_moved_requests_are_found(recording: Recording, words: str) -> None:
    assert Damage("load.jsonl", words) in inconsistencies(recording)


def ledger(*gone: str, rows: tuple[int, ...] = (0, 1, 2), began: float = 5.0) -> Recording:
    """Three writes a second apart; without the operations that are named."""
    made = RecordingBuilder().add(started()).load(5, 60).end()
    prefix = f"gd-{made.run_id.rpartition('-')[2]}-orders-"
    ops = tuple(
        LedgerOp.model_validate(
            {"ledger": "orders", "id": f"{prefix}{n}", "op": op, "at": BEGAN + began + n + late}
        )
        for n in range(3)
        for op, late in (("invoked", 0.0), ("acknowledged", 0.1))
        if f"{op} {n}" not in gone
    )
    read = StoreRead(
        ledger="orders",
        store="db",
        began=BEGAN + 80,
        ended=BEGAN + 81,
        complete=True,
        rows=tuple(StoreRow(id=f"{prefix}{n}") for n in rows),
    )
    writers = (Writers(ledger="orders", rate=Rate(per_second=1)),)
    scenario = made.plan.scenario.model_copy(update={"ledgers": writers})
    plan = made.plan.model_copy(update={"scenario": scenario})
    return replace(made, plan=plan, ledger=ops, reads=(read,))


def test_a_ledger_that_holds_every_write_is_consistent() -> None:
    assert inconsistencies(ledger()) == ()


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (ledger("invoked 1"), "1 writes have a line for their result but none for their call"),
        (ledger("invoked 1", "acknowledged 1"), "1 writes to orders that the stores hold have no line"),
        (ledger(rows=(0, 1, 2, 7)), "1 writes to orders that the stores hold have no line"),
        (ledger(began=9.0), "the first write to orders is dated 4.0 s after the writers began"),
    ],
    ids=["beginning lost", "write lost", "end lost", "all moved"],
)
def test_lost_and_moved_writes_are_found(recording: Recording, words: str) -> None:
    assert Damage("ledger.jsonl", words) in inconsistencies(recording)


def test_a_line_that_is_dated_before_the_one_above_it_is_found() -> None:
    made = ledger()
    swapped = replace(made, ledger=(*made.ledger[2:], *made.ledger[:2]))
    assert any("before the one above it" in one.what for one in inconsistencies(swapped))


def changed(*ops: tuple[str, str, float], **read: object) -> Recording:
    """The good ledger with more lines (id, operation, instant), and with another final read."""
    made = ledger()
    last = made.ledger[-1]
    more = (
        last.model_copy(update={"id": f"{last.id[:-1]}{ident}", "op": op, "at": BEGAN + at})
        for ident, op, at in ops
    )
    reads = tuple(one.model_copy(update=read) for one in made.reads)
    return replace(made, ledger=(*made.ledger, *more), reads=reads)


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (changed(("2", "unknown", 8.0)), "ledger.jsonl: 1 writes have several results of one attempt"),
        (
            changed(("7", "invoked", 8.0), ("7", "acknowledged", 7.5)),
            "ledger.jsonl: 1 writes were answered before they were made",
        ),
        (changed(("2", "observed", 99.0)), "ledger.jsonl: it has lines from 9.0 s after the run had ended"),
        (
            changed(ended=BEGAN + 200),
            "readback.json: the final read of db is dated 110.0 s after the run had ended",
        ),
        (changed(began=BEGAN + 85), "readback.json: the final read of db began after it had ended"),
        (changed(rows=(StoreRow(id="gd-0123ab-orders-1"),)), "readback.json: 1 rows are of another run"),
        (
            replace(ledger(), reads=ledger().reads * 2),
            "readback.json: it has 2 final reads of db",
        ),
    ],
    ids=[
        "results",
        "answered before",
        "after the run",
        "a later read",
        "read backwards",
        "the rows of another run",
        "read twice",
    ],
)
def test_a_ledger_that_contradicts_itself_is_found(recording: Recording, words: str) -> None:
    assert words in map(str, inconsistencies(recording))


def test_a_recording_that_does_not_say_when_the_load_began_is_not_asked() -> None:
    assert inconsistencies(RecordingBuilder().load(5, 20).load(40, 60).end()) == ()


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (0.0, ""),
        (8.0, "its last request is dated 8.0 s after the teardown began"),
        (-5.0, "its first request is dated 4.0 s before the load could begin"),
    ],
)
def test_without_the_start_of_the_load_the_phases_bound_it(moved: float, words: str) -> None:
    made = RecordingBuilder().phase(4, Phase.STEADY).load(5, 60.05).phase(60, Phase.TEARDOWN).end()
    requests = tuple(
        one.model_copy(update={"intended": one.intended + moved, "sent": one.sent + moved})
        for one in made.requests
    )
    found = inconsistencies(replace(made, requests=Requests.of(requests)))
    assert found == ((Damage("load.jsonl", words),) if words else ())


@pytest.mark.parametrize(("later", "lost"), [(30.0, True), (12.0, False)])
def test_a_write_without_an_outcome_that_no_call_can_still_be_waiting_for_is_found(
    later: float, lost: bool
) -> None:
    """A call takes 10 s at most; the last line is so much later than the write."""
    made = ledger("acknowledged 1")
    last = made.ledger[-1]
    more = tuple(
        last.model_copy(update={"id": "late", "op": op, "at": last.at + later})
        for op in ("invoked", "acknowledged")
    )
    found = inconsistencies(replace(made, ledger=(*made.ledger, *more)))
    assert (Damage("ledger.jsonl", "1 writes have no line for their result") in found) is lost
