"""Requests that wait while a fault holds: judged by what came, or was given up, before the undo began."""

from __future__ import annotations

import pytest

from chaos.checks.degradation import CHECK, Degradation
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.observations import ProbeStarted, ProbeWaiting
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder, judged

GOOD = {"request": "GET /items", "status": 200}
REFUSED = {"request": "GET /items", "status": 503}


def promise(words: dict[str, object], **more: object) -> Degradation:
    return Degradation.model_validate({**words, **more})


def only(recording: Recording, params: Degradation) -> CheckResult:
    (result,) = judged(CHECK, recording, params).values()
    return result


def recorded() -> RecordingBuilder:
    """The fault is seen from 20.3 and is last seen at 43.3; its undo begins at 43.9: judged from 23.3."""
    return RecordingBuilder().steady(10).fault(20, 44, took=0.1)


def healed(asked_from: float, asked_to: float, at: float, status: int = 200) -> RecordingBuilder:
    """Every request from ``asked_from`` on hangs, until the healed system answers it at ``at``."""
    found, step = recorded().load(5, 20), 0.05
    for number in range(round((asked_to - asked_from) / step)):
        asked = asked_from + number * step
        found.load(asked, asked + step, latency=at - asked, status=status)
    return found


@pytest.mark.parametrize("words", [GOOD, REFUSED], ids=["200", "503"])
def test_where_no_one_was_answered_before_the_undo_is_no_promise_kept_or_broken(
    words: dict[str, object],
) -> None:
    result = only(healed(20.0, 44.0, at=44.2).end(), promise(words))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no request was answered within it" in result.actual
    assert "let it hold longer than the application waits, or promise a time" in result.actual


def test_no_one_was_answered_in_the_promised_time_fails() -> None:
    result = only(healed(20.0, 44.0, at=44.2).end(), promise(GOOD, within="8s"))
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == 0.0


def test_a_short_fault_that_answers_no_one_fails_where_the_promised_time_has_passed() -> None:
    """8 s after the system had its time to notice have not passed, but 8 s after the injection have."""
    found = RecordingBuilder().steady(10).fault(20, 30, took=0.1).load(5, 20)
    for number in range(200):
        asked = 20.15 + number * 0.05
        found.load(asked, asked + 0.05, latency=30.2 - asked)
    result = only(found.end(), promise(GOOD, within="8s"))
    assert result.outcome is Outcome.FAIL
    assert "no request was answered within 9.8 s, 8.0 s were promised" in result.actual
    patient = only(found.end(), promise(GOOD, within="12s"))
    assert patient.outcome is Outcome.INCONCLUSIVE


def test_a_promise_that_takes_its_time_is_kept_although_some_still_wait_at_the_undo() -> None:
    """503 after 3 s each: the last 3 s of requests meet the healed system."""
    found = recorded().load(20, 40.9, status=503, latency=3.0)
    for number in range(62):
        asked = 40.9 + number * 0.05
        found.load(asked, asked + 0.05, latency=44.1 - asked)
    result = only(found.end(), promise(REFUSED))
    assert result.outcome is Outcome.PASS
    assert any("had waited up to" in one.text for one in result.evidence)
    assert only(found.end(), promise(REFUSED, within="2s")).outcome is Outcome.FAIL
    assert only(found.end(), promise(REFUSED, within="4s")).outcome is Outcome.PASS
    assert only(found.end(), promise(GOOD)).outcome is Outcome.FAIL


def test_what_was_given_up_while_the_fault_held_breaks_the_promise() -> None:
    given_up = recorded().load(20, 44, status=0, served=False, error="timeout", latency=10.0)
    result = only(given_up.end(), promise(REFUSED))
    assert result.outcome is Outcome.FAIL
    assert "not as promised: timeout" in " ".join(one.text for one in result.evidence)


def test_those_that_hang_beside_quick_answers_leave_it_open_or_break_a_promised_time() -> None:
    half = recorded().load(20, 44, rate=10)
    for number in range(240):
        asked = 20.05 + number * 0.1
        half.load(asked, asked + 0.1, rate=10, latency=44.5 - asked)
    open_result = only(half.end(), promise(GOOD))
    assert open_result.outcome is Outcome.INCONCLUSIVE
    assert "had waited longer than any answer took" in open_result.actual
    assert only(half.end(), promise(GOOD, within="5s")).outcome is Outcome.FAIL


def test_requests_that_were_never_answered_at_all_count_as_waiting() -> None:
    never = recorded().load(5, 20).waiting(20, 44, stopped=80)
    assert only(never.end(), promise(GOOD)).outcome is Outcome.INCONCLUSIVE
    assert only(never.end(), promise(GOOD, within="8s")).outcome is Outcome.FAIL


def test_a_probe_that_hung_throughout_is_judged_by_the_promised_time() -> None:
    words: dict[str, object] = {"request": "GET /ready", "status": 503, "within": "8s"}
    label = promise(words).probe_label
    waits = [
        ProbeWaiting(
            at=BEGAN + 80,
            mono=80.0,
            probe=label,
            started=BEGAN + 20 + n * 0.1,
            started_mono=20 + n * 0.1,
            waited=60 - n * 0.1,
        )
        for n in range(240)
    ]
    started = ProbeStarted(at=BEGAN + 5, mono=5.0, probe=label, kind="http", every=0.1, patience=100.0)
    hung = recorded().add(started, *waits).probe(5, 20, False, label, status=200).end()
    assert only(hung, promise(words)).outcome is Outcome.FAIL
    timeless = promise({"request": "GET /ready", "status": 503})
    assert only(hung, timeless).outcome is Outcome.INCONCLUSIVE


def test_few_answers_are_enough_to_fail_where_not_one_is_as_promised() -> None:
    few = recorded().load(5, 20).load(30, 30.3, status=500)
    assert only(few.end(), promise(GOOD)).outcome is Outcome.FAIL
    kept = recorded().load(5, 20).load(30, 30.3)
    assert only(kept.end(), promise(GOOD)).outcome is Outcome.INCONCLUSIVE


def test_what_this_machine_could_not_send_is_no_answer() -> None:
    result = only(
        recorded().load(5, 45, rate=19).load(5, 45, rate=1, status=0, served=False, error="overload").end(),
        promise(GOOD),
    )
    assert result.outcome is Outcome.PASS


def test_the_time_is_the_99th_percentile_of_the_answers() -> None:
    slow = recorded().load(5, 45, rate=19.9).load(5, 45, rate=0.1, latency=3.0)
    assert only(slow.end(), promise(GOOD, within="1s")).outcome is Outcome.PASS
    slower = recorded().load(5, 45, rate=19).load(5, 45, rate=1, latency=3.0)
    result = only(slower.end(), promise(GOOD, within="1s"))
    assert result.outcome is Outcome.FAIL
    assert "p99 3.0 s" in result.actual
