"""The compressed copies of prometheus.yml and of rule files."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from chaos.adapters.overlay.paced_rules import pace_alertmanager, pace_config, pace_rules
from chaos.errors import BadInput
from chaos.model.stack import StandIn

RULES = """
groups:
  - name: g
    interval: 1m
    rules:
      - alert: slow
        expr: rate(x{p="[5m]"}[5m]) > 0.05
        for: 2m
        keep_firing_for: 10m
        labels: {severity: SEV1}
        annotations: {summary: "more than 5m"}
      - record: r
        expr: sum(x)
"""


def config(text: str, pace: float = 20) -> Any:
    return yaml.safe_load(pace_config(text, pace, "prometheus.yml"))


def test_rules_at_pace_20() -> None:
    (group,) = yaml.safe_load(pace_rules(RULES, 20, "rules.yml"))["groups"]
    alert, record = group["rules"]
    assert group["interval"] == "3s"
    assert (alert["for"], alert["keep_firing_for"]) == ("6s", "30s")
    assert alert["expr"] == 'rate(x{p="[5m]"}[15s]) > 0.05'
    assert alert["annotations"] == {"summary": "more than 5m"}
    assert record == {"record": "r", "expr": "sum(x)"}


@pytest.mark.parametrize(
    ("pace", "expr"), [(1, 'rate(x{p="[5m]"}[5m]) > 0.5'), (20, 'rate(x{p="[5m]"}[15s]) > 0.5')]
)
def test_a_stand_in_takes_the_place_of_a_threshold_at_every_pace(pace: float, expr: str) -> None:
    stand_ins = {"slow": StandIn(threshold=0.05, instead=0.5, because="it is a toy")}
    (group,) = yaml.safe_load(pace_rules(RULES, pace, "rules.yml", stand_ins))["groups"]
    assert [rule["expr"] for rule in group["rules"]] == [expr, "sum(x)"]


def test_pace_1_means_the_same() -> None:
    assert yaml.safe_load(pace_rules(RULES, 1, "rules.yml")) == yaml.safe_load(RULES)


def test_intervals_are_divided_globally_and_per_job() -> None:
    read = config(
        "global: {scrape_interval: 10s, evaluation_interval: 20s}\n"
        "scrape_configs: [{job_name: a}, {job_name: b, scrape_interval: 30s}]\n"
    )
    assert read["global"]["scrape_interval"] == "500ms"
    assert read["global"]["evaluation_interval"] == "1s"
    assert read["scrape_configs"][1]["scrape_interval"] == "1500ms"


def test_a_silent_file_gets_prometheus_own_defaults_divided() -> None:
    assert config("{}")["global"] == {
        "scrape_interval": "3s",
        "evaluation_interval": "3s",
        "scrape_timeout": "3s",
    }


def test_a_time_out_is_real_work_but_never_longer_than_its_interval() -> None:
    read = config(
        "global: {scrape_interval: 100s, scrape_timeout: 2s}\n"
        "scrape_configs: [{job_name: a, scrape_interval: 10s, scrape_timeout: 9s},"
        " {job_name: b, scrape_timeout: 50s}]\n"
    )
    assert read["global"]["scrape_timeout"] == "2s"
    assert [job["scrape_timeout"] for job in read["scrape_configs"]] == ["500ms", "5s"]


def test_targets_and_rule_files_stay() -> None:
    text = "rule_files: [/etc/r.yml]\nscrape_configs: [{job_name: a, static_configs: [{targets: ['x:1']}]}]\n"
    read = config(text)
    assert read["rule_files"] == ["/etc/r.yml"]
    assert read["scrape_configs"][0]["static_configs"] == [{"targets": ["x:1"]}]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "rules.yml:1:5"),
        ("- a", "rules.yml:1:1"),
        ("groups: [{rules: [{alert: a, for: 5}]}]", "rules.yml"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        pace_rules(text, 20, "rules.yml")
    assert str(caught.value).startswith(place)


ALERTMANAGER = """
global: {resolve_timeout: 5m}
route:
  receiver: chat
  group_wait: 20s
  routes:
    - {receiver: pager, group_interval: 1m, routes: [{receiver: late, repeat_interval: 24h}]}
time_intervals: [{name: digest, time_intervals: [{times: [{start_time: '09:00', end_time: '09:15'}]}]}]
receivers: [{name: chat}, {name: pager}, {name: late}]
"""


def test_the_intervals_of_every_route_are_divided_and_hours_of_the_day_are_not() -> None:
    read = yaml.safe_load(pace_alertmanager(ALERTMANAGER, 20, "alertmanager.yml"))
    root = read["route"]
    assert {key: root[key] for key in ("group_wait", "group_interval", "repeat_interval")} == {
        "group_wait": "1s",
        "group_interval": "15s",  # of Alertmanager's own 5m
        "repeat_interval": "720s",  # of its own 4h
    }
    pager = root["routes"][0]
    assert pager == {
        "receiver": "pager",
        "group_interval": "3s",
        "routes": [{"receiver": "late", "repeat_interval": "4320s"}],
    }
    assert read["global"] == {"resolve_timeout": "15s"}
    assert read["time_intervals"] == yaml.safe_load(ALERTMANAGER)["time_intervals"]
    assert read["receivers"] == yaml.safe_load(ALERTMANAGER)["receivers"]


def test_a_routing_file_that_is_no_mapping_is_one_problem() -> None:
    with pytest.raises(BadInput):
        pace_alertmanager("- a", 20, "alertmanager.yml")
