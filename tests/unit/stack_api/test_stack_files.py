"""The files that describe the stack agree with each other."""

from __future__ import annotations

import csv
import ipaddress
import re
from pathlib import Path
from typing import Any

import make_fixtures
import pytest
import yaml
from agente.metrics import make_metrics

# Words of PromQL that look like series, and series of the exporters and of the container's limits.
PROMQL = {
    "last_over_time",
    "max_over_time",
    "avg_over_time",
    "histogram_quantile",
    "label_replace",
    "group_left",
}
EXPORTED = {
    *("process_start_time_seconds", "redis_up", "pg_up", "pg_replication_lag_seconds"),
    *("container_memory_working_set_bytes", "container_spec_memory_limit_bytes"),
}
ROOT = Path(__file__).parents[3]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "stack" / "stack.yaml").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "stack" / "docker-compose.yml").read_text())
RULES: dict[str, Any] = yaml.safe_load((ROOT / "stack" / "prometheus" / "rules.yml").read_text())
RUNBOOKS: dict[str, Any] = yaml.safe_load((ROOT / "stack" / "prometheus" / "rules-runbooks.yml").read_text())
WATCHING: dict[str, Any] = yaml.safe_load(
    (ROOT / "stack" / "prometheus" / "rules-monitoring.yml").read_text()
)
# The alerts that the other runbooks name, with the severities of those that are said to have several.
FURTHER = {
    "PMSCircuitBreakerOpen": {"CRITICAL"},
    "DatabaseDown": {"CRITICAL"},
    "RedisDown": {"WARNING"},
    "HighOrchestrationLatency": {"WARNING"},
    "HighErrorRate": {"CRITICAL"},
    "RateLimitSpike": {"WARNING"},
    "DatabasePoolUtilizationHigh": {"WARNING"},
    "ErrorRateTier": {"CRITICAL", "WARNING", "INFO"},
    "SlowResponses": {"WARNING", "INFO"},
    "CacheHitRateLow": {"WARNING"},
    "error_rate_high": {"CRITICAL"},
    "response_time_p95": {"WARNING"},
    "db_connection_refused": {"CRITICAL"},
    "memory_usage": {"WARNING"},
    "webhook_failing": {"WARNING"},
    "ical_sync_stale": {"WARNING"},
    "double_booking_detected": {"CRITICAL"},
    "replication_lag": {"WARNING"},
    "connection_pool_exhausted": {"CRITICAL"},
}
GUIDE = {  # name -> severity, for, runbook, as the incident guide has them
    "service_down": ("SEV1", "60s", "08-high-error-rate"),
    "high_error_rate": ("SEV1", "120s", "08-high-error-rate"),
    "database_connection_failures": ("SEV2", "60s", "01-database-down"),
    "high_latency_p95": ("SEV2", "300s", "02-high-api-latency"),
    "high_memory_usage": ("SEV2", "300s", "03-memory-leak"),
    "redis_connection_issues": ("SEV3", "120s", "07-redis-connection-issues"),
    "pms_circuit_breaker_open": ("SEV3", "180s", "09-circuit-breaker-open"),
    "high_cpu_usage": ("SEV3", "300s", "02-high-api-latency"),
    "slow_response_p50": ("SEV4", "600s", "02-high-api-latency"),
    "low_cache_hit_rate": ("SEV4", "600s", "07-redis-connection-issues"),
}


def test_every_service_is_known_on_both_sides() -> None:
    assert set(STACK["services"]) == set(COMPOSE["services"])


@pytest.mark.parametrize(
    ("service", "variable"), [(s, v) for s, names in STACK["paced"].items() for v in names]
)
def test_paced_variables_stand_in_the_compose_file_with_the_same_seconds(service: str, variable: str) -> None:
    assert float(COMPOSE["services"][service]["environment"][variable]) == STACK["paced"][service][variable]


