"""MTTD, MTTR, frequency, recurrence and accuracy. Drills never count as real incidents."""

from __future__ import annotations

import pytest

from chaos.incidents import metrics_of, report_of
from chaos.incidents.metrics import WEEK
from chaos.model.incidents import Accuracy, IncidentSeverity
from tests.unit.incidents.incident_builder import an_incident


def test_detection_and_recovery_count_from_the_beginning_of_the_condition() -> None:
    found = metrics_of(
        [an_incident(160.0, began=100.0, resolved=400.0), an_incident(1000.0, began=980.0, resolved=1080.0)],
        0,
        WEEK,
    )
    assert (found.detect.seconds, found.detect.of) == (40.0, 2)
    assert (found.recover.seconds, found.recover.of) == (200.0, 2)
    assert found.per_week == 2.0


def test_a_drill_counts_from_its_injection() -> None:
    found = metrics_of([an_incident(160.0, caused=70.0, began=100.0, resolved=270.0, drill="a1")], 0, WEEK)
    assert (found.detect.seconds, found.recover.seconds) == (90.0, 200.0)


def test_what_is_not_known_is_in_no_mean() -> None:
    found = metrics_of([an_incident(160.0), an_incident(200.0, began=190.0)], 0, 0)
    assert (found.detect.seconds, found.detect.of) == (10.0, 1)
    assert (found.recover.seconds, found.recover.of) == (None, 0)
    assert (found.open, found.per_week) == (2, None)
    assert found.accuracy.share is None


def test_accuracy_is_of_the_judged_ones() -> None:
    kinds = (Accuracy.TRUE, Accuracy.TRUE, Accuracy.FALSE, Accuracy.NOT_JUDGED)
    found = metrics_of([an_incident(n, accuracy=kind) for n, kind in enumerate(kinds)], 0, WEEK).accuracy
    assert (found.true, found.false, found.not_judged) == (2, 1, 1)
    assert found.share == pytest.approx(2 / 3)


def test_what_came_twice_is_recurring() -> None:
    found = metrics_of(
        [an_incident(100.0), an_incident(400.0), an_incident(1300.0), an_incident(9.0, alert="once")], 0, WEEK
    )
    assert [(one.alert, one.incidents, one.every, one.newest) for one in found.recurring] == [
        ("down", 3, 600.0, 1300.0)
    ]


def test_each_severity_has_its_figures_the_worst_first() -> None:
    mild = an_incident(100.0, severity=IncidentSeverity.SEV4, began=90.0)
    found = metrics_of([mild, an_incident(100.0), an_incident(500.0, resolved=501.0)], 0, WEEK)
    assert [(str(one.severity), one.incidents, one.open) for one in found.severities] == [
        ("SEV1", 2, 1),
        ("SEV4", 1, 1),
    ]
    assert found.severities[1].detect.seconds == 10.0


def test_drills_are_counted_apart_from_real_incidents() -> None:
    real = an_incident(100.0, began=90.0, resolved=190.0)
    drill = an_incident(200.0, caused=100.0, resolved=10_000.0, drill="a1", accuracy=Accuracy.FALSE)
    report = report_of([real, drill], 0, WEEK)
    assert (report.real.incidents, report.real.recover.seconds, report.real.accuracy.false) == (1, 100.0, 0)
    assert (report.drills.incidents, report.drills.recover.seconds) == (1, 9900.0)
