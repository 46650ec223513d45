from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.scenario import load_stack, read_detection
from chaos.scenario.detection import longest_range, prometheus_seconds
from tests.unit.scenario.files import RULES, STACK, lay_out, swapped


def read() -> DetectionFacts | None:
    loaded = load_stack(Path("stack/stack.yaml"))
    return read_detection(loaded.stack, loaded.root, "stack")


def test_intervals_and_alerting_rules_are_read_in_production_seconds(here: Path) -> None:
    lay_out(here)
    rule = AlertRule(
        alert="ShelfGone",
        expr="rate(shelf_errors_total[5m]) > 1",
        hold=120.0,
        window=300.0,
        severity="SEV3",
        summary="The shelf does not answer.",
        runbook="shelf",
    )
    assert read() == DetectionFacts(scrape_interval=10.0, evaluation_interval=15.0, rules=(rule,))


def test_prometheus_defaults_hold_where_nothing_is_said(here: Path) -> None:
    lay_out(here, prometheus="scrape_configs: []\n", rules=swapped(RULES, "        for: 2m\n", ""))
    facts = read()
    assert facts is not None
    assert (facts.scrape_interval, facts.evaluation_interval) == (60.0, 60.0)
    assert facts.bound("ShelfGone") == 300 + 60 + 60 + 0


def test_a_stack_without_prometheus_has_no_facts(here: Path) -> None:
    lay_out(
        here,
        stack=swapped(
            STACK, "prometheus: {service: watch, config: prometheus.yml, rules: [rules.yml]}\n", ""
        ),
    )
    assert read() is None


def test_every_unreadable_duration_and_file_at_once(here: Path) -> None:
    lay_out(
        here,
        prometheus="global:\n  scrape_interval: 10\n",
        rules=swapped(RULES, "for: 2m", "for: soon"),
    )
    with pytest.raises(BadInput) as caught:
        read()
    assert [str(problem) for problem in caught.value.problems] == [
        "stack/prometheus.yml:2:20: scrape_interval: expected a duration such as "
        "250ms, 30s, 5m or 1h30m, got '10'",
        "stack/rules.yml:6:14: for: expected a duration such as 250ms, 30s, 5m or 1h30m, got 'soon'",
    ]
    lay_out(here, rules="rules: []\n")
    with pytest.raises(
        BadInput, match=r"stack/rules\.yml:1:1: expected a list of rule groups under 'groups'"
    ):
        read()


@pytest.mark.parametrize(
    ("expr", "seconds"),
    [
        ("up < 1", 0.0),
        ("rate(a_total[5m])", 300.0),
        ("rate(a_total[30s]) > rate(b_total[1h30m] offset 1d)", 5400.0),
        ("max_over_time(deriv(a[1m])[2h:30s])", 7200.0),
        ('a{path="/x[9d]"} > 1 # rate(b[3d])', 0.0),
        ("a{path='[1d]', other=~`[2d]`}[90s]", 90.0),
        ("increase(a[ 1d ])", 86400.0),
    ],
)
def test_the_window_is_the_longest_range_of_the_expression(expr: str, seconds: float) -> None:
    assert longest_range(expr) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("1y", 365 * 86400.0), ("1y2d", 367 * 86400.0), ("500ms", 0.5), ("1w", 604800.0)],
)
def test_durations_as_prometheus_writes_them(text: str, seconds: float) -> None:
    assert prometheus_seconds(text) == seconds