def test_time_outs_are_real_work_and_not_paced() -> None:
    assert not [name for name in STACK["paced"]["api"] if "TIMEOUT" in name]


def test_ports_are_published_on_this_machine_only() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("word", ["toxiproxy", "gameday", "chaos", "harness", "labels"])
def test_the_compose_file_is_a_plain_one(word: str) -> None:
    assert word not in (ROOT / "stack" / "docker-compose.yml").read_text().lower()


def test_the_rules_are_the_ten_of_the_guide() -> None:
    rules = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
    found = {name: (r["labels"]["severity"], r["for"], r["labels"]["runbook"]) for name, r in rules.items()}
    assert found == GUIDE
    assert all(rule["annotations"]["summary"] for rule in rules.values())


def test_the_further_rules_are_the_alerts_that_the_other_runbooks_name() -> None:
    found: dict[str, set[str]] = {}
    for rule in (rule for group in RUNBOOKS["groups"] for rule in group["rules"]):
        found.setdefault(rule["alert"], set()).add(rule["labels"]["severity"])
        assert rule["annotations"]["summary"]
        assert rule["labels"]["runbook"]
    assert found == FURTHER


def test_every_rule_has_its_promtool_tests() -> None:
    tests = {path.stem for path in (ROOT / "stack" / "prometheus" / "tests").glob("*.yml")}
    watching = {rule["alert"] for group in WATCHING["groups"] for rule in group["rules"]}
    assert set(GUIDE) | set(FURTHER) | watching <= tests


def test_every_series_that_a_rule_asks_the_api_for_is_one_that_it_has() -> None:
    """A rule on a name that is spelt otherwise never fires, and nothing says so."""
    text = "".join(rule["expr"] for group in RUNBOOKS["groups"] for rule in group["rules"])
    asked = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+(?=[{\[) ]|$)", text, re.MULTILINE)) - PROMQL
    registry = make_metrics().registry
    shown = {name for metric in registry.collect() for name in (metric.name, f"{metric.name}_total")}
    known = shown | {f"{name}_bucket" for name in shown} | EXPORTED
    assert asked - known == set()


def test_the_fixtures_are_what_their_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_fixtures, "HERE", tmp_path)
    make_fixtures.main()
    written = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 9
    for name in written:
        assert (tmp_path / name).read_bytes() == (ROOT / "fixtures" / name).read_bytes()


def test_the_reservations_are_for_rooms_that_the_hotel_has() -> None:
    def column(name: str, field: str) -> set[str]:
        with (ROOT / "fixtures" / name).open(newline="") as lines:
            return {row[field] for row in csv.DictReader(lines)}

    assert column("reservations.csv", "room") <= column("units.csv", "room")
    assert column("units.csv", "property") == column("properties.csv", "property")
    assert column("units.csv", "room_type") == column("rooms.csv", "room_type")
    assert {path.stem for path in (ROOT / "fixtures" / "ical").glob("*.ics")} <= column("units.csv", "room")
    assert column("messages.csv", "language") == {"es", "en"}


def test_guests_come_from_documentation_addresses_and_ask_few_different_things() -> None:
    with (ROOT / "fixtures" / "guests.csv").open(newline="") as lines:
        guests = list(csv.DictReader(lines))
    networks = [ipaddress.ip_network(net) for net in ("203.0.113.0/24", "198.51.100.0/24")]
    addresses = {ipaddress.ip_address(guest["client_ip"]) for guest in guests}
    assert all(any(address in network for network in networks) for address in addresses)
    # the fastest profile sends 60 requests a second: no client may come near 120 a minute
    assert 60 * 60 / len(addresses) < 60
    assert len({(g["room_type"], g["check_in"], g["check_out"]) for g in guests}) <= 20
    with (ROOT / "fixtures" / "reservations.csv").open(newline="") as lines:
        existing = {row["id"] for row in csv.DictReader(lines)}
    assert {guest["reservation"] for guest in guests} <= existing
