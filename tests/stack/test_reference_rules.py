"""The detection rules under promtool, in Prometheus's own image; and proof that their tests can fail."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.containers
FOLDER = Path(__file__).parents[2] / "stack" / "prometheus"
IMAGE = "prom/prometheus:v2.53.3"


def promtool(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    mount = ["-v", f"{folder}:/rules:ro", "-w", "/rules", "--network", "none"]
    command = ["docker", "run", "--rm", *mount, "--entrypoint", "promtool", IMAGE, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "tests").glob("*.yml"))


def test_the_rule_files_are_valid() -> None:
    for name in ("rules.yml", "rules-runbooks.yml", "rules-monitoring.yml", "defective/as-written.yml"):
        checked = promtool(FOLDER, "check", "rules", name)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    config = promtool(FOLDER, "check", "config", "--syntax-only", "prometheus.yml")
    assert config.returncode == 0, config.stdout + config.stderr


def test_every_rule_passes_its_tests() -> None:
    tested = promtool(FOLDER, "test", "rules", *files_in(FOLDER))
    assert tested.returncode == 0, tested.stdout + tested.stderr


BROKEN = (  # rule, what is right in it, what is wrong instead
    ("service_down", ' or absent(up{job="agente-api"})', ""),
    ("high_error_rate", "> 0.05", "> 0.10"),
    (
        "high_error_rate",
        'sum(rate(http_requests_total{status=~"5.."}[5m]))',
        'rate(http_requests_total{status=~"5.."}[5m])',
    ),
    ("database_connection_failures", "_total[5m]) > 1", "_total[5m]) > 0.9"),
    (
        "high_latency_p95",
        "sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 3",
        "rate(http_request_duration_seconds_bucket[5m])) > 3",
    ),
    (
        "high_memory_usage",
        'last_over_time(process_resident_memory_bytes{job="agente-api"}[1m])',
        'process_resident_memory_bytes{job="agente-api"}',
    ),
    ("redis_connection_issues", "last_over_time(redis_up[1m])", "redis_up"),
    (
        "pms_circuit_breaker_open",
        "last_over_time(pms_circuit_breaker_state[2m]) > 0",
        "pms_circuit_breaker_state == 1",
    ),
    (
        "pms_circuit_breaker_open",
        "changes(process_start_time_seconds[2m]) > 0",
        "changes(process_start_time_seconds[2m]) > 9",
    ),
    ("high_cpu_usage", "> 80", "> 75"),
    ("slow_response_p50", "histogram_quantile(0.50", "histogram_quantile(0.52"),
    ("low_cache_hit_rate", "< 0.70", "< 0.72"),
    ("low_cache_hit_rate", 'alertstate="firing"', 'alertstate="none"'),
)
BROKEN_RUNBOOKS = (  # the same for the alerts of the other runbooks
    (
        "PMSCircuitBreakerOpen",
        "last_over_time(pms_circuit_breaker_state[1m]) > 0",
        "pms_circuit_breaker_state == 1",
    ),
    ("DatabaseDown", " or min(last_over_time(pg_up[1m])) < 1", ""),
    ("DatabaseDown", 'min(last_over_time(dependency_up{dependency="database"}[1m])) < 1 or ', ""),
    ("RedisDown", "avg_over_time(dependency_up", "last_over_time(dependency_up"),
    ("HighOrchestrationLatency", "orchestration_duration_seconds", "http_request_duration_seconds"),
    ("HighErrorRate", "> 0.05", "> 0.04"),
    ("error_rate_high", "> 0.05", "> 0.04"),
    ("RateLimitSpike", "[1m])) > 10", "[1m])) > 9"),
    ("DatabasePoolUtilizationHigh", "avg_over_time(database_pool_in_use[1m])", "database_pool_in_use"),
    ("DatabasePoolUtilizationHigh", "last_over_time(database_pool_size[1m])", "database_pool_size"),
    ("ErrorRateTier", "<= 0.10", "<= 1"),
    ("SlowResponses", "> 0.5", "> 0.4"),
    ("SlowResponses", "[4m]", "[5m]"),
    ("CacheHitRateLow", "< 0.70", "< 0.72"),
    ("response_time_p95", "> 6", "> 5"),
    ("db_connection_refused", "for: 60s", "for: 0s"),
    ("memory_usage", "> 0.90", "> 0.88"),
    (
        "memory_usage",
        "last_over_time(container_memory_working_set_bytes[1m])",
        "container_memory_working_set_bytes",
    ),
    (
        "memory_usage",
        "last_over_time(container_spec_memory_limit_bytes[1m])",
        "container_spec_memory_limit_bytes",
    ),
    ("webhook_failing", "max(max_over_time(payments_charged_twice[1m])) > 0", "vector(0) > 0"),
    ("webhook_failing", "> 0.05", "> 0.04"),
    (
        "ical_sync_stale",
        "group_left () last_over_time(ical_stale_limit_minutes[1m])",
        "group_left () (last_over_time(ical_stale_limit_minutes[1m]) - 1)",
    ),
    ("ical_sync_stale", "last_over_time(ical_last_sync_age_minutes[1m])", "ical_last_sync_age_minutes"),
    ("ical_sync_stale", "last_over_time(ical_stale_limit_minutes[1m])", "ical_stale_limit_minutes"),
    ("double_booking_detected", "last_over_time(reservations_overlapping[1m])", "reservations_overlapping"),
    ("replication_lag", "max by (server)", "min"),
    ("replication_lag", "> 10", "> 9"),
    ("connection_pool_exhausted", "for: 60s", "for: 0s"),
    ("DatabaseDown", "keep_firing_for: 5m", "keep_firing_for: 4m"),
    ("RedisDown", "keep_firing_for: 3m30s", "keep_firing_for: 2m"),
)
BROKEN_MONITORING = (("Watchdog", "vector(1)", "up"),)
EACH = 'for m in m*; do promtool test rules "$m"/tests/only.yml >"$m/out" 2>&1; echo "$m $?"; done'


def test_every_broken_rule_fails_its_tests(tmp_path: Path) -> None:
    """One container for all: starting one takes longer than the tests."""
    every = [("rules.yml", *broken) for broken in BROKEN]
    every += [("rules-runbooks.yml", *broken) for broken in BROKEN_RUNBOOKS]
    every += [("rules-monitoring.yml", *broken) for broken in BROKEN_MONITORING]
    for number, (file, rule, right, wrong) in enumerate(every):
        right_text = (FOLDER / file).read_text()
        assert right in right_text
        tests = tmp_path / f"m{number:02d}" / "tests"
        tests.mkdir(parents=True)
        (tests.parent / file).write_text(right_text.replace(right, wrong))
        shutil.copy(FOLDER / "tests" / f"{rule}.yml", tests / "only.yml")
    mount = ["-v", f"{tmp_path}:/rules", "-w", "/rules", "--network", "none", "--user", "0"]
    command = ["docker", "run", "--rm", *mount, "--entrypoint", "sh", IMAGE, "-c", EACH]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    codes = [line.split()[1] for line in done.stdout.splitlines()]
    survivors = [broken for broken, code in zip(every, codes, strict=True) if code != "1"]
    assert survivors == []
    outputs = [(tmp_path / f"m{number:02d}" / "out").read_text() for number in range(len(every))]
    assert all("FAILED" in output for output in outputs), "it failed for another reason than its tests"
