"""What a Prometheus answers becomes one reading of its alerts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import chain

import httpx
import pytest
from pydantic import JsonValue

from chaos.adapters.alert_history import AT_ONCE, LONGEST, AlertHistory
from chaos.errors import ToolProblem
from tests.streamed import StreamedTransport

NOW = 1_800_000_000.0
STARTED = 1_799_996_400.123
GROUP: JsonValue = {
    "interval": 10,
    "rules": [
        {
            "name": "down",
            "duration": 60,
            "labels": {"severity": "SEV1", "shelf": "{{ $labels.shelf }}"},
            "annotations": {"runbook_url": "docs/runbooks/01-shelf.md"},
            "health": "ok",
        },
        {"name": "ill", "duration": 0, "health": "err"},
    ],
}
ALERTS: dict[str, JsonValue] = {
    "ALERTS": [
        {
            "metric": {"__name__": "ALERTS", "alertname": "down", "alertstate": "firing"},
            "values": [[NOW - 30, "1"], [NOW - 20, "1"]],
        },
        {
            "metric": {"__name__": "ALERTS", "alertname": "down", "alertstate": "pending"},
            "values": [[NOW - 90, "1"]],
        },
    ],
    "ALERTS_FOR_STATE": [
        {
            "metric": {"__name__": "ALERTS_FOR_STATE", "alertname": "down"},
            "values": [[NOW - 30, str(NOW - 90)]],
        }
    ],
    "up": [{"metric": {"__name__": "up", "job": "shelf"}, "values": [[NOW - 25, "0"], [NOW - 15, "1"]]}],
}


def samples_of(metric: str) -> list[JsonValue]:
    found = ALERTS[metric]
    assert isinstance(found, list)
    return found


class Answers:
    """One Prometheus; ``asked`` holds the queries of samples with their instants."""

    def __init__(self, *groups: JsonValue, now: str = str(NOW)) -> None:
        self.asked: list[tuple[str, float]] = []
        self._groups = groups or (GROUP,)
        self._now = now

    def __call__(self, request: httpx.Request) -> httpx.Response:
        data: JsonValue
        match request.url.path:
            case "/api/v1/rules":
                data = {"groups": list(self._groups)}
            case "/api/v1/status/runtimeinfo":
                data = {"startTime": "2027-01-15T07:00:00.123456789Z"}
            case "/api/v1/targets":
                data = {
                    "activeTargets": [
                        {"labels": {}, "health": "up", "scrapeInterval": text} for text in ("500ms", "15s")
                    ]
                }
            case _:
                data = self._samples(request.url.params)
        return httpx.Response(200, json={"status": "success", "data": data})

    def _samples(self, params: httpx.QueryParams) -> JsonValue:
        query = params["query"]
        if query == "time()":
            return {"resultType": "scalar", "result": [NOW, self._now]}
        self.asked.append((query, float(params["time"])))
        several = re.fullmatch(r'\{__name__=~"(.*)"\}\[.*', query)
        names = several[1].split("|") if several else [query.partition("[")[0]]
        return {"resultType": "matrix", "result": list(chain.from_iterable(map(samples_of, names)))}


def reader(answers: Answers) -> AlertHistory:
    return AlertHistory("http://127.0.0.1:1", StreamedTransport(answers))


async def test_a_reading_holds_states_instants_rules_and_proofs_that_prometheus_ran() -> None:
    async with reader(Answers()) as prometheus:
        reading = await prometheus.read(None, 3600.0)
    assert (reading.read_from, reading.complete_to, reading.caught_up) == (NOW - 3600, NOW - 10, True)
    assert reading.scrape_interval == 15.0  # of the slowest job
    assert reading.scrapes == (NOW - 25, NOW - 15)
    assert reading.started == pytest.approx(STARTED)
    (alert,) = reading.series
    assert dict(alert.labels) == {"alertname": "down"}
    assert (alert.firing, alert.pending) == ((NOW - 30, NOW - 20), (NOW - 90,))
    assert alert.began == ((NOW - 30, NOW - 90),)
    down, ill = reading.rules
    assert (down.hold, down.interval, down.runbook) == (60.0, 10.0, "docs/runbooks/01-shelf.md")
    assert dict(down.labels) == {"severity": "SEV1"}  # one that is a template differs from alert to alert
    assert (down.healthy, ill.healthy) == (True, False)


async def test_a_detector_that_was_away_for_long_reads_one_stretch_after_the_other() -> None:
    answers = Answers()
    async with reader(answers) as prometheus:
        reading = await prometheus.read(NOW - 2 * AT_ONCE, 60.0)
    assert (reading.read_from, reading.complete_to) == (NOW - 2 * AT_ONCE, NOW - AT_ONCE)
    assert not reading.caught_up
    assert {asked[1] for asked in answers.asked} == {NOW - AT_ONCE}
    # In one query: two may differ in an evaluation that ended between them.
    together = '{__name__=~"ALERTS|ALERTS_FOR_STATE|up"}'
    assert [asked[0] for asked in answers.asked] == [f"{together}[{int(AT_ONCE * 1000)}ms]"]


def evaluated(*last: float | None) -> tuple[JsonValue, ...]:
    """Groups of one rule each: when their last finished evaluation began; None: there was none yet."""
    begun = ["0001-01-01T00:00:00Z" if at is None else f"{datetime.fromtimestamp(at, UTC)}" for at in last]
    rule: JsonValue = {"name": "down", "health": "ok"}
    return tuple({"interval": 10, "rules": [rule], "lastEvaluation": text} for text in begun)


@pytest.mark.parametrize(
    ("last", "complete"),
    [
        ((NOW - 4, NOW - 9), NOW - 10),
        ((NOW - 4, NOW - 17), NOW - 17),  # Prometheus stands still in the evaluation of one group
        ((NOW - 4, None), STARTED),  # that group was not evaluated since it started
    ],
)
async def test_a_reading_is_complete_up_to_the_newest_finished_evaluation_of_every_group(
    last: tuple[float | None, ...], complete: float
) -> None:
    async with reader(Answers(*evaluated(*last))) as prometheus:
        reading = await prometheus.read(None, 3600.0)
    assert reading.caught_up
    assert reading.complete_to == pytest.approx(complete, abs=0.001)


async def test_a_group_without_alerts_does_not_count() -> None:
    slow: JsonValue = {"interval": 7200, "rules": [], "lastEvaluation": "2027-01-15T06:30:00Z"}
    async with reader(Answers(*evaluated(NOW - 4), slow)) as prometheus:
        assert (await prometheus.read(None, 3600.0)).complete_to == NOW - 10


async def test_a_reading_that_ends_at_a_slow_rule_is_the_last_one() -> None:
    """The next one would read the same stretch, and the one after it, for ever."""
    async with reader(
        Answers({"interval": 2 * AT_ONCE, "rules": [{"name": "slow", "health": "ok"}]})
    ) as prometheus:
        reading = await prometheus.read(NOW - 2 * AT_ONCE, 60.0)
    assert (reading.complete_to, reading.caught_up) == (NOW - 2 * AT_ONCE, True)


@pytest.mark.parametrize("now", ["NaN", "+Inf", "-1", "1e300"])
async def test_a_clock_that_is_none_is_a_problem_of_the_tool(now: str) -> None:
    async with reader(Answers(now=now)) as prometheus:
        with pytest.raises(ToolProblem, match="clock cannot be read"):
            await prometheus.read(None, 60.0)


@pytest.mark.parametrize("interval", [0, -1, 1e300])
async def test_a_group_that_is_never_evaluated_is_a_problem_of_the_tool(interval: float) -> None:
    async with reader(Answers({"interval": interval, "rules": []})) as prometheus:
        with pytest.raises(ToolProblem, match="its alerting rules cannot be read"):
            await prometheus.read(None, 60.0)


async def test_samples_outside_the_window_and_instants_of_no_calendar_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd: JsonValue = [[-1, "1"], [NOW - 20, "NaN"], [NOW - 10, "1e300"], [1e300, "1"]]
    metric: JsonValue = {"__name__": "ALERTS_FOR_STATE", "alertname": "down"}
    monkeypatch.setitem(ALERTS, "ALERTS_FOR_STATE", [{"metric": metric, "values": odd}])
    async with reader(Answers()) as prometheus:
        (alert,) = (await prometheus.read(None, 60.0)).series
    assert alert.began == ()


async def test_nothing_older_than_prometheus_keeps_is_read() -> None:
    async with reader(Answers()) as prometheus:
        reading = await prometheus.read(NOW - 10 * LONGEST, 60.0)
    assert reading.read_from == NOW - LONGEST


async def test_what_cannot_be_read_is_a_problem_of_the_tool() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text="starting")

    async with AlertHistory("http://127.0.0.1:1", StreamedTransport(broken)) as prometheus:
        with pytest.raises(ToolProblem, match="503: starting"):
            await prometheus.read(None, 60.0)
