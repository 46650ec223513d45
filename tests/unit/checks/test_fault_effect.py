"""A fault without effect proves nothing, and an undo that failed is never overlooked."""

from __future__ import annotations

from chaos.checks.fault_effect import CHECK
from chaos.kinds import NoParams
from chaos.model.verdict import Outcome
from chaos.timeline.events import FaultInjected, FaultMeasured, FaultReverted
from chaos.timeline.recording import Recording
from tests.tape import Tape, judged

BITES, UNDONE = "container.kill dep takes effect", "container.kill dep is undone"


def without(recording: Recording, kind: type, when: str | None = None) -> Recording:
    kept = tuple(
        e
        for e in recording.events
        if not (isinstance(e, kind) and (when is None or getattr(e, "when", "") == when))
    )
    return Recording(recording.plan, kept)


def test_passes_when_it_bit_and_is_gone() -> None:
    results = judged(CHECK, Tape().fault().end())
    assert {r.outcome for r in results.values()} == {Outcome.PASS}
    assert "state exited" in results[BITES].actual
    assert results[BITES].measures[0].value == 0.2
    assert results[UNDONE].marks[0].fraction == 1.0


def test_no_effect_is_inconclusive_never_pass() -> None:
    result = judged(CHECK, Tape().fault(bites=False).end())[BITES]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no effect in 24 measurements" in result.actual


def test_whether_it_bites_is_computed_anew_from_the_measurements() -> None:
    recording = Tape().fault(bites=False).end()
    lying = tuple(
        e.model_copy(update={"bites": True}) if isinstance(e, FaultMeasured) else e for e in recording.events
    )
    assert judged(CHECK, Recording(recording.plan, lying))[BITES].outcome is Outcome.INCONCLUSIVE
    recording = Tape().fault().end()
    modest = tuple(
        e.model_copy(update={"bites": False}) if isinstance(e, FaultMeasured) else e for e in recording.events
    )
    assert judged(CHECK, Recording(recording.plan, modest))[BITES].outcome is Outcome.PASS


def test_never_injected_is_inconclusive() -> None:
    results = judged(CHECK, Tape().steady().end())
    assert {r.outcome for r in results.values()} == {Outcome.INCONCLUSIVE}


def test_injection_that_did_not_return_is_inconclusive() -> None:
    assert judged(CHECK, without(Tape().fault().end(), FaultInjected))[BITES].outcome is Outcome.INCONCLUSIVE


def test_missing_measurements_are_inconclusive() -> None:
    recording = Tape().fault().end()
    for when in ("before", "during"):
        result = judged(CHECK, without(recording, FaultMeasured, when))[BITES]
        assert result.outcome is Outcome.INCONCLUSIVE
        assert when in result.actual
    assert judged(CHECK, without(recording, FaultMeasured, "after"))[UNDONE].outcome is Outcome.INCONCLUSIVE


def test_a_failed_undo_fails_with_what_it_answered() -> None:
    result = judged(CHECK, Tape().fault(undone=False).end())[UNDONE]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "still exited"
    assert result.marks[0].fraction == 0.0
    assert "gameday clean" in result.marks[0].fix


def test_an_effect_that_outlives_the_undo_fails() -> None:
    result = judged(CHECK, Tape().fault(gone=False).end())[UNDONE]
    assert result.outcome is Outcome.FAIL
    assert "outlived" in result.actual


def test_an_undo_that_is_not_in_the_recording_is_inconclusive() -> None:
    result = judged(CHECK, without(Tape().fault().end(), FaultReverted))[UNDONE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.marks[0].fraction is None


def test_each_of_several_faults_is_judged_by_its_own_measurements() -> None:
    recording = Tape(steps=2).fault(20, 44).fault(20, 44, index=1, bites=False).end()
    results = CHECK.judge(recording, NoParams())
    assert [r.outcome for r in results] == [Outcome.PASS, Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.PASS]
