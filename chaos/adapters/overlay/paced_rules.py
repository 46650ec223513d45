"""The compressed copies of prometheus.yml, its rule files and alertmanager.yml. Pure: text in, text out.

Divided by the pace: scrape and evaluation intervals (global and per job), ``rule_query_offset``, and in
rules the group's ``interval`` and ``query_offset``, ``for``, ``keep_firing_for`` and every duration inside
``expr``. In alertmanager.yml: the three intervals of every route, and ``resolve_timeout``; its time
intervals are hours of the day and stay. A scrape time-out is real work and is not divided; it is only cut
to the interval, because Prometheus refuses a longer one. Counts and ages inside ``expr`` are translated
(``chaos.promql.meaning``). A stand-in of stack.yaml replaces the threshold of its alert, at every pace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import yaml

from chaos.errors import BadInput, Problem
from chaos.model.stack import StandIn
from chaos.promql.compress import compress
from chaos.promql.durations import divide, milliseconds, text_of
from chaos.promql.threshold import with_threshold
from chaos.yaml_text import load_text, yaml_problem

_Body = dict[str, object]
_NO_STAND_INS: Mapping[str, StandIn] = {}
# What Prometheus takes when the file is silent: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
_DEFAULT_INTERVAL = "1m"
_DEFAULT_TIMEOUT = "10s"
# What Alertmanager takes for the first route: https://prometheus.io/docs/alerting/latest/configuration/#route
_ROUTE_DEFAULTS: _Body = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}


def pace_config(text: str, pace: float, file: str) -> str:
    """prometheus.yml with its intervals divided. ``file`` is only for errors (``BadInput``)."""

    def change(document: _Body) -> None:
        top = document.get("global")
        if not isinstance(top, dict):
            top = document["global"] = {}
        for key in ("scrape_interval", "evaluation_interval"):
            top[key] = divide(str(top.get(key, _DEFAULT_INTERVAL)), pace)
        _divide_keys(top, ("rule_query_offset",), pace)
        _cut_timeout(top, str(top["scrape_interval"]), _DEFAULT_TIMEOUT)
        for job in _bodies(document.get("scrape_configs")):
            if "scrape_interval" in job:
                job["scrape_interval"] = divide(str(job["scrape_interval"]), pace)
            _cut_timeout(job, str(job.get("scrape_interval", top["scrape_interval"])), None)

    return _changed(text, file, change)


def pace_rules(text: str, pace: float, file: str, stand_ins: Mapping[str, StandIn] = _NO_STAND_INS) -> str:
    """A rule file with its durations divided. ``stand_ins``: alert -> the threshold that replaces its own."""

    def change(document: _Body) -> None:
        for group in _bodies(document.get("groups")):
            _divide_keys(group, ("interval", "query_offset"), pace)
            for rule in _bodies(group.get("rules")):
                _divide_keys(rule, ("for", "keep_firing_for"), pace)
                if "expr" in rule:
                    expr, stand_in = str(rule["expr"]), stand_ins.get(str(rule.get("alert", "")))
                    if stand_in is not None:
                        expr = with_threshold(expr, stand_in.threshold, stand_in.instead)
                    rule["expr"] = compress(expr, pace)

    return _changed(text, file, change)


def pace_alertmanager(text: str, pace: float, file: str) -> str:
    """alertmanager.yml with the intervals of its routes divided."""

    def change(document: _Body) -> None:
        own = document.get("global")
        if isinstance(own, dict):
            _divide_keys(own, ("resolve_timeout",), pace)
        root = document.get("route")
        if isinstance(root, dict):
            document["route"] = root = _ROUTE_DEFAULTS | root
            _divide_route(root, pace)

    return _changed(text, file, change)


def _divide_route(route: _Body, pace: float) -> None:
    _divide_keys(route, tuple(_ROUTE_DEFAULTS), pace)
    for child in _bodies(route.get("routes")):
        _divide_route(child, pace)


def _changed(text: str, file: str, change: Callable[[_Body], None]) -> str:
    try:
        document = load_text(text) or {}
    except yaml.YAMLError as error:
        raise BadInput([yaml_problem(file, error, text)]) from error
    if not isinstance(document, dict):
        raise BadInput([Problem(file, 1, 1, f"expected a mapping, got {type(document).__name__}")])
    try:
        change(document)
    except ValueError as error:
        raise BadInput([Problem.about(file, str(error), "promtool check shows where")]) from error
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=4096)


def _cut_timeout(body: _Body, interval: str, default: str | None) -> None:
    timeout = body.get("scrape_timeout", default)
    if timeout is not None:
        body["scrape_timeout"] = text_of(min(milliseconds(str(timeout)), milliseconds(interval)))


def _divide_keys(body: _Body, keys: tuple[str, ...], pace: float) -> None:
    for key in keys:
        if key in body:
            body[key] = divide(str(body[key]), pace)


def _bodies(value: object) -> Iterator[_Body]:
    yield from (entry for entry in (value if isinstance(value, list) else ()) if isinstance(entry, dict))
