"""Each incident opens once and resolves once, with any readings, restarts and outages in between."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.incidents import Watch, advance
from chaos.incidents.detector import HOLE, RULE_GONE, settling, silence
from chaos.model.incidents import Incident, IncidentSeverity, severity_of
from tests.unit.incidents.fake_prometheus import HOLD, RULE, STEP, FakePrometheus

LONG = settling(RULE, STEP) + silence(RULE, STEP) + 10 * STEP  # long enough for certain detection


def watched(prometheus: FakePrometheus, polls: Sequence[float]) -> list[Incident]:
    """Every incident after readings at these instants; while Prometheus is down there is no reading."""
    watch, done = Watch(source="p"), list[Incident]()
    for now in polls:
        reading = prometheus.read(watch.read_to, now)
        if reading is None:
            continue
        step = advance(watch, reading)
        watch = Watch.model_validate_json(step.watch.model_dump_json())  # as after a restart
        done += step.resolved
    return [*done, *watch.open]


def moments(incidents: Sequence[Incident]) -> list[tuple[float, float | None]]:
    return [(one.fired, one.resolved) for one in incidents]


def test_one_failure_is_one_incident_with_its_instants() -> None:
    (one,) = watched(FakePrometheus(failures=[(100, 500)]), [n * 30 for n in range(1, 40)])
    assert (one.began, one.fired, one.resolved) == (100.0, 160.0, 500.0)
    assert (one.severity, one.runbook, one.alert) == (IncidentSeverity.SEV2, "01-shelf", "shelf_down")


def test_what_began_and_ended_between_two_readings_is_not_lost() -> None:
    assert moments(watched(FakePrometheus(failures=[(100, 500)]), [50, 3000])) == [(160.0, 500.0)]


def test_an_open_incident_stays_open_while_prometheus_is_down_and_when_it_is_back() -> None:
    prometheus = FakePrometheus(failures=[(100, 2000)], outages=[(600, 900)])
    for polls in ([650, 700, 950, 1500], [1500]):
        assert moments(watched(prometheus, polls)) == [(160.0, None)]


def test_what_ended_during_the_outage_resolves_once_prometheus_has_settled() -> None:
    prometheus = FakePrometheus(failures=[(100, 700)], outages=[(600, 900)])
    before = 900 + settling(RULE, STEP)
    assert moments(watched(prometheus, [500, before])) == [(160.0, None)]
    assert moments(watched(prometheus, [500, before + 60])) == [(160.0, before)]


def test_a_rule_that_cannot_be_evaluated_resolves_nothing() -> None:
    ill = FakePrometheus(failures=[(100, 500)], healthy=False)
    assert moments(watched(ill, [400, 3000])) == [(160.0, None)]


def test_an_incident_whose_rule_was_removed_resolves_with_a_note() -> None:
    prometheus = FakePrometheus(failures=[(100, 500)])
    reading = prometheus.read(None, 3000)
    assert reading is not None
    step = advance(Watch(source="p"), reading.model_copy(update={"rules": ()}))
    assert [one.note for one in step.resolved] == [RULE_GONE]


def test_an_alert_that_always_fires_to_show_that_alerts_work_is_no_incident() -> None:
    reading = FakePrometheus(failures=[(100, 5000)]).read(None, 3000)
    assert reading is not None
    heartbeat = [one.model_copy(update={"labels": {"severity": "none"}}) for one in reading.series]
    step = advance(Watch(source="p"), reading.model_copy(update={"series": tuple(heartbeat)}))
    assert (step.opened, step.watch.open) == ((), ())


def test_a_pending_alert_is_no_incident() -> None:
    assert watched(FakePrometheus(failures=[(100, 100 + HOLD)]), [50, 130, 3000]) == []


def test_a_short_break_belongs_to_the_same_incident_and_a_long_one_does_not() -> None:
    for pause, count in ((2 * STEP, 1), (silence(RULE, STEP) + HOLD + 3 * STEP, 2)):
        found = watched(FakePrometheus(failures=[(100, 500), (500 + pause, 1500)]), [3000])
        assert len(found) == count, pause


@pytest.mark.parametrize(
    ("label", "severity"),
    [("SEV1", "SEV1"), ("critical", "SEV1"), ("WARNING", "SEV3"), ("INFO", "SEV4"), ("", "unknown")],
)
def test_each_word_of_the_runbooks_is_a_severity_of_the_guide(label: str, severity: str) -> None:
    assert str(severity_of(label)) == severity


lengths = st.integers(1, 60).map(lambda n: n * STEP)
long_lengths = lengths.map(lambda s: s + LONG)


@st.composite
def histories(draw: st.DrawFn) -> tuple[FakePrometheus, float]:
    """Failures and outages that may overlap in any way.

    Each failure, and each time between two, is long enough for Prometheus to record it. No detector can find
    what Prometheus did not record.
    """
    failures: list[tuple[float, float]] = []
    outages: list[tuple[float, float]] = []
    now = 0.0
    for _ in range(draw(st.integers(1, 3))):
        start = now + draw(long_lengths)
        end = now = start + draw(long_lengths)
        failures.append((start, end))
        if draw(st.booleans()):  # an outage that begins in the failure, and may outlast it
            down = draw(st.floats(start + HOLD + 3 * STEP, end))
            now = max(end, down + draw(lengths) * draw(st.sampled_from([0.1, 1.0, 3.0])))
            outages.append((down, now if now > end else down + draw(lengths) / 10))
    return FakePrometheus(failures, outages), now + LONG


@given(histories(), st.lists(st.floats(0, 1), max_size=30))
def test_any_readings_restarts_and_outages_find_each_failure_once(
    history: tuple[FakePrometheus, float], polls: list[float]
) -> None:
    prometheus, end = history
    found = watched(prometheus, [*sorted(share * end for share in polls), end])
    assert len(found) == len(prometheus.failures)
    assert all(one.resolved is not None for one in found)
    for one, (start, over) in zip(found, prometheus.failures, strict=True):
        assert start + HOLD <= one.fired <= over
        assert one.resolved is not None
        assert one.resolved >= over or over - one.resolved < STEP


@given(histories(), st.lists(st.floats(0, 1), max_size=30))
def test_the_incidents_do_not_depend_on_when_prometheus_was_read(
    history: tuple[FakePrometheus, float], polls: list[float]
) -> None:
    prometheus, end = history
    often = watched(prometheus, [*sorted(share * end for share in polls), end])
    once = watched(prometheus, [end])
    assert [one.fired for one in often] == [one.fired for one in once]
    if all(over - down > (HOLE + 1) * STEP for down, over in prometheus.outages):
        assert moments(often) == moments(once)  # only a reading after a shorter outage shows the outage


@pytest.mark.parametrize(("severity", "incidents"), [("none", 0), ("None", 0), ("", 1), ("SEV4", 1)])
def test_an_alert_of_no_severity_such_as_a_dead_mans_switch_is_no_incident(
    severity: str, incidents: int
) -> None:
    reading = FakePrometheus(failures=[(100, 500)]).read(None, 400)
    assert reading is not None
    (series,) = reading.series
    relabelled = series.model_copy(update={"labels": {**series.labels, "severity": severity}})
    step = advance(Watch(source="p"), reading.model_copy(update={"series": (relabelled,)}))
    assert len(step.watch.open) == incidents
