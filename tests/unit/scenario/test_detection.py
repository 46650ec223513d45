from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.model.rules import AlertRule, DetectionFacts, Selector
from chaos.scenario import load_stack, read_detection
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
        labels={"severity": "SEV3"},
        annotations={"summary": "The shelf does not answer.", "runbook": "shelf"},
        interval=15.0,
        scrape=10.0,
        selectors=(Selector(family="shelf_errors_total"),),
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
        "stack/prometheus.yml:2:20: scrape_interval: expected a Prometheus duration "
        "such as 30s or 1h30m, got '10'",
        "stack/rules.yml:6:14: for: expected a Prometheus duration such as 30s or 1h30m, got 'soon'",
    ]
    lay_out(here, rules="rules: []\n")
    with pytest.raises(
        BadInput, match=r"stack/rules\.yml:1:1: expected a list of rule groups under 'groups'"
    ):
        read()


CASE_RULES = """\
groups:
  - name: slo
    interval: 30s
    query_offset: 20s
    rules:
      - {record: "shop:errors", expr: "rate(errors_total[30m])"}
      - {alert: ShelfGone, expr: "shop:errors > 0.5", for: 0}
      - {alert: Lasting, expr: 'up{job="shop"} == 0', for: 1m, keep_firing_for: 20m}
      - {alert: Earlier, expr: "rate(x[300]) < 0.5 * rate(x[300] offset 1h)", for: 1m}
      - {alert: Past, expr: "x @ 1609746000 > 1"}
  - name: pages
    rules:
      - {alert: Page, expr: "shop:errors > 0.9 or changes(x[1m]) > 2"}
      - {alert: Newer, expr: "rate(x[5m] smoothed) > 1"}
"""
CASE_CONFIG = """\
global: {scrape_interval: 10s, evaluation_interval: 15s, rule_query_offset: 5s}
scrape_configs:
  - job_name: shop
    scrape_interval: 45s
    static_configs: [{targets: ["shop:8000"], labels: {team: web}}]
  - job_name: far
    static_configs: [{targets: ["elsewhere.example:9100"]}]
"""


def case() -> DetectionFacts:
    facts = read()
    assert facts is not None
    return facts


def test_the_bound_counts_recording_rules_intervals_and_offsets(here: Path) -> None:
    lay_out(here, prometheus=CASE_CONFIG, rules=CASE_RULES)
    facts = case()
    # The same group: the recording rule is evaluated just before. The slowest job may bring the metric.
    assert dict(facts.bound_parts("ShelfGone")) == {
        "rate window": 1800.0,
        "scrape": 45.0,
        "query offset": 20.0,
        "evaluation": 30.0,
        "for": 0.0,
    }
    # Another group: one more evaluation, and the longer of the two query offsets.
    assert facts.bound("Page") == 1800 + 45 + 30 + 15 + 20
    assert facts.bound("Lasting") == 45 + 30 + 20 + 60
    assert facts.lingers("Lasting") == 45 + 30 + 20 + 1200
    assert (facts.evaluated_every("Lasting"), facts.evaluated_every("Page")) == (30.0, 15.0)
    assert facts.slowest_evaluation == 30.0
    assert facts.learns_within("Page") == 45 + 30 + 15 + 20
    assert facts.bound("Earlier") == 300 + 45 + 30 + 20 + 60


def test_what_an_alert_reads_is_known_before_the_run(here: Path) -> None:
    lay_out(here, prometheus=CASE_CONFIG, rules=CASE_RULES)
    facts = case()
    rules = {rule.alert: rule for rule in facts.rules}
    assert [(one.family, one.through) for one in rules["ShelfGone"].selectors] == [
        ("errors_total", "shop:errors")
    ]
    assert (rules["Earlier"].baseline, rules["ShelfGone"].baseline) == (3600.0, 0.0)
    assert [rule.alert for rule in facts.rules if not rule.reads_now] == ["Past"]


def test_which_alerts_are_comparable_at_a_pace(here: Path) -> None:
    lay_out(here, prometheus=CASE_CONFIG, rules=CASE_RULES)
    facts = case()
    assert [rule.alert for rule in facts.rules if facts.not_comparable(rule.alert, 20)] == [
        "Past",
        "Page",
        "Newer",
    ]
    assert not any(facts.not_comparable(rule.alert, 1) for rule in facts.rules)
    assert facts.not_comparable("Page", 20) == (
        "changes(x[1m]): it counts single events in a window that the pace shortens"
    )


def test_an_alert_is_no_more_comparable_than_the_recording_rules_that_it_reads(here: Path) -> None:
    rules = """\
groups:
  - name: g
    rules:
      - {record: "shop:restarts", expr: "changes(started[5m])"}
      - {alert: ShelfGone, expr: "max(shop:restarts) > 3"}
"""
    lay_out(here, rules=rules)
    assert case().not_comparable("ShelfGone", 20) == (
        "changes(started[5m]) (in shop:restarts): it counts single events in a window that the pace shortens"
    )


def test_the_targets_that_the_configuration_lists(here: Path) -> None:
    lay_out(here, prometheus=CASE_CONFIG)
    own, far = case().targets
    assert (own.job, own.instance, own.labels, own.host) == ("shop", "shop:8000", {"team": "web"}, "shop")
    assert far.host == "elsewhere.example"


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        (
            "route: {receiver: a}\nreceivers:\n"
            "  - {name: a, webhook_configs: [{url: 'http://sink:1/channels/pager'}]}\n"
            "  - {name: b, webhook_configs: [{url: 'http://sink:1/chat'}, {url: 'http://sink:1/pager'}]}\n",
            ("pager", "chat"),
        ),
        ("route: {receiver: gone}\n", None),
        ("route: [", None),
    ],
)
def test_the_channels_of_its_alertmanager(here: Path, text: str, channels: tuple[str, ...] | None) -> None:
    lay_out(here, stack=STACK + "alertmanager: {service: watch, config: alertmanager.yml}\n")
    (here / "stack" / "alertmanager.yml").write_text(text)
    facts = read()
    assert facts is not None
    assert facts.channels == channels
