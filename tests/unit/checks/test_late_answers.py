"""After the undo: answers that came too late on a saturated machine are no failure of the system."""

from __future__ import annotations

import pytest

from chaos.checks import recovery, steady_state
from chaos.checks.recovery import Recovery
from chaos.kinds import NoParams
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import Phase, Sample, SteadyState
from tests.recording_builder import BEGAN, READY, RecordingBuilder, judged

EXPECTED = Recovery.model_validate({"rto": "1m", "healthy_for": "10s"})
AFTER = "steady state after recovery"
Saturated = pytest.mark.parametrize(
    ("lag", "outcome"), [(0.9, Outcome.INCONCLUSIVE), (0.01, Outcome.FAIL)], ids=["saturated", "calm"]
)


def recorded(lag: float) -> RecordingBuilder:
    """Clients are harmed from 20.2 to 46 and well from then on; the teardown begins at 80."""
    found = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    found.probe(5, 20.2).probe(20.2, 46, ok=False).load(5, 20.2).load(20.2, 46, status=503)
    return found.lagging(lag=lag)


def gave_up(at: float, patience: float = 2.0) -> Sample:
    """A reading of the probe that was asked for at ``at`` and had no answer in time."""
    asked, given_up = BEGAN + at, BEGAN + at + patience
    return Sample(
        at=given_up,
        mono=at + patience,
        started=asked,
        started_mono=at,
        probe=READY.label,
        ok=False,
        detail="timeout",
    )


def only(builder: RecordingBuilder) -> CheckResult:
    (result,) = judged(recovery.CHECK, builder.end(), EXPECTED).values()
    return result


@Saturated
def test_a_relapse_of_a_few_late_answers(lag: float, outcome: Outcome) -> None:
    some = recorded(lag).load(46, 80).probe(46, 62).add(gave_up(62), gave_up(62.1), gave_up(62.2))
    result = only(some.probe(62.3, 80))
    assert result.outcome is outcome
    assert "harmed again" in result.actual


def test_a_machine_that_only_the_teardown_slows_down_excuses_no_relapse() -> None:
    torn = recorded(0.01).lagging(82, 83, 2.0)
    some = torn.load(46, 80).probe(46, 62).add(gave_up(62), gave_up(62.1), gave_up(62.2))
    assert only(some.probe(62.3, 80)).outcome is Outcome.FAIL


@Saturated
def test_late_requests_of_the_load(lag: float, outcome: Outcome) -> None:
    some = recorded(lag).probe(46, 80).load(46, 62).load(62, 62.2, status=0, error="timeout", latency=5)
    assert only(some.load(62.2, 80)).outcome is outcome


def test_a_system_that_hangs_from_then_on_fails_on_any_machine() -> None:
    hangs = recorded(0.9).load(46, 62).load(62, 78, status=0, error="timeout", latency=2)
    hangs.probe(46, 62).add(*(gave_up(62 + 0.1 * i) for i in range(160)))
    assert only(hangs).outcome is Outcome.FAIL


def test_a_few_late_answers_do_not_hide_that_it_hangs_later() -> None:
    hangs = recorded(0.9).load(46, 80).probe(46, 60).add(gave_up(60), gave_up(60.1))
    hangs.probe(60.2, 68).add(*(gave_up(68 + 0.1 * i) for i in range(100)))
    assert only(hangs).outcome is Outcome.FAIL


def test_a_wrong_answer_after_a_late_one_fails() -> None:
    wrong = recorded(0.9).load(46, 80).probe(46, 60).add(gave_up(60), gave_up(60.1)).probe(60.2, 66)
    result = only(wrong.probe(66, 67, ok=False).probe(67, 80))
    assert result.outcome is Outcome.FAIL
    assert "harmed again 46.0 s after it" in result.actual


@pytest.mark.parametrize(
    ("silent", "lag", "outcome"),
    [
        (5, 0.4, Outcome.INCONCLUSIVE),
        (5, 0.01, Outcome.FAIL),
        (8, 0.65, Outcome.INCONCLUSIVE),
        (8, 0.55, Outcome.FAIL),
    ],
    ids=["three times its patience", "a quick machine", "ten times the delay beyond it", "too long"],
)
def test_no_other_answer_for_a_while_is_explained_by_a_machine_that_was_late(
    silent: int, lag: float, outcome: Outcome
) -> None:
    """A probe waits for two seconds."""
    some = recorded(lag).load(46, 80).probe(46, 60).add(*(gave_up(60 + 0.1 * i) for i in range(10 * silent)))
    assert only(some.probe(60 + silent, 80)).outcome is outcome


@pytest.mark.parametrize(
    ("lag", "stood", "outcome"),
    [
        (1.5, 60, Outcome.INCONCLUSIVE),
        (1.5, 54, Outcome.FAIL),
        (1.5, 68, Outcome.FAIL),
        (0.9, 60, Outcome.FAIL),
    ],
    ids=["just before", "long before", "after it", "late only"],
)
def test_harm_just_after_the_machine_stood_still_proves_nothing(
    lag: float, stood: int, outcome: Outcome
) -> None:
    """Time-outs of the system run out when the machine stands still, so its answers may be wrong."""
    some = recorded(0.01).load(46, 80).probe(46, 62).probe(62, 63, ok=False).probe(63, 80)
    result = only(some.lagging(stood, stood + 1, lag))
    assert result.outcome is outcome
    assert "harmed again 42.0 s after it" in result.actual


@Saturated
def test_clients_that_would_have_been_well_but_for_late_answers(lag: float, outcome: Outcome) -> None:
    """Two answers in a row are late every four seconds, so no healthy window is ever seen."""
    some = recorded(lag).load(46, 80)
    for start in range(46, 80, 4):
        some.probe(start, start + 3.8).add(gave_up(start + 3.8), gave_up(start + 3.9))
    assert only(some).outcome is outcome


def missed(builder: RecordingBuilder, at: float) -> CheckResult:
    event = SteadyState(at=BEGAN + at, mono=at, when="after", held=False, failing=("ready: timeout",))
    return judged(steady_state.CHECK, builder.add(event).end(), NoParams())[AFTER]


@Saturated
def test_a_steady_state_that_was_missed_by_late_answers(lag: float, outcome: Outcome) -> None:
    some = recorded(lag).load(46, 80).probe(46, 72).add(gave_up(72), gave_up(72.1)).probe(72.2, 80)
    assert missed(some, 76).outcome is outcome


def test_a_steady_state_that_was_missed_by_wrong_answers_fails_on_any_machine() -> None:
    some = recorded(0.9).load(46, 80).probe(46, 72).probe(72, 80, ok=False)
    assert missed(some, 76).outcome is Outcome.FAIL
