"""Recovered means well until the end, for each kind of request that was served before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.recovery import CHECK, Recovery
from chaos.model.identity import STEADY, EvidenceKind
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import Phase, SteadyState
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder, judged

EXPECTED = Recovery.model_validate({"rto": "1m", "healthy_for": "10s"})


def recorded() -> RecordingBuilder:
    """Clients are harmed from 20.2 to 46; the teardown begins at 80."""
    found = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    found.probe(5, 20.2).probe(20.2, 46, ok=False)
    return found.load(5, 20.2).load(20.2, 46, status=503)


def only(recording: Recording) -> CheckResult:
    (result,) = judged(CHECK, recording, EXPECTED).values()
    return result


def test_well_until_the_teardown_passes() -> None:
    assert only(recorded().probe(46, 80).load(46, 80).end()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "recording",
    [
        recorded().probe(46, 80).load(46, 62).load(62, 66, status=503).load(66, 80),
        recorded().probe(46, 62).probe(62, 64, ok=False).probe(64, 80).load(46, 80),
        recorded().probe(46, 80).load(46, 62).load(62, 80, status=503),
        recorded().probe(46, 80).load(46, 62).load(62, 80, degraded="stale"),
        recorded().probe(46, 80).load(46, 62).waiting(62, 80, stopped=80.5),
    ],
    ids=["load for a while", "probe", "load to the end", "degraded", "hanging"],
)
def test_a_relapse_after_the_first_healthy_window_fails_with_both_instants(
    recording: RecordingBuilder,
) -> None:
    result = only(recording.end())
    assert result.outcome is Outcome.FAIL
    assert result.cap is not None
    assert result.actual.startswith("well again 26.0 s after the start of the fault, harmed again 42.")
    stages = {one.text.partition(":")[0]: one.at for one in result.evidence if one.kind is EvidenceKind.STAGE}
    assert stages["steady again"] == 46
    assert stages["harmed again"] == pytest.approx(62, abs=0.1)
    steady = result.measure(STEADY)
    assert steady is not None
    assert steady.value is None, "it was not over"


def test_one_mishap_is_no_relapse() -> None:
    one = recorded().probe(46, 62).probe(62, 62.1, ok=False).probe(62.1, 80)
    one.load(46, 62).load(62, 62.05, status=503).load(62.05, 80)
    assert only(one.end()).outcome is Outcome.PASS


def some_bad(*bad: float) -> RecordingBuilder:
    """From the recovery on, ten samples of the probe a second; those at ``bad`` are bad, each on its own."""
    made, start = recorded().load(46, 80), 46.0
    for at in bad:
        made.probe(start, at).probe(at, at + 0.1, ok=False)
        start = at + 0.1
    return made.probe(start, 80)


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [
        ([62 + 0.2 * i for i in range(80)], Outcome.FAIL),
        ([62 + 0.3 * i for i in range(20)], Outcome.FAIL),
        ([76 + 0.5 * i for i in range(8)], Outcome.FAIL),
        ([60, 64, 68, 72, 76], Outcome.PASS),
        ([62, 62.3, 78], Outcome.PASS),
    ],
    ids=["every second one", "every third for a while", "at the end", "one in 4 s", "two blips"],
)
def test_a_probe_that_is_often_bad_is_harm_although_no_two_samples_in_a_row_are(
    bad: list[float], outcome: Outcome
) -> None:
    assert only(some_bad(*bad).end()).outcome is outcome


def test_clients_that_were_not_watched_until_the_teardown_may_have_relapsed() -> None:
    result = only(recorded().probe(46, 70).load(46, 80).end())
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "nothing was recorded of the clients in the last 10.1 s" in result.actual
    assert only(recorded().probe(46, 80).load(46, 70).end()).outcome is Outcome.INCONCLUSIVE


def rare(*states: tuple[float, int], every: float = 5.0) -> RecordingBuilder:
    """A kind of request that is one of a hundred: its status from each instant on."""
    found = recorded().probe(46, 80).load(46, 80)
    ends = [start for start, _ in states[1:]] + [80.0]
    for (start, status), end in zip(states, ends, strict=True):
        found.load(start, end, name="POST /orders", status=status, rate=1 / every)
    return found


def test_a_rare_kind_of_request_that_stays_dead_fails() -> None:
    assert only(rare((5, 201), (20, 500)).end()).outcome is Outcome.FAIL
    assert only(rare((5, 201), (20, 500), (47, 201)).end()).outcome is Outcome.PASS


def flaky(*bad: float) -> RecordingBuilder:
    """A request every 3 s is of a rare kind; those sent at ``bad`` are not served."""
    made = recorded().probe(46, 80).load(46, 80).load(5, 20, name="POST /orders", status=201, rate=0.5)
    for at in range(47, 80, 3):
        made.load(at, at + 1, name="POST /orders", status=500 if at in bad else 201, rate=1)
    return made


@pytest.mark.parametrize(
    ("bad", "outcome"),
    [
        ((47, 56, 65, 74), Outcome.FAIL),
        ((53, 62), Outcome.FAIL),
        ((62,), Outcome.PASS),
        ((77,), Outcome.PASS),
    ],
    ids=["every third one", "in the window and after it", "one", "one at the end"],
)
def test_a_rare_kind_of_request_that_often_fails_is_harm_although_no_window_has_two(
    bad: tuple[float, ...], outcome: Outcome
) -> None:
    result = only(flaky(*bad).end())
    assert result.outcome is outcome
    assert ("POST /orders was often not served" in result.actual) is (outcome is Outcome.FAIL)


def test_one_that_comes_after_the_window_only_is_judged_until_the_teardown() -> None:
    late = recorded().probe(46, 80).load(46, 80)
    late.load(5, 15, name="POST /orders", status=201, rate=0.1)
    assert only(late.load(65, 75, name="POST /orders", status=500, rate=0.1).end()).outcome is Outcome.FAIL


def test_one_that_is_not_asked_for_again_is_unknown() -> None:
    gone = recorded().probe(46, 80).load(46, 80).load(5, 15, name="POST /orders", status=201, rate=0.2)
    result = only(gone.end())
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "POST /orders was served before the fault and not asked for after the recovery" in result.actual


def test_one_that_was_never_served_need_not_be() -> None:
    assert only(rare((5, 500), (20, 500)).end()).outcome is not Outcome.INCONCLUSIVE


def test_what_this_machine_could_not_send_is_no_harm() -> None:
    found = (
        recorded().probe(46, 80).load(46, 80).load(46, 80, status=0, served=False, error="overload", rate=1)
    )
    assert only(found.end()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "recording",
    [
        recorded().load(46, 80).end(),
        recorded().probe(46, 80).end(),
        recorded().probe(46, 80).load(46, 55, status=503).end(),
        recorded().probe(46, 80).load(46, 80, status=0, served=False, error="overload").end(),
    ],
    ids=["no probe", "no load", "load ends early", "nothing could be sent"],
)
def test_a_record_of_the_clients_that_ends_early_does_not_say_that_they_stayed_harmed(
    recording: Recording,
) -> None:
    held = SteadyState(at=BEGAN + 66, mono=66, when="after", held=True, since=BEGAN + 63)
    assert only(replace(recording, events=(*recording.events, held))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("begins", [5, 12, 19.9, 20.2])
def test_a_load_that_is_missing_before_the_fault_does_not_say_what_was_served(begins: float) -> None:
    made = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    made.probe(5, 20.2).probe(20.2, 46, ok=False).probe(46, 80)
    made.load(begins, 20.2).load(20.2, 46, status=503).load(46, 80)
    outcome = Outcome.PASS if begins < 13 else Outcome.INCONCLUSIVE
    assert only(made.end()).outcome is outcome


@pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.PASS), (500, Outcome.INCONCLUSIVE)])
def test_a_path_that_was_not_asked_for_before_the_fault_must_be_served_after_it(
    status: int, outcome: Outcome
) -> None:
    made = recorded().probe(46, 80).load(46, 80)
    made.load(47, 80, name="POST /orders", status=status, rate=0.1)
    assert only(made.end()).outcome is outcome


@pytest.mark.parametrize(
    "recording",
    [
        recorded().probe(46, 80).load(46, 62).load(67, 80),
        recorded().probe(46, 62).probe(67, 80).load(46, 80),
        recorded().probe(46, 80).load(46, 62).load(62, 67, rate=10).load(67, 80),
        recorded().probe(46, 80).load(46, 62).load(62, 67, status=0, error="overload").load(67, 80),
    ],
    ids=["no load", "no probe", "half of the load", "nothing could be sent"],
)
def test_a_hole_after_the_recovery_may_hide_a_relapse(recording: RecordingBuilder) -> None:
    found = only(recording.end())
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "a relapse may be missed" in found.actual


def test_a_hole_before_the_clients_were_seen_well_only_makes_the_recovery_later() -> None:
    assert only(recorded().probe(46, 80).load(52, 80).end()).outcome is Outcome.PASS


@pytest.mark.parametrize(("watch", "outcome"), [(8.0, Outcome.PASS), (40.0, Outcome.INCONCLUSIVE)])
def test_clients_must_be_watched_for_as_long_as_the_plan_says(watch: float, outcome: Outcome) -> None:
    """The steady state came back at 60, and the teardown began at 80."""
    well = recorded().probe(46, 80).load(46, 80)
    well.add(SteadyState(at=BEGAN + 60, mono=60, when="after", held=True))
    made = well.end()
    plan = made.plan.model_copy(update={"relapse_watch": watch})
    result = only(replace(made, plan=plan))
    assert result.outcome is outcome
    assert ("watched for 20.0 s of 40.0 s" in result.actual) is (outcome is Outcome.INCONCLUSIVE)
