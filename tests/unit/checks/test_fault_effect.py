"""A fault without effect proves nothing, and an undo that failed is never overlooked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.checks.fault_effect import CHECK
from chaos.faults.container_stop import ContainerStop
from chaos.kinds import NoParams
from chaos.model.verdict import Outcome
from chaos.timeline.events import FaultInjected, FaultMeasured, FaultReverted, Measurement
from chaos.timeline.recording import Recording
from chaos.timeline.steered import RunHeld, RunResumed
from tests.recording_builder import BEGAN, RecordingBuilder, judged

RUNNING = Measurement(subject="dep", values={"state": "running"})
EFFECT, UNDONE = "container.kill dep takes effect", "container.kill dep is undone"


def without(recording: Recording, kind: type, when: str | None = None) -> Recording:
    kept = tuple(
        e
        for e in recording.events
        if not (isinstance(e, kind) and (when is None or getattr(e, "when", "") == when))
    )
    return Recording(recording.plan, kept)


def test_passes_when_it_bit_and_is_gone() -> None:
    results = judged(CHECK, RecordingBuilder().fault().end())
    assert {r.outcome for r in results.values()} == {Outcome.PASS}
    assert "state exited" in results[EFFECT].actual
    assert results[EFFECT].measures[0].value == 0.2
    assert results[UNDONE].marks[0].fraction == 1.0


def test_no_effect_is_inconclusive_never_pass() -> None:
    result = judged(CHECK, RecordingBuilder().fault(took_effect=False).end())[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no effect in 24 measurements" in result.actual


def moved(kind: type[FaultInjected | FaultReverted], at: float) -> Recording:
    """A run with one fault, from 20 to 44, of which one event has another instant."""
    recording = RecordingBuilder().fault().end()
    return replace(
        recording,
        events=tuple(
            e.model_copy(update={"at": recording.began + at}) if isinstance(e, kind) else e
            for e in recording.events
        ),
    )


def test_a_fault_that_was_undone_long_before_that_was_due_is_inconclusive() -> None:
    result = judged(CHECK, moved(FaultReverted, 26))[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "it was undone 18" in result.actual


@pytest.mark.parametrize(("took", "outcome"), [(12.0, Outcome.PASS), (1.0, Outcome.INCONCLUSIVE)])
def test_an_undo_that_began_long_after_that_was_due_is_inconclusive(took: float, outcome: Outcome) -> None:
    """It was read back at 55 s and was due at 44 s: a slow undo is not a late one."""
    late = moved(FaultReverted, 55)
    events = tuple(
        e.model_copy(update={"took": took}) if isinstance(e, FaultReverted) else e for e in late.events
    )
    assert judged(CHECK, replace(late, events=events))[EFFECT].outcome is outcome


def test_an_injection_that_ended_after_its_effect_was_measured_is_inconclusive() -> None:
    result = judged(CHECK, moved(FaultInjected, 43))[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "before its injection had ended" in result.actual


def test_an_effect_on_something_else_proves_nothing() -> None:
    recording = RecordingBuilder().fault().end()
    events = tuple(
        e.model_copy(update={"measurement": e.measurement.model_copy(update={"subject": "another"})})
        if isinstance(e, FaultMeasured) and e.when == "during"
        else e
        for e in recording.events
    )
    assert judged(CHECK, replace(recording, events=events))[EFFECT].outcome is Outcome.INCONCLUSIVE


def test_a_witness_that_looked_at_something_else_afterwards_did_not_see_the_effect_gone() -> None:
    recording = RecordingBuilder().fault().end()
    elsewhere = Measurement(subject="another", values={"state": "running"})
    events = tuple(
        e.model_copy(update={"measurement": elsewhere})
        if isinstance(e, FaultMeasured) and e.when == "after"
        else e
        for e in recording.events
    )
    result = judged(CHECK, replace(recording, events=events))[UNDONE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "the witness measured another, and dep before the fault" in result.actual


@pytest.mark.parametrize(
    ("state", "outcome"), [("running", Outcome.PASS), ("restarting", Outcome.INCONCLUSIVE)]
)
def test_a_container_that_does_not_run_afterwards_is_not_known_to_be_back(
    state: str, outcome: Outcome
) -> None:
    """A kill shows its effect in a container that has exited; one that is starting anew has not."""
    recording = RecordingBuilder().fault().end()
    fault = ContainerStop.model_validate(
        {"at": "3m20s", "for": "8m", "fault": "container.stop", "service": "dep"}
    )
    (planned,) = recording.plan.steps
    plan = recording.plan.model_copy(update={"steps": (planned.model_copy(update={"step": fault}),)})
    after = Measurement(subject="dep", values={"state": state})
    events = tuple(
        e.model_copy(update={"measurement": after})
        if isinstance(e, FaultMeasured) and e.when == "after"
        else e
        for e in recording.events
    )
    undone = judged(CHECK, replace(recording, plan=plan, events=events))["container.stop dep is undone"]
    assert undone.outcome is outcome


@pytest.mark.parametrize(
    ("back", "outcome"), [(43.8, Outcome.PASS), (20.8, Outcome.INCONCLUSIVE)], ids=["held", "0.6 s of it"]
)
def test_a_witness_that_the_recorded_states_contradict_proves_nothing(back: float, outcome: Outcome) -> None:
    """The witness says that the container had exited until 43 s."""
    builder = RecordingBuilder().container(1, "running").fault().container(20.2, "exited")
    assert judged(CHECK, builder.container(back, "running").end())[EFFECT].outcome is outcome


def test_no_effect_on_a_saturated_machine_says_that_it_was() -> None:
    result = judged(CHECK, RecordingBuilder().fault(took_effect=False).lagging(20, 44).end())[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no effect in 24 measurements of dep; this machine was saturated" in result.actual


def test_an_injection_that_took_as_long_as_the_fault_says_if_the_machine_was_saturated() -> None:
    """The wrong advice would be a longer ``for``."""
    calm, late = RecordingBuilder().fault(), RecordingBuilder().fault().lagging(20, 60)
    for recording, said in ((calm.end(), False), (late.end(), True)):
        events = tuple(
            event.model_copy(update={"at": BEGAN + 44}) if isinstance(event, FaultInjected) else event
            for event in recording.events
            if not (isinstance(event, FaultMeasured) and event.when == "during")
        )
        result = judged(CHECK, replace(recording, events=events))[EFFECT]
        assert "the injection took 24.0 s" in result.actual
        assert ("this machine was saturated" in result.actual) is said


def showing(recording: Recording, shows: Callable[[float], bool]) -> Recording:
    """The same, where only the measurements during the fault at instants that ``shows`` holds the effect."""
    events = tuple(
        e.model_copy(update={"measurement": RUNNING})
        if isinstance(e, FaultMeasured) and e.when == "during" and not shows(e.at - BEGAN)
        else e
        for e in recording.events
    )
    return replace(recording, events=events)


@pytest.mark.parametrize(
    ("shows", "said"),
    [
        (lambda at: at < 21, "for 0 s of the 23.9 s that were planned: seen in 1 of 24 measurements"),
        (lambda at: at < 35, "seen in 15 of 24"),
        (lambda at: at > 30, "the first effect was seen 10.2 s after the injection"),
        (lambda at: at < 25 or at > 29, "seen in 20 of 24"),
    ],
    ids=["one", "gone early", "late", "gone meanwhile"],
)
def test_a_fault_that_did_not_last_as_planned_proves_nothing(
    shows: Callable[[float], bool], said: str
) -> None:
    result = judged(CHECK, showing(RecordingBuilder().fault().end(), shows))[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert said in result.actual


def test_one_measurement_that_misses_the_effect_is_noise() -> None:
    result = judged(CHECK, showing(RecordingBuilder().fault().end(), lambda at: not 30 < at < 31))[EFFECT]
    assert result.outcome is Outcome.PASS
    assert "seen in 23 of 24 measurements" in result.actual


def test_measurements_that_are_missing_prove_nothing() -> None:
    recording = RecordingBuilder().fault().end()
    few = tuple(
        e
        for e in recording.events
        if not (isinstance(e, FaultMeasured) and e.when == "during" and BEGAN + 25 < e.at < BEGAN + 40)
    )
    result = judged(CHECK, replace(recording, events=few))[EFFECT]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no measurement shows it for 16.0 s" in result.actual


@pytest.mark.parametrize(
    ("missing", "took", "outcome"),
    [
        (4, 3.2, Outcome.PASS),
        (4, None, Outcome.INCONCLUSIVE),
        (4, 0.1, Outcome.INCONCLUSIVE),
        (8, 8.5, Outcome.INCONCLUSIVE),
    ],
    ids=[
        "a slow one",
        "unknown how slow",
        "a quick one that came late",
        "slower than busy machines make one",
    ],
)
def test_what_one_slow_measurement_took_is_no_gap(missing: int, took: float | None, outcome: Outcome) -> None:
    recording = RecordingBuilder().fault().end()
    events = tuple(
        e.model_copy(update={"took": took}) if isinstance(e, FaultMeasured) else e
        for e in recording.events
        if not (isinstance(e, FaultMeasured) and BEGAN + 25 < e.at < BEGAN + 25 + missing)
    )
    assert judged(CHECK, replace(recording, events=events))[EFFECT].outcome is outcome


def test_the_stretch_in_which_the_run_was_held_is_part_of_the_fault() -> None:
    """The effect ends when the undo was due without the hold; 10 s of it are not proven."""
    held = RecordingBuilder().add(RunHeld(at=BEGAN + 30, mono=30), RunResumed(at=BEGAN + 40, mono=40))
    recording = showing(held.fault(20, 54).end(), lambda at: at < 44)
    assert judged(CHECK, recording)[EFFECT].outcome is Outcome.INCONCLUSIVE


def test_an_injection_as_long_as_the_fault_says_so() -> None:
    stop = ContainerStop.model_validate(
        {"at": "3m20s", "fault": "container.stop", "service": "dep", "for": "1m"}
    )
    recording = RecordingBuilder(hold=60).fault(20, 30.3).end()
    step = recording.plan.steps[0].model_copy(update={"step": stop})
    events = tuple(
        e.model_copy(update={"at": BEGAN + 30.2}) if isinstance(e, FaultInjected) else e
        for e in recording.events
        if not (isinstance(e, FaultMeasured) and e.when == "during")
    )
    plan = recording.plan.model_copy(update={"steps": (step,)})
    result = judged(CHECK, replace(recording, plan=plan, events=events))["container.stop dep takes effect"]
    assert result.outcome is Outcome.INCONCLUSIVE
    said = "it took 10.2 s to stop, `for` is 3.0 s: write a longer `for` or a shorter `grace`"
    assert result.actual == said


def test_whether_it_took_effect_is_computed_anew_from_the_measurements() -> None:
    recording = RecordingBuilder().fault(took_effect=False).end()
    lying = tuple(
        e.model_copy(update={"took_effect": True}) if isinstance(e, FaultMeasured) else e
        for e in recording.events
    )
    assert judged(CHECK, Recording(recording.plan, lying))[EFFECT].outcome is Outcome.INCONCLUSIVE
    recording = RecordingBuilder().fault().end()
    modest = tuple(
        e.model_copy(update={"took_effect": False}) if isinstance(e, FaultMeasured) else e
        for e in recording.events
    )
    assert judged(CHECK, Recording(recording.plan, modest))[EFFECT].outcome is Outcome.PASS


def test_never_injected_is_inconclusive() -> None:
    results = judged(CHECK, RecordingBuilder().steady().end())
    assert {r.outcome for r in results.values()} == {Outcome.INCONCLUSIVE}


def test_injection_that_did_not_return_is_inconclusive() -> None:
    assert (
        judged(CHECK, without(RecordingBuilder().fault().end(), FaultInjected))[EFFECT].outcome
        is Outcome.INCONCLUSIVE
    )


def test_missing_measurements_are_inconclusive() -> None:
    recording = RecordingBuilder().fault().end()
    for when in ("before", "during"):
        result = judged(CHECK, without(recording, FaultMeasured, when))[EFFECT]
        assert result.outcome is Outcome.INCONCLUSIVE
        assert when in result.actual
    assert judged(CHECK, without(recording, FaultMeasured, "after"))[UNDONE].outcome is Outcome.INCONCLUSIVE


def test_a_failed_undo_fails_with_what_it_answered() -> None:
    result = judged(CHECK, RecordingBuilder().fault(undone=False).end())[UNDONE]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "still exited"
    assert result.marks[0].fraction == 0.0
    assert "gameday clean" in result.marks[0].fix


def test_an_effect_that_outlives_the_undo_fails() -> None:
    result = judged(CHECK, RecordingBuilder().fault(gone=False).end())[UNDONE]
    assert result.outcome is Outcome.FAIL
    assert "outlived" in result.actual


@pytest.mark.parametrize(
    ("until", "outcome"), [(80, Outcome.INCONCLUSIVE), (36, Outcome.FAIL)], ids=["to the end", "before"]
)
def test_an_effect_that_a_saturated_machine_shows_after_the_undo_proves_nothing(
    until: int, outcome: Outcome
) -> None:
    """The undo was read back; the last look at the effect is as slow as the machine."""
    result = judged(CHECK, RecordingBuilder().fault(gone=False).lagging(20, until).end())[UNDONE]
    assert result.outcome is outcome
    assert ("this machine was saturated" in result.actual) is (outcome is Outcome.INCONCLUSIVE)
    failed = judged(CHECK, RecordingBuilder().fault(undone=False).lagging(20, until).end())[UNDONE]
    assert failed.outcome is Outcome.FAIL


def test_an_undo_that_is_not_in_the_recording_is_inconclusive() -> None:
    result = judged(CHECK, without(RecordingBuilder().fault().end(), FaultReverted))[UNDONE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.marks[0].fraction is None


def test_each_of_several_faults_is_judged_by_its_own_measurements() -> None:
    recording = RecordingBuilder(steps=2).fault(20, 44).fault(20, 44, index=1, took_effect=False).end()
    results = CHECK.judge(recording, NoParams())
    assert [r.outcome for r in results] == [Outcome.PASS, Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.PASS]
