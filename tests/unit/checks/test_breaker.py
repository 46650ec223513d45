"""The breaker's way, from its scraped gauge: sampling neither fails a correct one nor passes a wrong one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.breaker import CHECK, Breaker
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, STACK, RecordingBuilder, judged
from tests.unit.checks.breakers import CLOSES, EXPECTED, FAST, GOOD, OPENS, PATH, recorded


def result(recording: Recording, title: str, params: Breaker = EXPECTED) -> CheckResult:
    return judged(CHECK, recording, params)[title]


def test_passes_the_whole_way() -> None:
    results = judged(CHECK, recorded(*GOOD).end(), EXPECTED)
    assert {title: r.outcome for title, r in results.items()} == dict.fromkeys(
        (PATH, OPENS, FAST, CLOSES), Outcome.PASS
    )
    assert results[PATH].actual == "closed -> open -> half_open -> closed"
    assert results[OPENS].measures[0].value == 0.9
    assert results[CLOSES].measures[0].value == 1.5
    assert results[FAST].measures[0].value == 0.004
    assert [e.at for e in results[PATH].evidence] == [0, 21, 45, 45.5]


# Right after the fault, or long after it: a fault that is gone opens nothing.
@pytest.mark.parametrize("ends", [45, 80])
def test_never_opened_fails_every_part_with_evidence(ends: float) -> None:
    results = judged(CHECK, recorded((0, "closed")).end(ends), EXPECTED)
    assert {(r.outcome, r.actual) for r in results.values()} == {(Outcome.FAIL, "never opened")}
    assert all(r.marks[0].fraction == 0.0 and r.evidence for r in results.values())


def test_failed_trials_in_between_are_allowed() -> None:
    trials = (
        (0, "closed"),
        (21, "open"),
        (25, "half_open"),
        (25.5, "open"),
        (30, "half_open"),
        (30.5, "open"),
    )
    found = result(recorded(*trials, (45, "half_open"), (45.5, "closed")).end(), PATH)
    assert found.outcome is Outcome.PASS
    assert found.measures[0].value == 24.5  # one open stretch, trials included


def test_half_open_that_no_scrape_saw_is_granted_after_the_reset_time() -> None:
    found = result(recorded((0, "closed"), (21, "open"), (45, "closed")).end(), PATH)
    assert found.outcome is Outcome.PASS
    assert "half_open not seen by any scrape" in found.actual


def test_closing_before_the_reset_time_without_half_open_fails() -> None:
    found = result(
        recorded((0, "closed"), (43.5, "open"), (44, "closed")).end(), PATH
    )  # open for 1 s at most, reset 1.5 s
    assert found.outcome is Outcome.FAIL
    assert "before its reset time" in found.actual


def test_unseen_half_open_is_inconclusive_when_the_reset_time_is_unknown() -> None:
    whole = recorded((0, "closed"), (21, "open"), (45, "closed")).end()
    facts = STACK.breakers["dep"].model_copy(update={"reset": None})
    stack = whole.plan.stack.model_copy(update={"breakers": {"dep": facts}})
    blind = Recording(
        whole.plan.model_copy(update={"stack": stack}), whole.events, whole.requests, whole.metrics
    )
    assert result(blind, PATH).outcome is Outcome.INCONCLUSIVE


def test_open_that_no_scrape_saw_is_granted_before_half_open() -> None:
    found = result(recorded((0, "closed"), (44, "half_open"), (45, "closed")).end(), PATH)
    assert found.outcome is Outcome.PASS
    assert "open not seen by any scrape" in found.actual
    fast = result(recorded((0, "closed"), (44, "half_open"), (45, "closed")).end(), FAST)
    assert fast.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (
            ((0, "closed"), (21, "open"), (30, "half_open"), (31, "closed"), (32, "open"), (45, "closed")),
            "open again",
        ),
        (((0, "closed"), (21, "open")), "never half_open"),
        (((0, "closed"), (21, "open"), (45, "half_open")), "never closed"),
        (
            ((0, "closed"), (21, "half_open"), (22, "open"), (46, "closed"), (50, "half_open")),
            "half_open again",
        ),
    ],
    ids=["closes inside the fault", "stays open", "stays half-open", "leaves closed again"],
)
def test_another_way_fails(states: tuple[tuple[float, str], ...], words: str) -> None:
    found = result(recorded(*states).end(), PATH)
    assert found.outcome is Outcome.FAIL
    assert words in found.actual


@pytest.mark.parametrize("state", [1.0, 2.0], ids=["instead of open", "instead of half-open"])
def test_a_value_that_is_no_state_is_unknown(state: float) -> None:
    whole = recorded(*GOOD).end()
    odd = tuple(
        s.model_copy(update={"samples": tuple((at, 7.0 if v == state else v) for at, v in s.samples)})
        for s in whole.metrics.series
        if s.metric == "dep_breaker_state"
    )
    metrics = whole.metrics.model_copy(update={"series": odd})
    found = result(Recording(whole.plan, whole.events, whole.requests, metrics), PATH)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "a value that stack.yaml names no state for: unknown (7)" in found.actual


def test_a_gauge_of_another_instance_is_not_its_own() -> None:
    whole = recorded(*GOOD).end()
    own, other = {"job": "web", "instance": "web:8000"}, {"job": "web", "instance": "other-host:9"}

    def labelled(gauge: dict[str, str]) -> Recording:
        series = tuple(
            s.model_copy(update={"labels": gauge if s.metric == "dep_breaker_state" else own})
            for s in whole.metrics.series
        )
        return replace(whole, metrics=whole.metrics.model_copy(update={"series": series}))

    assert result(labelled(own), PATH).outcome is Outcome.PASS
    assert result(labelled(other), PATH).outcome is Outcome.INCONCLUSIVE


def test_a_path_that_does_not_lead_back_is_a_beginning_only() -> None:
    params = Breaker.model_validate({"name": "dep", "path": ["closed", "open"]})
    assert result(recorded(*GOOD).end(), PATH, params).outcome is Outcome.PASS
    assert result(recorded((0, "closed")).end(), PATH, params).outcome is Outcome.FAIL


def test_a_path_that_ends_half_open_must_be_seen_to_do_so() -> None:
    params = Breaker.model_validate({"name": "dep", "path": ["closed", "open", "half_open"]})
    assert result(recorded(*GOOD).end(), PATH, params).outcome is Outcome.PASS
    found = result(recorded((0, "closed"), (21, "open"), (45, "closed")).end(), PATH, params)
    assert found.outcome is Outcome.FAIL
    assert "closed where half_open was promised" in found.actual


def test_open_already_before_the_injection_proves_nothing() -> None:
    assert result(recorded((0, "open"), (45, "closed")).end(), PATH).outcome is Outcome.INCONCLUSIVE


def test_a_breaker_that_opens_while_the_injection_is_under_way_opened_at_once() -> None:
    quick = ((0, "closed"), (20.05, "open"), (45, "closed"))  # intended at 20, done at 20.1
    assert result(recorded(*quick, every=0.05).end(), OPENS).measures[0].value == 0.0
    assert result(recorded(*quick, every=0.05).end(), PATH).outcome is Outcome.PASS


def test_opening_late_fails_in_proportion() -> None:
    found = result(
        recorded((0, "closed"), (27.6, "open"), (45, "half_open"), (45.5, "closed"), every=0.2).end(), OPENS
    )
    assert found.outcome is Outcome.FAIL
    assert found.marks[0].fraction == pytest.approx(2 - 7.5 / 5)


def test_opening_between_two_scrapes_around_the_limit_is_unknown() -> None:
    found = result(recorded((0, "closed"), (24, "open"), (44, "closed"), every=4.0).end(), OPENS)
    assert found.outcome is Outcome.PASS  # 3.9 s at the latest
    found = result(recorded((0, "closed"), (28, "open"), (44, "closed"), every=4.0).end(), OPENS)
    assert found.outcome is Outcome.INCONCLUSIVE  # between 3.9 and 7.9 s
    assert "between 3.9 s and 7.9 s" in found.actual


def test_closing_late_fails_and_never_closing_fails_once_the_limit_has_passed() -> None:
    late = recorded((0, "closed"), (21, "open"), (52.5, "half_open"), (53, "closed"))
    assert result(late.end(), CLOSES).outcome is Outcome.FAIL
    assert result(late.end(), CLOSES).marks[0].fraction == pytest.approx(2 - 9 / 6)
    never = recorded((0, "closed"), (21, "open"))
    assert result(never.end(), CLOSES).actual == "never closed again"
    assert (
        result(recorded((0, "closed"), (21, "open"), until=47).end(), CLOSES).outcome is Outcome.INCONCLUSIVE
    )
    assert result(recorded((0, "closed"), (21, "open"), until=47).end(), PATH).outcome is Outcome.INCONCLUSIVE


def slow(latency: float, share: int) -> Recording:
    """Every ``share``-th answer while open took ``latency``."""
    builder = RecordingBuilder().steady(10).fault(20, 44).breaker(*GOOD, until=80)
    return (
        builder.load(21, 45, degraded="stale", latency=0.004)
        .load(21, 45, status=503, latency=latency, rate=20 / share)
        .end()
    )


def test_slow_answers_while_open_fail_and_a_few_slow_trials_do_not() -> None:
    assert result(slow(0.06, 5), FAST).outcome is Outcome.FAIL
    assert result(slow(0.06, 5), FAST).marks[0].fraction == pytest.approx(2 - 0.06 / 0.05)
    assert result(slow(2.0, 40), FAST).outcome is Outcome.PASS


def test_a_machine_that_was_too_slow_before_the_fault_cannot_tell() -> None:
    builder = RecordingBuilder().steady(10).fault(20, 44).breaker(*GOOD, until=80).load(5, 19, latency=0.2)
    loaded = result(builder.load(21, 45, degraded="stale", latency=0.3).end(), FAST)
    assert loaded.outcome is Outcome.INCONCLUSIVE
    assert "200 ms before the fault already" in loaded.actual
    builder = RecordingBuilder().steady(10).fault(20, 44).breaker(*GOOD, until=80).load(5, 19, latency=0.2)
    assert result(builder.load(21, 45, degraded="stale", latency=0.5).end(), FAST).outcome is Outcome.FAIL
    builder = RecordingBuilder().steady(10).fault(20, 44).breaker(*GOOD, until=80).load(5, 19, latency=0.04)
    assert result(builder.load(21, 45, degraded="stale", latency=0.06).end(), FAST).outcome is Outcome.FAIL


def test_healthy_answers_do_not_count_as_failing_fast() -> None:
    recording = RecordingBuilder().steady(10).fault(20, 44).breaker(*GOOD, until=80).load(5, 80).end()
    assert result(recording, FAST).outcome is Outcome.INCONCLUSIVE  # not one degraded or failed answer


def test_only_the_named_request_counts_when_one_is_named() -> None:
    recording = recorded(*GOOD).load(21, 45, name="POST /orders", status=503, latency=1.0).end()
    assert result(recording, FAST).outcome is Outcome.FAIL
    named = EXPECTED.model_copy(update={"request": "GET /items"})
    assert result(recording, FAST, named).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "recording",
    [
        recorded(*GOOD).metrics(complete=False).end(),
        recorded().end(),
        RecordingBuilder().steady(10).breaker(*GOOD).end(),
        recorded((22, "closed"), (23, "open"), (45, "closed")).end(),
    ],
    ids=["not read", "no gauge", "no injection", "not scraped before"],
)
def test_missing_data_makes_every_part_inconclusive(recording: Recording) -> None:
    results = judged(CHECK, recording, EXPECTED)
    assert set(results) == {PATH, OPENS, FAST, CLOSES}
    assert {r.outcome for r in results.values()} == {Outcome.INCONCLUSIVE}
    assert all(r.marks[0].fraction is None for r in results.values())


def test_a_recording_cut_inside_the_fault_fails_nothing() -> None:
    recording = (
        RecordingBuilder()
        .steady(10)
        .fault(20, None)
        .load(20, 30, degraded="stale")
        .breaker((0, "closed"), until=26)
        .cut(26)
    )
    assert {r.outcome for r in judged(CHECK, recording, EXPECTED).values()} == {Outcome.INCONCLUSIVE}
    opened = (
        RecordingBuilder()
        .steady(10)
        .fault(20, None)
        .load(20, 30, degraded="stale")
        .breaker(*GOOD[:2], until=26)
        .cut(26)
    )
    results = judged(CHECK, opened, EXPECTED)
    assert results[OPENS].outcome is Outcome.PASS
    assert {results[t].outcome for t in (PATH, FAST, CLOSES)} == {Outcome.INCONCLUSIVE}


def test_what_is_not_asked_is_not_judged() -> None:
    assert set(judged(CHECK, recorded(*GOOD).end(), Breaker.model_validate({"name": "dep"}))) == {PATH}


def test_a_breaker_that_the_stack_does_not_know_is_inconclusive() -> None:
    params = Breaker.model_validate({"name": "other"})
    assert {r.outcome for r in judged(CHECK, recorded(*GOOD).end(), params).values()} == {
        Outcome.INCONCLUSIVE
    }


def replica(recording: Recording, *states: tuple[float, str]) -> Recording:
    """The same run with a second replica of the app, whose breaker went through these states."""
    (series,) = [
        one
        for one in RecordingBuilder().breaker(*states).end().metrics.series
        if one.metric.startswith("dep_")
    ]
    other = series.model_copy(update={"labels": {**series.labels, "instance": "web-2:8000"}})
    metrics = recording.metrics.model_copy(update={"series": (*recording.metrics.series, other)})
    return replace(recording, metrics=metrics)


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (((0, "closed"), (22, "open"), (46, "half_open"), (46.5, "closed")), Outcome.PASS),
        (((0, "closed"),), Outcome.INCONCLUSIVE),
    ],
    ids=["alike", "never opened"],
)
def test_two_replicas_are_two_histories(second: tuple[tuple[float, str], ...], outcome: Outcome) -> None:
    """Mixed into one, closed and open would take turns at every scrape."""
    first = ((0, "closed"), (21, "open"), (45, "half_open"), (45.5, "closed"))
    recording = replica(RecordingBuilder().steady().fault(20, 44).breaker(*first).end(), *second)
    result = judged(CHECK, recording, Breaker(name="dep"))["breaker dep passes through the expected states"]
    assert result.outcome is outcome, result.actual


def test_a_breaker_of_a_service_that_was_started_again_is_one_history() -> None:
    whole = (
        RecordingBuilder()
        .steady()
        .fault(20, 44)
        .breaker((0, "closed"), (21, "open"), (45, "half_open"), (45.5, "closed"))
    )
    made = whole.end()
    parts = []
    for one in made.metrics.series:
        if one.metric != "dep_breaker_state":
            parts.append(one)
            continue
        for host, later in (("a", False), ("b", True)):
            samples = tuple(sample for sample in one.samples if (sample[0] >= BEGAN + 30) is later)
            labels = {**one.labels, "instance": host}
            parts.append(one.model_copy(update={"labels": labels, "samples": samples}))
    recording = replace(made, metrics=made.metrics.model_copy(update={"series": tuple(parts)}))
    result = judged(CHECK, recording, Breaker(name="dep"))["breaker dep passes through the expected states"]
    assert result.outcome is Outcome.PASS, result.actual


@pytest.mark.parametrize("state", ["open", "half_open"])
def test_a_breaker_that_was_open_before_the_injection_did_not_open_because_of_it(state: str) -> None:
    """No part of it passes or fails: not by a second opening, and not by answers from before the fault."""
    early = ((0, "closed"), (15, state), (19.5, state), (25, "closed"), (40, "open"), (45.5, "closed"))
    results = judged(CHECK, recorded(*early).end(), EXPECTED)
    assert {one.outcome for one in results.values()} == {Outcome.INCONCLUSIVE}
    assert f"was {state} already before the injection" in results[OPENS].actual


def test_a_breaker_of_another_job_is_not_the_stack_s() -> None:
    made = RecordingBuilder().fault().breaker((0, "closed"), (22, "open"), (50, "closed")).end()
    series = tuple(
        one.model_copy(update={"labels": {"job": "elsewhere"}}) if one.metric == "dep_breaker_state" else one
        for one in made.metrics.series
    )
    recording = replace(made, metrics=made.metrics.model_copy(update={"series": series}))
    results = judged(CHECK, recording, Breaker(name="dep")).values()
    assert {one.outcome for one in results} == {Outcome.INCONCLUSIVE}
    assert all("is one of a target of the stack" in one.actual for one in results)


@pytest.mark.parametrize(
    ("stalled", "lag", "outcome"),
    [(61, 1.5, Outcome.INCONCLUSIVE), (61, 0.5, Outcome.FAIL), (50, 1.5, Outcome.FAIL)],
    ids=["just before", "late only", "long before"],
)
def test_it_opens_again_after_the_machine_stood_still(stalled: int, lag: float, outcome: Outcome) -> None:
    """A call that waited as long as the machine stood still has run out of its time, and counts as failed."""
    for after in (((62, "open"), (64, "half_open"), (64.5, "closed")), ((62, "open"),)):
        builder = recorded(*GOOD, *after).lagging(stalled, stalled + 1, lag)
        assert result(builder.end(), PATH).outcome is outcome
    assert result(builder.end(), CLOSES).outcome is outcome


def test_a_breaker_that_was_wrong_before_the_machine_stood_still_fails() -> None:
    builder = recorded((0, "closed"), (43.5, "open"), (44, "closed"), (62, "open"))
    assert result(builder.lagging(61, 62, 1.5).end(), PATH).outcome is Outcome.FAIL
