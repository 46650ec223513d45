"""Reads a run's Prometheus: current values for probes, and at the end the raw samples for the checks."""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from chaos.adapters.exposition import exposed
from chaos.bounded_http import ACCEPTED, whole_body
from chaos.errors import ToolProblem, foreign_errors
from chaos.model.alert_states import ActiveAlert, AlertState
from chaos.model.plan import Plan
from chaos.promql.compress import compress
from chaos.timeline.observations import RuleGroupState
from chaos.timeline.recording import UP, Metrics, SelectorSeen, Series, TargetSeen

_SECONDS = 3.0
_WHOLE = 3  # a whole answer may take this many times as long as one part of it
_ROUNDING = 0.001  # seconds: the end of a query is sent with three digits
_HISTORY_SECONDS = 20.0
_MOST_BYTES = 64_000_000
# In one query: Prometheus shows a query all samples of an evaluation, or none of them. Two queries may differ
# in those of an evaluation that ended between them, however old its instant is.
_ALWAYS = '{__name__=~"ALERTS|ALERTS_FOR_STATE|up|scrape_duration_seconds"}'
_SELECTORS_AT_ONCE = 4
_SERIES_ENOUGH = "100"  # it only matters whether there is any
_ITERATIONS = "prometheus_rule_group_iterations_total"
_MISSED = "prometheus_rule_group_iterations_missed_total"
_FAILURES = "prometheus_rule_evaluation_failures_total"
_LAST = "prometheus_rule_group_last_evaluation_timestamp_seconds"
_INTERVAL = "prometheus_rule_group_interval_seconds"
_RULES = (_ITERATIONS, _MISSED, _FAILURES, _LAST, _INTERVAL)


A = TypeVar("A", bound=BaseModel)


class _Result(BaseModel):
    """One element of an instant query's answer: a vector has ``value``, a range selector ``values``."""

    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


class _Data(BaseModel):
    result: list[_Result] | tuple[float, str]


class _QueryAnswer(BaseModel):
    data: _Data


class _Alert(BaseModel):
    labels: dict[str, str]
    state: AlertState


class _Alerts(BaseModel):
    alerts: tuple[_Alert, ...]


class _AlertsAnswer(BaseModel):
    data: _Alerts


class _SeriesAnswer(BaseModel):
    data: list[dict[str, str]]


class _Target(BaseModel):
    labels: dict[str, str]
    health: str
    last_error: str = Field(default="", alias="lastError")
    scrape_interval: str = Field(default="", alias="scrapeInterval")


class _Targets(BaseModel):
    targets: list[_Target] = Field(alias="activeTargets")


class _TargetsAnswer(BaseModel):
    data: _Targets


