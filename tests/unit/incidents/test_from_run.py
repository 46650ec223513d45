"""The alerts of real recordings, as drills."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.incidents import incidents_of_run
from chaos.model.incidents import Accuracy, IncidentSeverity
from chaos.model.rules import AlertRule
from tests.corpus.archive import recording
from tests.unit.checks.test_rules_of_one_name import QUICK, SLOW, expected, fired


def test_the_alerts_of_a_run_are_its_drill_from_the_injection_to_their_end() -> None:
    run = recording("database-down")
    found = {one.alert: one for one in incidents_of_run(run)}
    one = found["database_connection_failures"]
    assert (one.severity, one.runbook) == (IncidentSeverity.SEV2, "01-database-down")
    assert (one.drill, one.pace, one.accuracy) == (run.run_id, run.plan.pace, Accuracy.TRUE)
    assert one.caused is not None
    assert one.caused < one.fired < (one.resolved or 0.0)


def test_an_alert_that_was_over_before_the_steady_state_is_no_incident() -> None:
    alerts = [one.labels.get("alertname") for one in recording("pms-down").metrics.series]
    assert "service_down" in alerts  # it fired while the stack was starting
    assert "service_down" not in [one.alert for one in incidents_of_run(recording("pms-down"))]


def test_a_run_whose_prometheus_could_not_be_read_has_no_incident() -> None:
    assert incidents_of_run(recording("damaged-metrics-gone")) == ()


@pytest.mark.parametrize("rules", [(SLOW, QUICK), (QUICK, SLOW)])
def test_an_incident_of_a_run_has_the_runbook_of_its_own_rule(rules: tuple[AlertRule, ...]) -> None:
    named = [one.model_copy(update={"runbook": one.labels["severity"]}) for one in rules]
    (incident,) = incidents_of_run(fired(*named, severity="critical"))
    assert incident.runbook == "critical"


@pytest.mark.parametrize(("severity", "accuracy"), [("critical", Accuracy.TRUE), ("warning", Accuracy.FALSE)])
def test_an_alert_with_other_labels_than_the_expected_ones_is_wrong(
    severity: str, accuracy: Accuracy
) -> None:
    run = fired(QUICK, SLOW, severity=severity)
    params = expected(labels={"severity": "critical"})
    scenario = run.plan.scenario.model_copy(update={"expect": {"detection": (params,)}})
    plan = run.plan.model_copy(update={"scenario": scenario})
    (incident,) = incidents_of_run(replace(run, plan=plan))
    assert incident.accuracy is accuracy
