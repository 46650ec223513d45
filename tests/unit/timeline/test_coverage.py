"""How much of what was planned is there, in each window by itself?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.model.scenario import Rate, Writers
from chaos.timeline.coverage import (
    acknowledgement_gap,
    load_coverage,
    probe_coverage,
    writer_coverage,
)
from chaos.timeline.events import LoadStarted, LoadStopped
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.observations import (
    ProbeKind,
    ProbeStarted,
    ProbeWaiting,
    WritersStarted,
    WritersStopped,
)
from chaos.timeline.recording import Recording, Unanswered
from tests.recording_builder import BEGAN, READY, RecordingBuilder


def load_started(at: float) -> LoadStarted:
    first = BEGAN + at
    return LoadStarted(at=first, mono=at, profile="visitors", rate=20, first=first, first_mono=at, patience=5)


def test_a_full_window_holds_what_was_planned() -> None:
    recording = RecordingBuilder().add(load_started(5)).load(5, 60).end()
    found = load_coverage(recording, BEGAN + 20, BEGAN + 40)
    assert found.expected == pytest.approx(400)
    assert found.seen == 400
    assert found.unsent == 0
    assert found.share == pytest.approx(1.0)
    assert found.longest_hole == pytest.approx(0.05, abs=0.001)


def test_a_hole_is_found_where_it_is() -> None:
    recording = RecordingBuilder().add(load_started(5)).load(5, 24).load(43, 60).end()
    found = load_coverage(recording, BEGAN + 20, BEGAN + 44)
    assert found.seen == 100
    assert found.hole == pytest.approx((BEGAN + 23.95, BEGAN + 43))


def test_an_empty_window_is_one_hole() -> None:
    found = load_coverage(RecordingBuilder().add(load_started(5)).load(5, 20).end(), BEGAN + 30, BEGAN + 40)
    assert (found.seen, found.share, found.hole) == (0, 0.0, (BEGAN + 30, BEGAN + 40))


def test_what_this_machine_could_not_send_is_no_request() -> None:
    builder = (
        RecordingBuilder()
        .add(load_started(5))
        .load(5, 25)
        .load(25, 30, status=0, served=False, error="overload")
    )
    found = load_coverage(builder.end(), BEGAN + 20, BEGAN + 30)
    assert (found.seen, found.unsent) == (100, 100)


def test_one_that_was_never_answered_was_sent() -> None:
    waiting = Unanswered(
        intended=BEGAN + 21,
        sent=BEGAN + 21,
        name="GET /items",
        waited=9,
        intended_mono=21,
        sent_mono=21,
        patience=10,
    )
    recording = replace(RecordingBuilder().add(load_started(5)).load(5, 20).end(), waiting=(waiting,))
    assert load_coverage(recording, BEGAN + 20, BEGAN + 30).seen == 1


def test_nothing_is_planned_before_the_load_began_or_after_it_was_stopped() -> None:
    stopped = LoadStopped(at=BEGAN + 25, mono=25, sent=400)
    recording = RecordingBuilder().add(load_started(5), stopped).load(5, 25).end()
    assert load_coverage(recording, BEGAN, BEGAN + 10).expected == pytest.approx(100)
    assert load_coverage(recording, BEGAN + 20, BEGAN + 40).expected == pytest.approx(100)


def test_a_kind_of_request_is_planned_by_its_weight() -> None:
    recording = (
        RecordingBuilder().add(load_started(5)).load(5, 60, rate=16).load(5, 60, "POST /orders", rate=4).end()
    )
    found = load_coverage(recording, BEGAN + 20, BEGAN + 30, "POST /orders")
    assert found.expected == pytest.approx(40)
    assert found.seen == 40


def test_a_recording_without_the_beginning_of_its_load_is_planned_by_the_scenario() -> None:
    found = load_coverage(RecordingBuilder().load(5, 60).end(), BEGAN + 20, BEGAN + 30)
    assert found.expected == pytest.approx(200)
    assert found.seen == 200


def test_without_a_load_nothing_was_planned() -> None:
    assert load_coverage(RecordingBuilder(load=False).end(), BEGAN + 20, BEGAN + 30).expected is None


def probe(*events: ProbeWaiting) -> Recording:
    began = ProbeStarted(at=BEGAN + 5, mono=5, probe=READY.label, kind=ProbeKind.HTTP, every=0.1, patience=2)
    return RecordingBuilder().add(began, *events).probe(5, 30).end()


def test_readings_that_wait_are_readings() -> None:
    waiting = ProbeWaiting(
        at=BEGAN + 50, mono=50, probe=READY.label, started=BEGAN + 40, started_mono=40, waited=10
    )
    found = probe_coverage(probe(waiting), READY.label, BEGAN + 35, BEGAN + 45)
    assert found.expected == pytest.approx(100)
    assert found.seen == 1
    assert found.longest_hole == pytest.approx(5.0)


def test_a_probe_that_fell_silent_shows_a_hole() -> None:
    found = probe_coverage(probe(), READY.label, BEGAN + 28, BEGAN + 38)
    assert found.share == pytest.approx(0.2)
    assert found.hole == pytest.approx((BEGAN + 29.9, BEGAN + 38))


def test_an_older_recording_does_not_say_how_often_a_probe_was_to_read() -> None:
    found = probe_coverage(RecordingBuilder().probe(5, 30).end(), READY.label, BEGAN + 10, BEGAN + 20)
    assert (found.expected, found.share, found.seen) == (None, None, 100)


def writes(*events: WritersStarted | WritersStopped, until: float) -> Recording:
    ops = [
        LedgerOp(ledger="orders", id=f"o-{n}", op=op, at=BEGAN + 10 + n / 3 + late, mono=10 + n / 3 + late)
        for n in range(int((until - 10) * 3))
        for op, late in (("invoked", 0.0), ("acknowledged", 0.1))
    ]
    again = LedgerOp(ledger="orders", id="o-1", op="invoked", at=BEGAN + 30, mono=30, attempt=2)
    recording = RecordingBuilder().add(*events).end()
    scenario = recording.plan.scenario.model_copy(
        update={"ledgers": (Writers(ledger="orders", rate=Rate(per_second=3)),)}
    )
    plan = recording.plan.model_copy(update={"scenario": scenario})
    return replace(recording, plan=plan, ledger=(*ops, again))


def test_writers_that_fall_silent_show_a_hole_and_a_second_attempt_is_no_new_write() -> None:
    began = WritersStarted(at=BEGAN + 10, mono=10, ledger="orders", rate=3)
    found = writer_coverage(writes(began, until=20), "orders", BEGAN + 15, BEGAN + 35)
    assert found.expected == pytest.approx(60)
    assert found.seen == 15
    assert found.longest_hole == pytest.approx(35 - 19.667, abs=0.01)


def test_after_the_writers_were_stopped_no_write_is_planned() -> None:
    stopped = WritersStopped(at=BEGAN + 20, mono=20, ledger="orders", planned=30, left_out=0)
    found = writer_coverage(writes(stopped, until=20), "orders", BEGAN + 15, BEGAN + 35)
    assert found.expected == pytest.approx(15)


@pytest.mark.parametrize(
    ("at", "planned", "expected"),
    [(22, 30, 15), (20, 30, 15), (28, 30, 21), (20, 60, 15)],
    ids=["calls took 2 s to end", "at once", "no more than the grace", "more than was due"],
)
def test_while_the_last_calls_of_the_writers_end_no_write_is_planned(
    at: int, planned: int, expected: float
) -> None:
    began = WritersStarted(at=BEGAN + 10, mono=10, ledger="orders", rate=3)
    stopped = WritersStopped(at=BEGAN + at, mono=at, ledger="orders", planned=planned, left_out=0)
    found = writer_coverage(writes(began, stopped, until=20), "orders", BEGAN + 15, BEGAN + 35)
    assert found.expected == pytest.approx(expected)


def test_the_gap_since_the_last_acknowledged_write() -> None:
    recording = writes(until=11)
    assert acknowledgement_gap(recording, "orders", BEGAN + 20) == pytest.approx(20 - 10.767, abs=0.01)
    assert acknowledgement_gap(recording, "orders", BEGAN + 10) is None
