"""Who receives an alert of the reference stack, at which instant, and what silences it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from chaos.alertmanager.config import read_routing
from chaos.alertmanager.routing import receivers_at, routes_of, sends_at, silenced_by
from chaos.errors import BadInput
from tests.unit.alertmanager.cases import ROUTES

STACK = Path(__file__).parents[3] / "stack"
ROUTING = read_routing((STACK / "alertmanager" / "alertmanager.yml").read_text(), "alertmanager.yml")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DATABASE = {"alertname": "DatabaseDown", "severity": "CRITICAL"}


def rules() -> dict[str, set[str]]:
    """Alert -> its severities, of every rule file of the stack."""
    found: dict[str, set[str]] = {}
    for file in (STACK / "prometheus").glob("*rules*.yml"):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                found.setdefault(rule["alert"], set()).add(rule["labels"]["severity"])
    return found


@pytest.mark.parametrize(("alert", "severity", "receiver"), ROUTES)
def test_every_alert_takes_the_route_of_its_severity(alert: str, severity: str, receiver: str) -> None:
    routes = routes_of(ROUTING, {"alertname": alert, "severity": severity})
    assert [route.receiver for route in routes] == [receiver]


def test_the_table_of_routes_names_every_rule() -> None:
    named: dict[str, set[str]] = {}
    for alert, severity, _ in ROUTES:
        named.setdefault(alert, set()).add(severity)
    assert rules().items() <= named.items()


@pytest.mark.parametrize(
    ("clock", "receivers"), [("08:59", ()), ("09:00", ("digest",)), ("09:14", ("digest",)), ("09:15", ())]
)
def test_the_digest_is_sent_in_its_quarter_of_an_hour(clock: str, receivers: tuple[str, ...]) -> None:
    hour, minute = map(int, clock.split(":"))
    at = NOON.replace(hour=hour, minute=minute)
    assert receivers_at(ROUTING, {"alertname": "slow_response_p50", "severity": "SEV4"}, at) == receivers
    assert receivers_at(ROUTING, {"alertname": "service_down", "severity": "SEV1"}, at) == ("pager",)


SYMPTOMS = {
    "DatabaseDown": {
        *("database_connection_failures", "db_connection_refused", "connection_pool_exhausted"),
        *("DatabasePoolUtilizationHigh", "high_error_rate", "HighErrorRate", "error_rate_high"),
        "ErrorRateTier",
    },
    "RedisDown": {"redis_connection_issues", "low_cache_hit_rate", "CacheHitRateLow"},
    "HighErrorRate": {"high_error_rate", "error_rate_high", "ErrorRateTier"},
}


@pytest.mark.parametrize("source", sorted(rules()))
def test_a_root_cause_silences_its_symptoms_and_only_these(source: str) -> None:
    silent = {
        alert for alert in rules() if silenced_by(ROUTING, {"alertname": alert}, [{"alertname": source}])
    }
    assert silent == SYMPTOMS.get(source, set())


def test_without_its_root_cause_a_symptom_is_sent() -> None:
    assert silenced_by(ROUTING, {"alertname": "high_error_rate"}, [{"alertname": "RedisDown"}]) is None
    assert silenced_by(ROUTING, {"alertname": "high_error_rate"}, [DATABASE]) == DATABASE


BASE = """
route:
  receiver: all
  group_wait: 10s
  routes:
    - {receiver: a, match: {team: x}, continue: true, group_interval: 2m}
    - receiver: b
      matchers: ['team=~"x|y", job!="batch"']
      mute_time_intervals: [weekend]
      routes: [{receiver: c, match_re: {job: api.*}}]
receivers: [{name: all}, {name: a}, {name: b}, {name: c}]
time_intervals:
  - name: weekend
    time_intervals: [{weekdays: ['saturday', 'sunday'], location: Europe/Madrid}]
  - name: end
    time_intervals: [{days_of_month: ['-2:-1'], months: ['february'], years: ['2024:2026']}]
inhibit_rules:
  - {source_match: {kind: host}, target_match_re: {kind: host|app}, equal: [site]}
"""


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["all"]),
        ({"team": "x"}, ["a", "b"]),
        ({"team": "x", "job": "api-1"}, ["a", "c"]),
        ({"team": "x", "job": "batch"}, ["a"]),
        ({"team": "y"}, ["b"]),
        ({"team": "xx"}, ["all"]),
    ],
)
def test_children_come_before_parents_and_continue_goes_on(
    labels: dict[str, str], receivers: list[str]
) -> None:
    assert [route.receiver for route in routes_of(read_routing(BASE, "f"), labels)] == receivers


def test_lengths_are_inherited() -> None:
    a = routes_of(read_routing(BASE, "f"), {"team": "x"})[0]
    assert (a.group_wait, a.group_interval, a.repeat_interval) == (10, 120, 4 * 3600)


def test_hours_are_those_of_their_zone() -> None:
    routing = read_routing(BASE, "f")
    (route,) = routes_of(routing, {"team": "y"})
    friday_night = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)  # 00:30 on Saturday in Madrid
    assert not sends_at(routing, route, friday_night)
    assert sends_at(routing, route, friday_night.replace(hour=22))


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2024-02-28", True), ("2024-02-27", False), ("2025-02-27", True), ("2027-02-28", False)],
)
def test_days_count_from_the_end_of_the_month(day: str, inside: bool) -> None:
    (hours,) = read_routing(BASE, "f").intervals["end"]
    assert hours.hold(datetime.fromisoformat(day).replace(tzinfo=UTC)) is inside


def test_labels_that_must_be_equal_decide_and_two_such_alerts_do_not_silence_each_other() -> None:
    routing = read_routing(BASE, "f")
    host = {"kind": "host", "site": "1"}
    assert silenced_by(routing, {"kind": "app", "site": "1"}, [host]) == host
    assert silenced_by(routing, {"kind": "app", "site": "2"}, [host]) is None
    assert silenced_by(routing, {"kind": "app"}, [{"kind": "host"}]) == {"kind": "host"}
    assert silenced_by(routing, host, [dict(host)]) is None


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("receiver: all", "receiver: none", "unknown receiver 'none'"),
        ("[weekend]", "[week]", "unknown time interval 'week'"),
        ("group_wait: 10s", "group_wait: soon", "soon"),
        ('\'team=~"x|y", job!="batch"\'', "'team'", "expected a matcher"),
        ("api.*", "'['", "missing ]"),
        ("'saturday'", "'caturday'", "expected a day"),
        ("Europe/Madrid", "Europe/Nowhere", "Nowhere"),
        ("route:", "- route:", "not valid YAML"),
        ("receivers: [", "receivers: {a: 1}\nx: [", "expected a list"),
    ],
)
def test_what_alertmanager_refuses_is_one_problem(right: str, wrong: str, message: str) -> None:
    assert right in BASE
    with pytest.raises(BadInput, match="(?s)" + message.replace("(", r"\(")):
        read_routing(BASE.replace(right, wrong, 1), "alertmanager.yml")