class PrometheusReader:
    """The query API of one Prometheus. Every call is bounded and raises ``ToolProblem``; use it as ``async
    with``.
    """

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        # trust_env off: no company proxy between gameday and 127.0.0.1
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=ACCEPTED, timeout=_SECONDS, trust_env=False, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def values(self, query: str) -> tuple[float, ...]:
        """The values of all samples of an instant query (all must satisfy a condition); empty: no sample."""
        answer = read_answer(
            _QueryAnswer, await self._get("/api/v1/query", {"query": query}, _SECONDS), query
        )
        with foreign_errors(f"Prometheus's answer about {query} cannot be read"):
            if isinstance(answer.data.result, tuple):
                return (float(answer.data.result[1]),)  # a scalar
            return tuple(float(result.value[1]) for result in answer.data.result if result.value)

    async def active_alerts(self) -> tuple[ActiveAlert, ...]:
        """Every active alert, once for each state."""
        text = await self._get("/api/v1/alerts", {}, _SECONDS)
        answer = read_answer(_AlertsAnswer, text, "the active alerts")
        found = {ActiveAlert(one.labels.get("alertname", ""), one.state) for one in answer.data.alerts}
        return tuple(sorted(found))

    async def history(self, plan: Plan, start: float, end: float) -> Metrics:
        """Alerts, breakers and ``up`` between two wall-clock instants, as the raw samples in Prometheus.

        A range selector in an instant query returns raw samples, so an alert's evaluation instants are exact;
        a range query would resample them. Never raises: if something cannot be read, ``complete`` is False
        and no check judges the data.
        """
        gauges: list[Series] = []
        try:
            # The gauges first: each of their samples is of a scrape that ``up`` has as well.
            for selector in dict.fromkeys(facts.metric for facts in plan.stack.breakers.values()):
                gauges += await self._raw(selector, start, end, keep_name=True)
            series = [*await self._raw(_ALWAYS, start, end, keep_name=False), *gauges]
        except ToolProblem as error:
            return Metrics(complete=False, detail=str(error), read_from=start, read_to=end)
        if not any(one.metric == UP for one in series):
            detail = "Prometheus holds no sample of this run: it scraped nothing, or lost its data"
            return Metrics(complete=False, detail=detail, read_from=start, read_to=end)
        reached = await self._reached(plan, start, end)
        return Metrics(complete=True, read_from=start, read_to=end, series=tuple(series), reached=reached)

    async def _reached(self, plan: Plan, start: float, end: float) -> tuple[str, ...] | None:
        """The states of stack.yaml that had a sample at one of the scrapes; None: no answer."""
        facts = plan.detection
        if not plan.stack.states or facts is None:
            return None
        window = max(1, math.ceil((end - start) * 1000))
        step = max(1, round(facts.scrape_interval / plan.pace * 1000))
        found = []
        try:
            for name, expr in plan.stack.states.items():
                query = f"count_over_time(({compress(expr, plan.pace)})[{window}ms:{step}ms])"
                answer = await self._get("/api/v1/query", {"query": query, "time": f"{end:.3f}"}, _SECONDS)
                if read_answer(_QueryAnswer, answer, name).data.result:
                    found.append(name)
        except ToolProblem:
            return None
        return tuple(found)

    async def rule_groups(self) -> tuple[RuleGroupState, ...]:
        """Prometheus's own counters of its rule groups, which prove that it evaluated the rules.

        Reads /metrics, so that Prometheus need not scrape itself. Empty: it has no rule group.
        """
        text = await self._get("/metrics", {}, _SECONDS)
        found: dict[str, dict[str, float]] = {}
        with foreign_errors("Prometheus's counters of its rules cannot be read"):
            for sample in exposed(text, _RULES):
                found.setdefault(sample.labels["rule_group"], {})[sample.name] = sample.value
            return tuple(
                RuleGroupState(
                    group=group,
                    iterations=int(values[_ITERATIONS]),
                    missed=int(values.get(_MISSED, 0)),
                    failures=int(values.get(_FAILURES, 0)),
                    last=values.get(_LAST) or None,
                    interval=values[_INTERVAL],
                )
                for group, values in sorted(found.items())
                if _ITERATIONS in values and _INTERVAL in values
            )

    async def selectors(self, plan: Plan, start: float, end: float) -> tuple[SelectorSeen, ...]:
        """The series that each selector of each alert matched between two instants. Never raises."""
        rules = plan.detection.rules if plan.detection is not None else ()
        wanted = list(dict.fromkeys((str(one), one.family) for rule in rules for one in rule.selectors))
        free = asyncio.Semaphore(_SELECTORS_AT_ONCE)

        async def seen(selector: str, family: str) -> SelectorSeen:
            async with free:
                try:
                    series = await self._series_of(selector, start, end)
                    alike = series if selector == family else None
                    if alike is None and family:
                        alike = await self._series_of(family, start, end)
                except ToolProblem as problem:
                    return SelectorSeen(selector=selector, family=family, detail=str(problem))
            names = None if alike is None else tuple(sorted({name for one in alike for name in one}))
            return SelectorSeen(
                selector=selector,
                family=family,
                series=len(series),
                family_series=None if alike is None else len(alike),
                family_labels=names,
            )

        return tuple(await asyncio.gather(*(seen(selector, family) for selector, family in wanted)))

    async def targets(self) -> tuple[TargetSeen, ...]:
        """The active scrape targets with their labels."""
        text = await self._get("/api/v1/targets", {"state": "active"}, _SECONDS)
        answer = read_answer(_TargetsAnswer, text, "the targets")
        return tuple(
            TargetSeen(
                labels=dict(sorted(one.labels.items())),
                health=one.health,
                last_error=one.last_error,
                scrape_interval=one.scrape_interval,
            )
            for one in answer.data.targets
        )

    async def _series_of(self, selector: str, start: float, end: float) -> list[dict[str, str]]:
        params = {
            "match[]": selector,
            "start": f"{start:.3f}",
            "end": f"{end:.3f}",
            "limit": _SERIES_ENOUGH,
        }
        answer = read_answer(_SeriesAnswer, await self._get("/api/v1/series", params, _SECONDS), selector)
        return answer.data

    async def _raw(self, selector: str, start: float, end: float, keep_name: bool) -> list[Series]:
        """``keep_name``: a breaker's series is identified by the selector in stack.yaml."""
        window = max(1, math.ceil((end - start) * 1000))
        params = {"query": f"{selector}[{window}ms]", "time": f"{end:.3f}"}
        answer = read_answer(
            _QueryAnswer, await self._get("/api/v1/query", params, _HISTORY_SECONDS), selector
        )
        if isinstance(answer.data.result, tuple):
            raise ToolProblem(f"{selector} is not a series: check the breaker's metric in stack.yaml")
        with foreign_errors(f"Prometheus's answer about {selector} cannot be read"):
            return [
                Series(
                    metric=selector if keep_name else result.metric.get("__name__", selector),
                    labels={
                        name: value for name, value in sorted(result.metric.items()) if name != "__name__"
                    },
                    samples=tuple(
                        (instant, float(value))
                        for instant, value in result.values
                        if start <= instant <= end + _ROUNDING
                    ),
                )
                for result in answer.data.result
            ]

    async def _get(self, path: str, params: dict[str, str], within: float) -> str:
        # httpx limits each read separately, so an answer that arrives in small pieces would never be late.
        with foreign_errors(f"Prometheus does not answer {path}"):
            async with (
                asyncio.timeout(_WHOLE * within),
                self._http.stream("GET", path, params=params, timeout=within) as answer,
            ):
                body = await whole_body(answer, _MOST_BYTES, f"Prometheus answers {path} with")
        text = body.decode(errors="replace")
        if answer.status_code != httpx.codes.OK:
            raise ToolProblem(f"Prometheus answers {path} with {answer.status_code}: {text[:300]}")
        return text


def read_answer(kind: type[A], text: str, what: str) -> A:
    """``text`` as a value of ``kind``; ``ToolProblem`` if it is not one."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ToolProblem(f"Prometheus's answer about {what} cannot be read: {text[:200]}") from error
