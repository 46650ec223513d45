"""Who had no answer yet at an instant, and for how long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.timeline.recording import Unanswered
from chaos.timeline.unanswered import waiting_at
from tests.recording_builder import BEGAN, RecordingBuilder

NEVER = Unanswered(
    intended=BEGAN + 60,
    sent=BEGAN + 60,
    name="GET /items",
    waited=12,
    intended_mono=60,
    sent_mono=60,
    patience=30,
)


def test_one_that_was_answered_after_the_instant_waited_at_it() -> None:
    recording = RecordingBuilder().load(20, 30, latency=5.0, rate=1.0).end()
    found = waiting_at(recording, BEGAN + 24.5)
    assert [one.waited for one in found] == pytest.approx([4.5, 3.5, 2.5, 1.5, 0.5])
    assert [one.answered for one in found] == pytest.approx([BEGAN + 25 + n for n in range(5)])


def test_one_that_was_answered_before_or_sent_after_did_not_wait() -> None:
    recording = (
        RecordingBuilder().load(20, 21, latency=0.5, rate=1.0).load(30, 31, latency=5.0, rate=1.0).end()
    )
    assert waiting_at(recording, BEGAN + 25) == ()


def test_one_that_was_never_answered_waits_until_the_load_was_stopped() -> None:
    recording = replace(RecordingBuilder().end(), waiting=(NEVER,))
    (found,) = waiting_at(recording, BEGAN + 70)
    assert (found.waited, found.patience, found.answered) == (10.0, 30.0, None)
    assert waiting_at(recording, BEGAN + 73) == ()


def test_one_that_this_machine_could_not_send_does_not_wait() -> None:
    builder = RecordingBuilder().load(20, 30, status=0, served=False, error="overload", latency=5.0)
    assert waiting_at(builder.end(), BEGAN + 25) == ()


def test_only_of_the_kind_that_was_asked_for() -> None:
    builder = (
        RecordingBuilder()
        .load(20, 21, latency=9.0, rate=1.0)
        .load(20, 21, "POST /orders", latency=9.0, rate=1.0)
    )
    assert [one.name for one in waiting_at(builder.end(), BEGAN + 25, "POST /orders")] == ["POST /orders"]
