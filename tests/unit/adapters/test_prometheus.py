"""Reading Prometheus: values, alerts, raw history; what cannot be read is said, never made up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos.adapters.prometheus import PrometheusReader
from chaos.errors import ToolProblem
from chaos.model.plan import Plan
from chaos.model.rules import AlertRule, DetectionFacts, Matcher, MatchKind, Selector
from chaos.model.stack import Stack
from tests.streamed import StreamedTransport
from tests.unit.adapters.overlay.specimens import stack
from tests.unit.adapters.stack.stand_in import plan_for

BREAKER = {"metric": 'breaker_state{dep="db"}', "states": {"closed": 0, "open": 1}}
Handler = Callable[[httpx.Request], httpx.Response]


def reader(handler: Handler) -> PrometheusReader:
    return PrometheusReader("http://prometheus", StreamedTransport(handler))


def answers(result: Any, kind: str = "vector") -> Handler:
    return lambda _: httpx.Response(
        200, json={"status": "success", "data": {"resultType": kind, "result": result}}
    )


async def test_all_samples_of_a_query() -> None:
    two = [{"metric": {"a": "1"}, "value": [1.0, "0"]}, {"metric": {"a": "2"}, "value": [1.0, "2.5"]}]
    async with reader(answers(two)) as prometheus:
        assert await prometheus.values("x") == (0.0, 2.5)


async def test_no_sample_is_no_value() -> None:
    async with reader(answers([])) as prometheus:
        assert await prometheus.values("x") == ()


async def test_a_scalar_is_one_value() -> None:
    async with reader(answers([1.0, "7"], "scalar")) as prometheus:
        assert await prometheus.values("scalar(x)") == (7.0,)


async def test_active_alerts_once_a_state() -> None:
    alerts = [
        {"labels": {"alertname": "down", "pod": "1"}, "state": "firing"},
        {"labels": {"alertname": "down", "pod": "2"}, "state": "firing"},
        {"labels": {"alertname": "slow"}, "state": "pending"},
    ]
    body = {"status": "success", "data": {"alerts": alerts}}
    async with reader(lambda _: httpx.Response(200, json=body)) as prometheus:
        assert await prometheus.active_alerts() == (("down", "firing"), ("slow", "pending"))


def refuse(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def hang(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("")


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (refuse, "does not answer /api/v1/query: refused"),
        (hang, "does not answer /api/v1/query: ReadTimeout"),
        (lambda _: httpx.Response(400, text="parse error"), "with 400: parse error"),
        (lambda _: httpx.Response(200, text="<html>"), "cannot be read"),
        (lambda _: httpx.Response(200, json={"data": {}}), "cannot be read"),
    ],
)
async def test_no_foreign_error_escapes(handler: Handler, said: str) -> None:
    async with reader(handler) as prometheus:
        with pytest.raises(ToolProblem, match=said):
            await prometheus.values("x")
        metrics = await prometheus.history(plan_for(stack(), Path("/")), 100.0, 160.0)
    assert not metrics.complete
    assert said.split(":")[0].split()[0] in metrics.detail


def holding(held: dict[str, list[dict[str, Any]]], asked: list[httpx.Request]) -> Handler:
    """A Prometheus that holds these series, by selector."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        selector = request.url.params["query"].rpartition("[")[0]
        several = re.fullmatch(r'\{__name__=~"(.*)"\}', selector)
        names = several[1].split("|") if several else [selector]
        result = [series for name in names for series in held.get(name, [])]
        return httpx.Response(200, json={"data": {"resultType": "matrix", "result": result}})

    return answer


def with_breaker() -> Stack:
    return stack(breakers={"db": BREAKER})


UP = {"metric": {"__name__": "up", "job": "web"}, "values": [[99.9, "1"], [101.25, "1"], [101.75, "0"]]}
ALERT = {
    "metric": {"__name__": "ALERTS", "alertname": "down", "alertstate": "firing"},
    "values": [[102.5, "1"]],
}
STATE = {"metric": {"__name__": "breaker_state", "dep": "db"}, "values": [[101.0, "0"], [103.0, "1"]]}


async def test_history_is_the_raw_samples_of_the_window() -> None:
    asked: list[httpx.Request] = []
    handler = holding({"up": [UP], "ALERTS": [ALERT], BREAKER["metric"]: [STATE]}, asked)  # type: ignore[dict-item]
    async with reader(handler) as prometheus:
        metrics = await prometheus.history(plan_for(with_breaker(), Path("/")), 100.0, 160.0004)
    assert metrics.complete
    assert (metrics.read_from, metrics.read_to) == (100.0, 160.0004)
    found = {series.metric: series for series in metrics.series}
    assert found["up"].samples == ((101.25, 1.0), (101.75, 0.0)), "nothing from before the window"
    assert found["ALERTS"].labels == {"alertname": "down", "alertstate": "firing"}
    assert found[BREAKER["metric"]].samples == ((101.0, 0.0), (103.0, 1.0))  # type: ignore[index]
    assert {request.url.path for request in asked} == {"/api/v1/query"}
    # What is compared with each other is read in one query; the gauges before the scrapes that they are of.
    together = '{__name__=~"ALERTS|ALERTS_FOR_STATE|up|scrape_duration_seconds"}'
    queries = [request.url.params["query"] for request in asked]
    assert queries == [f"{BREAKER['metric']}[60001ms]", f"{together}[60001ms]"]


async def test_a_prometheus_that_holds_nothing_of_the_run_is_no_proof_of_silence() -> None:
    async with reader(holding({}, [])) as prometheus:
        metrics = await prometheus.history(plan_for(with_breaker(), Path("/")), 100.0, 160.0)
    assert not metrics.complete
    assert "no sample of this run" in metrics.detail


async def test_a_breaker_that_is_no_series_makes_the_history_incomplete() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        is_breaker = request.url.params["query"].startswith("breaker")
        result: Any = [1.0, "1"] if is_breaker else [UP]
        return httpx.Response(200, text=json.dumps({"data": {"resultType": "x", "result": result}}))

    async with reader(answer) as prometheus:
        metrics = await prometheus.history(plan_for(with_breaker(), Path("/")), 100.0, 160.0)
    assert not metrics.complete
    assert "stack.yaml" in metrics.detail


# As Prometheus 2.53 exposes them.
COUNTERS = """\
# TYPE prometheus_rule_group_interval_seconds gauge
prometheus_rule_group_interval_seconds{rule_group="/etc/r.yml;pms"} 0.5
prometheus_rule_group_iterations_total{rule_group="/etc/r.yml;pms"} 120
prometheus_rule_group_iterations_missed_total{rule_group="/etc/r.yml;pms"} 3
prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="/etc/r.yml;pms"} 1.7e+09
prometheus_rule_evaluation_failures_total{rule_group="/etc/r.yml;pms"} 2
prometheus_rule_group_duration_seconds{quantile="0.5"} 0.001
"""


async def test_how_often_rules_were_evaluated_is_what_prometheus_counts() -> None:
    async with reader(lambda _: httpx.Response(200, text=COUNTERS)) as prometheus:
        (group,) = await prometheus.rule_groups()
    assert (group.group, group.iterations, group.missed, group.failures) == ("/etc/r.yml;pms", 120, 3, 2)
    assert (group.last, group.interval) == (1.7e9, 0.5)


async def test_a_server_without_these_counters_has_no_rule_groups() -> None:
    async with reader(lambda _: httpx.Response(200, text="up 1\n")) as prometheus:
        assert await prometheus.rule_groups() == ()


async def test_counters_that_are_no_numbers_are_a_problem() -> None:
    text = COUNTERS.replace("120", "many")
    async with reader(lambda _: httpx.Response(200, text=text)) as prometheus:
        with pytest.raises(ToolProblem, match="cannot be read"):
            await prometheus.rule_groups()


def with_alert(*selectors: Selector) -> Plan:
    rule = AlertRule(alert="down", expr="x", selectors=selectors)
    facts = DetectionFacts(scrape_interval=10, evaluation_interval=10, rules=(rule,))
    return plan_for(stack(), Path("/")).model_copy(update={"detection": facts})


async def test_a_selector_that_matches_nothing_is_distinguished_from_a_metric_that_is_not_there() -> None:
    there = {"http_requests_total": 3, 'http_requests_total{job="web"}': 2, 'http_requests_total{job="x"}': 0}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/series"
        assert (request.url.params["start"], request.url.params["end"]) == ("100.000", "160.000")
        count = there.get(request.url.params["match[]"], 0)
        return httpx.Response(200, json={"data": [{"__name__": "x"}] * count})

    def of(job: str) -> Selector:
        matcher = Matcher(label="job", kind=MatchKind.EQUAL, value=job)
        return Selector(family="http_requests_total", matchers=(matcher,))

    plan = with_alert(of("web"), of("x"), Selector(family="gone"), of("web"))
    async with reader(answer) as prometheus:
        found = await prometheus.selectors(plan, 100.0, 160.0)
    assert [(one.selector, one.series, one.family_series) for one in found] == [
        ('http_requests_total{job="web"}', 2, 3),
        ('http_requests_total{job="x"}', 0, 3),
        ("gone", 0, 0),
    ]


async def test_a_selector_that_could_not_be_asked_is_unknown() -> None:
    async with reader(refuse) as prometheus:
        (found,) = await prometheus.selectors(with_alert(Selector(family="up")), 100.0, 160.0)
    assert (found.series, found.family_series) == (None, None)
    assert "does not answer" in found.detail


async def test_targets_come_with_their_labels_and_health() -> None:
    target = {
        "labels": {"job": "web", "instance": "web:80"},
        "health": "down",
        "lastError": "connection refused",
        "scrapeInterval": "500ms",
        "scrapePool": "web",
    }
    answer = {"data": {"activeTargets": [target], "droppedTargets": []}}
    async with reader(lambda _: httpx.Response(200, json=answer)) as prometheus:
        (found,) = await prometheus.targets()
    assert found.labels == {"instance": "web:80", "job": "web"}
    assert (found.health, found.last_error, found.scrape_interval) == ("down", "connection refused", "500ms")
