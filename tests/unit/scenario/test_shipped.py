"""Every scenario and stack that is shipped is right, and says so to editors as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from chaos.coverage import CoverageRow, planned_coverage
from chaos.scenario import LoadedScenario, load_scenario, load_stack
from chaos.scenario.find import scenario_files
from chaos.scenario.schema import FOLDER, PROCEDURE_SCHEMA, SCENARIO_SCHEMA, STACK_SCHEMA

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[3]
# The scenario of examples/plugin needs the kinds of that package; the test of the package runs it.
SCENARIOS = [
    path
    for folder in ("scenarios", "examples")
    for path in scenario_files(ROOT / folder)
    if ROOT / "examples" / "plugin" not in path.parents
]
STACKS = [ROOT / "stack" / "stack.yaml", *sorted((ROOT / "examples").glob("*/stack.yaml"))]
PROCEDURES = sorted((ROOT / "stack" / "procedures").glob("*.yaml"))


@cache
def loaded(path: Path) -> LoadedScenario:
    """Read once: a file does not change while the tests run."""
    return load_scenario(path)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SCENARIOS, ids=name_of)
def test_a_shipped_scenario_is_right(path: Path) -> None:
    assert loaded(path).scenario.scenario == path.stem


@pytest.mark.parametrize("path", STACKS, ids=name_of)
def test_a_shipped_stack_is_right(path: Path) -> None:
    assert load_stack(path).stack.links


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        *((path, SCENARIO_SCHEMA) for path in SCENARIOS),
        *((path, STACK_SCHEMA) for path in STACKS),
        *((path, PROCEDURE_SCHEMA) for path in PROCEDURES),
    ],
    ids=lambda value: name_of(value) if isinstance(value, Path) else "",
)
def test_a_shipped_file_fits_the_published_schema(path: Path, schema: str) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(errors(data, schema)) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=name_of)
def test_a_shipped_scenario_names_its_schema_to_editors(path: Path) -> None:
    prefix = "# yaml-language-server: $schema="
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve() == FOLDER / SCENARIO_SCHEMA


@pytest.mark.parametrize("path", SCENARIOS, ids=name_of)
def test_a_shipped_scenario_that_breaks_something_says_what_data_may_be_lost(path: Path) -> None:
    scenario = loaded(path).scenario
    assert bool(scenario.timeline) is ("data" in scenario.expect), "only a rehearsal loses nothing"
    assert bool(scenario.timeline) is not bool(scenario.rehearse)


def test_every_shipped_procedure_is_run_by_a_shipped_scenario() -> None:
    named = {
        name
        for scenario in (loaded(path).scenario for path in SCENARIOS)
        for name in (*scenario.prepare, *scenario.rehearse, *(step.answer for step in scenario.timeline))
    }
    assert {path.stem for path in PROCEDURES} == named - {None}


# The ten rules of the incident guide, and the alerts that the other runbooks name.
RULES = [
    "service_down",
    "high_error_rate",
    "database_connection_failures",
    "high_latency_p95",
    "high_memory_usage",
    "redis_connection_issues",
    "pms_circuit_breaker_open",
    "high_cpu_usage",
    "slow_response_p50",
    "low_cache_hit_rate",
    "PMSCircuitBreakerOpen",
    "DatabaseDown",
    "RedisDown",
    "HighOrchestrationLatency",
    "HighErrorRate",
    "RateLimitSpike",
    "DatabasePoolUtilizationHigh",
    "ErrorRateTier",
    "SlowResponses",
    "CacheHitRateLow",
    "error_rate_high",
    "response_time_p95",
    "db_connection_refused",
    "memory_usage",
    "webhook_failing",
    "ical_sync_stale",
    "double_booking_detected",
    "replication_lag",
    "connection_pool_exhausted",
]


@cache
def rows() -> dict[str, CoverageRow]:
    """Alert -> the scenarios of the suites that test it; drafts are not among them."""
    suites = [loaded(path) for path in SCENARIOS if ROOT / "scenarios" in path.parents]
    of_stack = [one for one in suites if one.stack.stack == "reference"]
    stack, detection = of_stack[0].stack, of_stack[0].detection
    coverage = planned_coverage(stack, detection, [one.scenario for one in of_stack], ())
    return {row.name: row for row in coverage.rules.rows}


def test_every_rule_of_the_guides_is_a_rule_of_the_stack() -> None:
    assert set(rows()) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_was_seen_to_fire_in_a_suite_and_to_stay_silent_in_another(rule: str) -> None:
    """Seen: a run of the scenario that passed is kept, and judged again by the tests."""
    kept = {path.name.removesuffix(".tar.xz") for path in (ROOT / "tests/corpus/suites").glob("*.tar.xz")}
    seen = {str(cell.tested) for cell in rows()[rule].cells if cell.scenario in kept}
    assert seen == {"fires", "silent"}


def errors(data: object, schema: str) -> Iterator[str]:
    validator = Draft7Validator(json.loads((FOLDER / schema).read_text(encoding="utf-8")))
    yield from (error.message for error in validator.iter_errors(data))
