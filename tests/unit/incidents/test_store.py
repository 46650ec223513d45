"""The list of incidents survives a restart and holds no incident twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos.errors import BadInput, EnvironmentProblem
from chaos.incidents import FILE_NAME, Incidents, IncidentsDamaged, Watch, advance, open_incidents
from chaos.model.incidents import Accuracy, Incident
from tests.unit.incidents.fake_prometheus import FakePrometheus
from tests.unit.incidents.incident_builder import an_incident

DAY = 86400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def read(incidents: Incidents, prometheus: FakePrometheus, now: float) -> tuple[Incident, ...] | None:
    watch = incidents.watch("p")
    reading = prometheus.read(watch.read_to, now)
    return () if reading is None else incidents.apply(watch, advance(watch, reading))


def test_an_incident_is_kept_with_its_number_until_it_resolves(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 500)])
    with open_incidents(path) as incidents:
        (opened,) = read(incidents, prometheus, 300) or ()
        assert (opened.number, opened.resolved) == ("INC-19700101-001", None)
    with open_incidents(path) as incidents:
        assert [one.number for one in incidents.watch("p").open] == ["INC-19700101-001"]
        assert read(incidents, prometheus, 3000) == ()
        (kept,) = incidents.all()
        assert (kept.number, kept.fired, kept.resolved) == ("INC-19700101-001", 160.0, 500.0)
        assert incidents.watch("p").open == ()


def test_one_reading_may_end_an_incident_and_open_the_next_of_the_same_alert(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 500), (3000, 9000)])
    with open_incidents(path) as incidents:
        read(incidents, prometheus, 300)
        read(incidents, prometheus, 4000)
        assert [(one.fired, one.resolved) for one in incidents.all()] == [(160.0, 500.0), (3060.0, None)]


def test_of_two_detectors_one_writes_and_the_other_reads_again(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 500)])
    with open_incidents(path) as one, open_incidents(path) as other:
        before = other.watch("p")
        reading = prometheus.read(None, 300)
        assert reading is not None
        assert len(read(one, prometheus, 300) or ()) == 1
        assert other.apply(before, advance(before, reading)) is None
        assert len(other.all()) == 1
        assert read(other, prometheus, 310) == ()


def test_two_prometheuses_have_incidents_of_their_own(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 5000)])
    with open_incidents(path) as incidents:
        for source in ("a", "b"):
            reading = prometheus.read(None, 300)
            assert reading is not None
            watch = incidents.watch(source)
            incidents.apply(watch, advance(watch, reading))
        assert [(one.source, one.number) for one in incidents.all()] == [
            ("a", "INC-19700101-001"),
            ("b", "INC-19700101-002"),
        ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    polls=st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=12),
    outage=st.tuples(st.floats(100, 1500), st.floats(30, 900)),
)
def test_restarts_and_outages_neither_lose_nor_double_an_incident(
    tmp_path_factory: pytest.TempPathFactory, polls: Sequence[tuple[float, bool]], outage: tuple[float, float]
) -> None:
    """``polls``: (share of the time, killed). A detector that was killed starts again from the file."""
    start, length = outage
    prometheus = FakePrometheus(failures=[(100, 700), (3000, 3600)], outages=[(start, start + length)])
    path = tmp_path_factory.mktemp("incidents") / FILE_NAME
    incidents = open_incidents(path)
    for share, killed in [*sorted(polls), (1.0, False)]:
        read(incidents, prometheus, share * 6000)
        if killed:
            incidents.close()
            incidents = open_incidents(path)
    with incidents:
        found = incidents.all()
    seen_before_the_outage = start > 160 + 10
    seen_after_it = start + length < 700 - 40
    assert len(found) in ((2,) if seen_before_the_outage or seen_after_it else (1, 2))
    assert all(one.resolved is not None for one in found)


def test_a_write_that_fails_halfway_leaves_the_list_as_it_was(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 500)])
    reading = prometheus.read(None, 300)
    assert reading is not None
    with open_incidents(path) as incidents:
        step = advance(Watch(source="p"), reading)
        twice = step.model_copy(update={"opened": step.opened * 2})
        with pytest.raises(EnvironmentProblem, match="UNIQUE"):
            incidents.apply(Watch(source="p"), twice)
        assert incidents.all() == ()
        assert incidents.watch("p").read_to is None


def test_a_drill_has_numbers_of_its_own_and_replaces_what_was_kept_of_it(path: Path) -> None:
    with open_incidents(path) as incidents:
        for _ in range(2):
            kept = incidents.keep_drill(
                "a1", [an_incident(drill="a1"), an_incident(1_795_000_060.0, drill="a1")]
            )
        assert [one.number for one in kept] == ["DRL-20261118-001", "DRL-20261118-002"]
        assert len(incidents.all()) == 2
        assert incidents.watch("run a1").open == ()


def test_a_person_says_whether_an_alert_was_right(path: Path) -> None:
    with open_incidents(path) as incidents:
        (one,) = incidents.keep_drill("a1", [an_incident(drill="a1")])
        incidents.judge({one.number: Accuracy.FALSE})
        with pytest.raises(BadInput, match=r"INC-1: unknown incident \(gameday incidents lists"):
            incidents.judge({one.number: Accuracy.TRUE, "INC-1": Accuracy.TRUE})
        assert [each.accuracy for each in incidents.all()] == [Accuracy.FALSE], "all or nothing"


def test_only_recent_and_open_incidents_are_listed(path: Path) -> None:
    prometheus = FakePrometheus(failures=[(100, 500), (3000, 9000)])
    with open_incidents(path) as incidents:
        read(incidents, prometheus, 4000)
        assert [one.fired for one in incidents.all()] == [160.0, 3060.0]
        assert [one.fired for one in incidents.all(since=3500.0)] == [3060.0]


def test_a_damaged_list_is_set_aside(path: Path) -> None:
    path.write_bytes(b"no database")
    with pytest.raises(IncidentsDamaged, match=r"list of incidents .* is damaged"):
        open_incidents(path, utc=lambda: 0.0)
    with open_incidents(path) as incidents:
        assert incidents.all() == ()


def test_it_is_known_from_when_to_when_a_detector_looked(path: Path) -> None:
    prometheus = FakePrometheus(failures=[])
    with open_incidents(path) as incidents:
        assert incidents.watched() == ()
        incidents.keep_drill("a run", [an_incident()])
        assert incidents.watched() == (), "a run lists the incidents that it caused, and looks for no other"
        read(incidents, prometheus, 300)
        ((since, until),) = incidents.watched()
        assert since < until <= 300
        read(incidents, prometheus, 600)
        ((same, later),) = incidents.watched()
        assert (same, until < later <= 600) == (since, True)


def test_a_gap_between_two_readings_was_not_watched() -> None:
    reading = FakePrometheus(failures=[]).read(None, 300)
    assert reading is not None
    before = advance(Watch(source="p"), reading).watch
    late = reading.model_copy(update={"read_from": 900.0, "complete_to": 1000.0})
    assert advance(before, late).watch.read_from == 900.0
