"""The steady state is judged from the runner's word and the samples that must bear it out."""

from __future__ import annotations

import pytest

from chaos.checks.steady_state import CHECK
from chaos.model.verdict import Outcome
from chaos.timeline.observations import ProbeStarted
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, CLOSED, READY, RecordingBuilder, judged

BEFORE, AFTER = "steady state before injection", "steady state after recovery"


def outcomes(recording: Recording) -> dict[str, Outcome]:
    return {title: result.outcome for title, result in judged(CHECK, recording).items()}


def test_passes_when_it_held_before_and_after() -> None:
    recording = RecordingBuilder().steady(10).probe(10, 20).fault().probe(57, 60).steady(60, "after").end()
    assert outcomes(recording) == {BEFORE: Outcome.PASS, AFTER: Outcome.PASS}
    assert [r.measures[0].value for r in judged(CHECK, recording).values()] == [3.0, 3.0]


def test_not_reached_before_is_inconclusive_because_nothing_was_injected() -> None:
    result = judged(CHECK, RecordingBuilder().steady(10, held=False).end())[BEFORE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "nothing was injected" in result.actual
    assert any("status 503" in evidence.text for evidence in result.evidence)


def test_not_reached_after_fails_and_says_which_condition() -> None:
    result = judged(CHECK, RecordingBuilder().steady(10).fault().steady(60, "after", held=False).end())[AFTER]
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == 0.0
    assert any(READY.label in evidence.text for evidence in result.evidence)


def test_missing_events_are_inconclusive() -> None:
    assert outcomes(RecordingBuilder().end()) == {BEFORE: Outcome.INCONCLUSIVE, AFTER: Outcome.INCONCLUSIVE}
    assert judged(CHECK, RecordingBuilder().steady(10).end())[AFTER].marks[0].fraction is None


def test_a_bad_sample_inside_the_window_that_held_is_a_contradiction() -> None:
    recording = RecordingBuilder().steady(10).probe(8.5, 8.6, ok=False).end()
    result = judged(CHECK, recording)[BEFORE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert any("status 503" in evidence.text for evidence in result.evidence)


def test_a_bad_sample_before_the_window_does_not_matter() -> None:
    recording = RecordingBuilder().probe(5, 6, ok=False).probe(6.5, 10).steady(10).end()
    assert outcomes(recording)[BEFORE] is Outcome.PASS


@pytest.mark.parametrize("held", [(57.0, 60.0), (57.0, 58.9), (58.0, 60.0)])
def test_a_window_that_holds_a_fraction_of_the_usual_samples_is_doubted(held: tuple[float, float]) -> None:
    """The window that held is that from 57 s to 60 s; samples come ten times a second."""
    recording = RecordingBuilder().probe(5, 57).probe(*held).fault().steady(10).steady(60, "after").end()
    sparse = RecordingBuilder().probe(5, 57).fault().steady(10).steady(60, "after").end()
    assert outcomes(recording)[AFTER] is Outcome.PASS
    assert outcomes(sparse)[AFTER] is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("recording", "outcome"),
    [
        (RecordingBuilder().probe(7, 15).probe(15, 20, ok=False), Outcome.INCONCLUSIVE),
        (RecordingBuilder().probe(7, 15).probe(15, 15.1, ok=False).probe(15.1, 20), Outcome.PASS),
        (
            RecordingBuilder().probe(7, 11).probe(11, 20, every=0.2).probe(11.1, 20, every=0.2, ok=False),
            Outcome.INCONCLUSIVE,
        ),
    ],
    ids=["not ready", "one sample", "every second sample"],
)
def test_a_steady_state_that_is_lost_before_the_injection_is_none(
    recording: RecordingBuilder, outcome: Outcome
) -> None:
    """The steady state was reached at 10 s, and the fault injected at 20 s."""
    assert outcomes(recording.steady(10).fault(20, 44).end())[BEFORE] is outcome


@pytest.mark.parametrize(
    ("recording", "outcome"),
    [
        (RecordingBuilder().probe(7, 20), Outcome.PASS),
        (RecordingBuilder().probe(7, 18), Outcome.PASS),
        (RecordingBuilder().probe(7, 10), Outcome.INCONCLUSIVE),
        (RecordingBuilder().probe(7, 12).probe(16, 20), Outcome.INCONCLUSIVE),
    ],
    ids=["throughout", "until 2 s before", "nothing", "a hole of 4 s"],
)
def test_a_steady_state_that_was_not_watched_up_to_the_injection_may_have_been_lost(
    recording: RecordingBuilder, outcome: Outcome
) -> None:
    """The steady state was reached at 10 s, and the fault injected at 20 s."""
    result = judged(CHECK, recording.steady(10).fault(20, 44).end())[BEFORE]
    assert result.outcome is outcome
    said = any(f"no samples of {READY.label}" in fact.text for fact in result.evidence)
    assert said is (outcome is Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(("until", "outcome"), [(20, Outcome.PASS), (12, Outcome.INCONCLUSIVE)])
def test_so_may_a_condition_of_prometheus_if_the_recording_says_how_often_it_is_read(
    until: float, outcome: Outcome
) -> None:
    made = RecordingBuilder().probe(7, 20).probe(7, until, label=CLOSED.label, every=0.25)
    made.add(ProbeStarted(at=BEGAN + 5, mono=5, probe=CLOSED.label, kind="promql", every=0.25, patience=1))
    assert outcomes(made.steady(10).fault(20, 44).end())[BEFORE] is outcome


@pytest.mark.parametrize(
    ("recording", "outcome"),
    [
        (RecordingBuilder().load(5, 15).load(15, 20, status=503), Outcome.INCONCLUSIVE),
        (RecordingBuilder().load(5, 15).load(15, 20, degraded="stale"), Outcome.INCONCLUSIVE),
        (RecordingBuilder().load(5, 19.95).load(19.95, 20, status=503), Outcome.PASS),
        (RecordingBuilder().load(5, 20).load(20, 30, status=503), Outcome.PASS),
        (RecordingBuilder().load(5, 15).load(15, 20, latency=9, status=503), Outcome.PASS),
    ],
    ids=["not served", "degraded", "one request", "in the fault", "answered in the fault"],
)
def test_a_recovery_from_harm_that_came_before_the_injection_shows_nothing(
    recording: RecordingBuilder, outcome: Outcome
) -> None:
    recovered = recording.steady(10).fault(20, 44).steady(60, "after")
    assert outcomes(recovered.end())[AFTER] is outcome
    unrecovered = recording.steady(10).fault(20, 44).steady(70, "after", held=False)
    assert outcomes(unrecovered.end())[AFTER] is Outcome.FAIL


def test_a_condition_without_any_sample_is_inconclusive() -> None:
    whole = RecordingBuilder().steady(10).end()
    without = Recording(whole.plan, tuple(e for e in whole.events if getattr(e, "probe", "") != CLOSED.label))
    result = judged(CHECK, without)[BEFORE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert any(CLOSED.label in evidence.text for evidence in result.evidence)
