"""How long a change needs until an alert has taken notice of it."""

from __future__ import annotations

import pytest

from chaos.promql.pipeline import Pipeline, SamplePath, SourceRule
from chaos.promql.syntax import parse

SCRAPE = 10.0


def rule(name: str, expr: str, group: str = "one", place: int = 0, alert: bool = False) -> SourceRule:
    """Groups are evaluated every 30 s, and hold their alerts for 60 s."""
    hold = 60.0 if alert else 0.0
    return SourceRule(name, alert, parse(expr), group, place, interval=30.0, query_offset=0.0, hold=hold)


def slowest(expr: str, *recorded: SourceRule, jobs: dict[str, float] | None = None) -> SamplePath:
    reader = rule("A", expr, place=9, alert=True)
    readings = Pipeline([*recorded, reader], SCRAPE, jobs or {}).readings(reader)
    return max(readings, key=lambda one: one.total)


@pytest.mark.parametrize(
    ("expr", "window"),
    [
        ("up < 1", 0.0),
        ("rate(a_total[5m])", 300.0),
        ("rate(a_total[300])", 300.0),
        ("increase(a[ 1d ])", 86_400.0),
        ("rate(a[30s]) > rate(b[1h])", 3600.0),
        # a subquery is full once its oldest inner window is
        ("max_over_time(deriv(a[1m])[2h:30s])", 7260.0),
        ('a{path="/x[9d]"} > 1 # rate(b[3d])', 0.0),
        ("a{path='[1d]', other=~`[2d]`}[90s]", 90.0),
        ("a @ 1609746000 > rate(b[1m])", 60.0),
    ],
)
def test_ranges(expr: str, window: float) -> None:
    assert slowest(expr) == SamplePath(window=window, scrape=SCRAPE)


@pytest.mark.parametrize(
    ("expr", "shift", "baseline"),
    [
        ("a offset 1h > 5", 3600.0, 0.0),
        ("a offset 300 > 5", 300.0, 0.0),
        ("a offset -1h > 5", 0.0, 0.0),
        ("max_over_time(a[5m:] offset 1h) > 5", 3600.0, 0.0),
        # compared with earlier: fast, but back to normal after an hour
        ("a < 0.5 * a offset 1h", 0.0, 3600.0),
        ("a offset 1m < 0.5 * a offset 1h", 60.0, 3540.0),
        ("(a - a offset 1d) / a offset 1d > 0.2", 0.0, 86_400.0),
        # both sides must have changed
        ("a > 1 and b offset 1h > 1", 3600.0, 0.0),
    ],
)
def test_offsets(expr: str, shift: float, baseline: float) -> None:
    assert slowest(expr).shift == shift
    reader = rule("A", expr, alert=True)
    assert Pipeline([reader], SCRAPE).baseline(reader) == baseline


def test_a_recording_rule_of_the_same_group_is_evaluated_just_before() -> None:
    found = slowest("job:errors > 1", rule("job:errors", "rate(errors_total[30m])"))
    assert found == SamplePath(window=1800.0, upstream=0.0, scrape=SCRAPE)


def test_one_of_another_group_or_further_down_has_a_wait_of_its_own() -> None:
    source = rule("job:errors", "rate(errors_total[30m])", group="two")
    assert slowest("job:errors > 1", source).upstream == 30.0
    later = rule("job:errors", "rate(errors_total[30m])", place=10)
    assert slowest("job:errors > 1", later).upstream == 30.0


def test_recording_rules_add_up() -> None:
    first = rule("r1", "rate(x[5m])", group="two")
    second = rule("r2", "avg_over_time(r1[10m])", group="three")
    found = slowest("max_over_time(r2[1h] offset 1m) > 1", first, second)
    assert found == SamplePath(shift=60.0, window=300.0 + 600.0 + 3600.0, upstream=60.0, scrape=SCRAPE)


def test_the_slowest_of_rules_of_one_name_counts() -> None:
    found = slowest("r > 1", rule("r", "rate(x[1m])"), rule("r", "rate(x[1h])", place=1))
    assert found.window == 3600.0


def test_a_pattern_finds_recording_rules_too() -> None:
    assert slowest('{__name__=~"job:.*"} > 1', rule("job:errors", "rate(x[1h])")).window == 3600.0


def test_an_alert_that_reads_another_waits_for_its_for() -> None:
    other = rule("Other", "rate(x[5m]) > 1", group="two", alert=True)
    found = slowest('ALERTS{alertname="Other", alertstate="firing"}', other)
    assert (found.window, found.upstream) == (300.0, 30.0 + 60.0)


def test_a_rule_that_reads_itself_does_not_wait_for_itself() -> None:
    assert slowest('rate(x[5m]) > 1 or ALERTS{alertname="A"}').total == 300.0 + SCRAPE
    circle = (rule("r1", "r2 + rate(x[1m])"), rule("r2", "r1", place=1))
    assert slowest("r1 > 1", *circle).window == 60.0


def test_the_jobs_own_scrape_interval_counts() -> None:
    jobs = {"web": 5.0, "slow": 45.0}
    assert slowest('up{job="slow"} == 0', jobs=jobs).scrape == 45.0
    assert slowest('up{job="web"} == 0', jobs=jobs).scrape == 5.0
    assert slowest('up{job=~"web|slow"} == 0', jobs=jobs).scrape == 45.0
    assert slowest("anything > 1", jobs=jobs).scrape == 45.0  # of whatever job: the slowest is safe
    assert slowest('up{job="another"} == 0', jobs=jobs).scrape == SCRAPE


def test_a_fixed_instant_is_no_reading() -> None:
    reader = rule("A", "x @ 1609746000 > 1", alert=True)
    assert Pipeline([reader], SCRAPE).readings(reader) == ()


def test_selectors_are_those_of_scraped_series() -> None:
    source = rule("job:errors", "rate(errors_total[5m]) or vector(0)")
    reader = rule("A", 'job:errors > 1 unless (ALERTS{alertname="B"} and up)', place=1, alert=True)
    found = Pipeline([source, reader], SCRAPE).selectors(reader)
    assert [(one.family, one.may_be_empty, one.through) for one in found] == [
        ("errors_total", True, "job:errors"),
        ("up", True, ""),
    ]
