"""The rule by which container tests accept a run: only a machine that was too slow excuses it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.model.verdict import Outcome
from chaos.timeline.observations import MachineReading
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import BEGAN
from tests.recordings import Kind, demo_recording
from tests.stack.judged import good, too_slow


def on_a_slow_machine(recording: Recording) -> Recording:
    late = MachineReading(at=BEGAN + 12, mono=12, over=1.0, cpu_busy=1.0, lag=0.9)
    return replace(recording, events=(*recording.events, late))


def test_a_run_that_passed_is_good_on_any_machine() -> None:
    recording = demo_recording()
    assert good(judge(recording), recording)
    assert not too_slow(recording)


def test_an_open_result_is_excused_only_by_a_slow_machine() -> None:
    recording = demo_recording("inconclusive")
    verdict = judge(recording)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    with pytest.raises(AssertionError):
        good(verdict, recording)
    slow = on_a_slow_machine(recording)
    assert too_slow(slow)
    assert not good(verdict, slow)


@pytest.mark.parametrize("kind", ["fail", "aborted"])
def test_any_other_result_fails_on_any_machine(kind: Kind) -> None:
    recording = on_a_slow_machine(demo_recording(kind))
    with pytest.raises(AssertionError):
        good(judge(recording), recording)
