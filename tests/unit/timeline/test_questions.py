"""Pure questions about a recording: windows, alert stretches, breaker states, percentiles."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.model.stack import BreakerFacts
from chaos.timeline.questions import (
    alert_spans,
    breaker_histories,
    breaker_states,
    breaker_transitions,
    fault_span,
    fault_windows,
    percentile,
)
from chaos.timeline.recording import Metrics, Recording, Series
from chaos.timeline.requests import Requests
from tests.recording_builder import BEGAN, STACK, RecordingBuilder

DEP = STACK.breakers["dep"]


def test_a_fault_window_holds_what_really_happened() -> None:
    (window,) = fault_windows(RecordingBuilder().fault(20, 44).end())
    assert (window.start, window.injected, window.end) == (BEGAN + 20, BEGAN + 20.1, BEGAN + 44)
    assert (window.first_seen, window.last_seen) == (BEGAN + 20.3, BEGAN + 43.3)
    assert window.undone


def test_a_fault_without_effect_or_end_says_so() -> None:
    (window,) = fault_windows(RecordingBuilder().fault(20, None, took_effect=False).cut(30))
    assert (window.first_seen, window.last_seen, window.end, window.undone) == (None, None, None, False)
    (failed,) = fault_windows(RecordingBuilder().fault(20, 44, undone=False).end())
    assert (failed.end, failed.undone) == (BEGAN + 44, False)


def test_the_span_of_several_faults_needs_both_ends_of_each() -> None:
    assert fault_span(RecordingBuilder(steps=2).fault(20, 44).fault(30, 60, index=1).end()) == (
        BEGAN + 20,
        BEGAN + 60,
    )
    assert fault_span(RecordingBuilder(steps=2).fault(20, 44).fault(30, None, index=1).cut(50)) is None
    assert fault_span(RecordingBuilder().end()) is None


def test_alert_stretches_end_one_evaluation_after_their_last_sample() -> None:
    spans = alert_spans(RecordingBuilder().alert("web_down", 21, 24, 50).end())
    assert [(s.alert, s.state, s.start, s.end) for s in spans] == [
        ("web_down", "pending", BEGAN + 21, BEGAN + 24),
        ("web_down", "firing", BEGAN + 24, BEGAN + 50),
    ]
    assert spans[0].labels == (("severity", "SEV3"),)


def test_an_alert_that_is_still_there_at_the_end_of_the_data_has_no_end() -> None:
    (span,) = alert_spans(RecordingBuilder().alert("web_down", None, 80, None).end(90))
    assert (span.start, span.end) == (BEGAN + 80, None)


def alerts(*instants: float, read_to: float = 100.0) -> Recording:
    labels = {"alertname": "a", "alertstate": "firing"}
    series = Series(metric="ALERTS", labels=labels, samples=tuple((BEGAN + at, 1.0) for at in instants))
    return Recording(
        RecordingBuilder().plan,
        (),
        Requests(),
        Metrics(complete=True, read_to=BEGAN + read_to, series=(series,)),
    )


def test_a_gap_of_more_than_two_and_a_half_evaluations_ends_a_stretch() -> None:
    def starts(*instants: float) -> list[float]:
        return [round(span.start - BEGAN, 3) for span in alert_spans(alerts(*instants))]

    assert starts(10, 10.5, 11.5, 12.75) == [10]  # evaluations are 0.5 s apart at pace 20
    assert starts(10, 10.5, 11.8) == [10, 11.8]


def test_other_series_and_stacks_without_prometheus_have_no_alerts() -> None:
    assert alert_spans(RecordingBuilder().breaker((0, "closed")).end()) == ()
    whole = RecordingBuilder().alert("web_down", None, 20, 30).end()
    plan = whole.plan.model_copy(update={"detection": None})
    assert alert_spans(Recording(plan, (), metrics=whole.metrics)) == ()


def test_breaker_transitions_are_the_scrapes_that_first_saw_a_state() -> None:
    recording = (
        RecordingBuilder().breaker((0, "closed"), (21.2, "open"), (45, "half_open"), (45.5, "closed")).end()
    )
    assert [(t.state, t.at - BEGAN) for t in breaker_transitions(recording, DEP)] == [
        ("closed", 0),
        ("open", 21.5),
        ("half_open", 45),
        ("closed", 45.5),
    ]


def gauge(metric: str, labels: dict[str, str], value: float = 1.0) -> Recording:
    series = Series(metric=metric, labels=labels, samples=((BEGAN, value),))
    return Recording(RecordingBuilder().plan, (), Requests(), Metrics(complete=True, series=(series,)))


@pytest.mark.parametrize(
    ("metric", "labels", "found"),
    [
        ("state", {}, False),
        ("state", {"breaker": "dep"}, True),
        ("state", {"breaker": "other"}, False),
        ('state{breaker="dep"}', {"breaker": "dep"}, True),  # stored under the selector itself
        ("other", {"breaker": "dep"}, False),
    ],
)
def test_a_selector_with_labels_finds_its_series_only(
    metric: str, labels: dict[str, str], found: bool
) -> None:
    facts = BreakerFacts(metric='state{breaker="dep"}', states={"closed": 0, "open": 1})
    assert breaker_states(gauge(metric, labels), facts) == (((BEGAN, "open"),) if found else ())


def test_a_value_that_is_no_state_is_reported_as_it_is() -> None:
    assert breaker_states(gauge("dep_breaker_state", {}, 7.0), DEP) == ((BEGAN, "unknown (7)"),)


def brute_force(values: list[float], fraction: float) -> float:
    """Nearest rank, by counting: the smallest value that a ``fraction`` of all values do not exceed."""
    return min(v for v in values if sum(x <= v for x in values) >= ceil(len(values) * fraction - 1e-9))


@given(
    st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=40),
    st.integers(1, 100).map(lambda percent: percent / 100),
)
def test_percentile_agrees_with_counting(values: list[float], fraction: float) -> None:
    assert percentile(values, fraction) == brute_force(values, fraction)


def test_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 0.95) is None


def test_two_replicas_of_a_breaker_have_a_history_each() -> None:
    one = Series(
        metric="dep_breaker_state", labels={"instance": "a"}, samples=((BEGAN, 0.0), (BEGAN + 1, 1.0))
    )
    two = Series(
        metric="dep_breaker_state", labels={"instance": "b"}, samples=((BEGAN, 0.0), (BEGAN + 1, 0.0))
    )
    recording = RecordingBuilder().end()
    recording = replace(recording, metrics=recording.metrics.model_copy(update={"series": (two, one)}))
    found = breaker_histories(recording, DEP)
    assert [history.labels for history in found] == [(("instance", "a"),), (("instance", "b"),)]
    assert [[state for _, state in history.scrapes] for history in found] == [
        ["closed", "open"],
        ["closed", "closed"],
    ]
