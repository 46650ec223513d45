"""Reads the alert history of a Prometheus for the incident detector."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from chaos.adapters.prometheus import PrometheusReader, read_answer
from chaos.errors import ToolProblem, foreign_errors
from chaos.model.base import LAST_INSTANT
from chaos.model.incidents import AlertReading, WatchedRule
from chaos.model.rules import set_labels
from chaos.timeline.alert_series import alert_series
from chaos.timeline.recording import UP
from chaos.timing import LONGEST as LONGEST_DURATION
from chaos.timing import parse_duration

AT_ONCE = 3600.0  # seconds of samples in one reading
LONGEST = 15 * 86400.0  # how long Prometheus keeps its samples by default
FIRST, LAST = 0.0, LAST_INSTANT  # of a clock that can be one
# In one query, for the same reason as in a run's Prometheus: two queries may differ in an evaluation that
# ended between them.
_SAMPLES = '{__name__=~"ALERTS|ALERTS_FOR_STATE|up"}'
_SECONDS = 10.0
_OK = "ok"
_DEFAULT_SCRAPE = 60.0  # Prometheus's default, if no target has one


class _Rule(BaseModel):
    name: str
    duration: float = Field(default=0.0, ge=0, le=LONGEST_DURATION)
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    health: str  # ok, err, unknown: not evaluated since Prometheus started


class _Group(BaseModel):
    interval: float = Field(gt=0, le=LONGEST_DURATION)
    rules: tuple[_Rule, ...]
    # When the newest finished evaluation began; in year 1: none yet; "": a server that does not say.
    last_evaluation: str = Field(default="", alias="lastEvaluation")


class _Groups(BaseModel):
    groups: tuple[_Group, ...]


class _RulesAnswer(BaseModel):
    data: _Groups


class _Runtime(BaseModel):
    start_time: str = Field(alias="startTime")


class _RuntimeAnswer(BaseModel):
    data: _Runtime


class AlertHistory(PrometheusReader):
    """The alerts of one Prometheus since some instant. Raises ``ToolProblem`` if it does not answer."""

    async def read(self, after: float | None, lookback: float) -> AlertReading:
        """The alerts after ``after``, or if that is None, of the last ``lookback`` seconds, by Prometheus's
        own clock.

        At most ``AT_ONCE`` seconds: a detector that was away for longer keeps reading until ``caught_up``.
        It reads nothing older than ``LONGEST``.
        """
        now = await self._now()
        started = await self._started()
        rules, finished = await self._rules(started)
        scrape = await self._scrape_interval()
        begin = now - lookback if after is None else max(after, now - LONGEST)
        end = min(now, begin + AT_ONCE)
        # Prometheus may still be writing the newest evaluation. One interval later it is complete, unless
        # Prometheus stood still meanwhile: then it is not among the finished ones, which were read first.
        late = max((rule.interval for rule in rules), default=scrape)
        complete = min([now - late, *finished])
        found = await self._raw(_SAMPLES, begin, end, keep_name=False)
        return AlertReading(
            read_from=begin,
            complete_to=max(begin, min(end, complete)),
            caught_up=complete <= end,
            started=started,
            scrape_interval=scrape,
            scrapes=tuple(at for one in found if one.metric == UP for at, _ in one.samples),
            rules=rules,
            series=alert_series(found),
        )

    async def _now(self) -> float:
        found = await self.values("time()")
        if len(found) != 1 or not FIRST <= found[0] <= LAST:
            raise ToolProblem(f"Prometheus's clock cannot be read: {found[:3]}")
        return found[0]

    async def _rules(self, started: float) -> tuple[tuple[WatchedRule, ...], tuple[float, ...]]:
        """The alerting rules, and for each group of them when its newest finished evaluation began. That is
        the start of Prometheus for a group that it has not evaluated yet.
        """
        text = await self._get("/api/v1/rules", {"type": "alert"}, _SECONDS)
        groups = read_answer(_RulesAnswer, text, "its alerting rules").data.groups
        with foreign_errors("Prometheus's evaluations of its rules cannot be read"):
            begun = [
                datetime.fromisoformat(group.last_evaluation).timestamp()
                for group in groups
                if group.rules and group.last_evaluation
            ]
        rules = tuple(
            WatchedRule(
                alert=rule.name,
                labels=dict(set_labels(rule.labels)),
                hold=rule.duration,
                interval=group.interval,
                runbook=rule.annotations.get("runbook", rule.annotations.get("runbook_url", "")),
                healthy=rule.health == _OK,
            )
            for group in groups
            for rule in group.rules
        )
        return rules, tuple(at if at > FIRST else started for at in begun)

    async def _started(self) -> float:
        text = await self._get("/api/v1/status/runtimeinfo", {}, _SECONDS)
        started = read_answer(_RuntimeAnswer, text, "its start").data.start_time
        with foreign_errors("Prometheus's start time cannot be read"):
            return datetime.fromisoformat(started).timestamp()

    async def _scrape_interval(self) -> float:
        """The interval of its slowest job: a shorter one would prove silence too early."""
        found = [one.scrape_interval for one in await self.targets() if one.scrape_interval]
        with foreign_errors("Prometheus's scrape intervals cannot be read"):
            return max(map(parse_duration, found), default=_DEFAULT_SCRAPE)
