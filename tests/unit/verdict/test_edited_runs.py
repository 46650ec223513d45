"""Good runs that were edited so that a careless judge passes them, with every line numbered again."""

from __future__ import annotations

import math

import pytest

from chaos.model.verdict import Outcome
from chaos.timeline.events import (
    FaultMeasured,
    FaultReverted,
    LeftOver,
    LoadStarted,
    LoadStopped,
    Sample,
    SteadyState,
)
from chaos.timeline.observations import LinkUse, RulesEvaluated, WritersStarted, WritersStopped
from chaos.timeline.requests import Request
from tests.corpus import suites
from tests.corpus.archive import recording
from tests.corpus.edits import (
    Edit,
    events,
    final_rows,
    gone,
    injected,
    requests,
    samples,
    series,
    torn_down,
    undone,
    verdict,
    writes,
)

PMS, DATABASE = "v3-pms-down", "v3-database-down"
OPEN, FAIL, PASS = frozenset({Outcome.INCONCLUSIVE}), frozenset({Outcome.FAIL}), frozenset({Outcome.PASS})
NOT_PASS = OPEN | FAIL
BREAKER = "pms_circuit_breaker_open"
HURT = {"status": 503, "served": False, "degraded": None}


def during(name: str, low: float, high: float) -> Edit:
    """Requests of a kind ("": any) are gone from ``low`` after the injection to ``high`` before the undo."""
    return requests(
        lambda r, one: (
            None if one.name.startswith(name) and injected(r) + low <= one.intended < undone(r) - high else {}
        )
    )


def after(low: float, update: dict[str, object] | None) -> Edit:
    """Requests from ``low`` seconds after the undo on."""
    return requests(lambda r, one: update if one.intended >= undone(r) + low else {})


def measured(since: float, until: float) -> Edit:
    """The witness saw nothing from ``since`` after the injection to ``until`` before the undo."""
    return gone(
        FaultMeasured,
        lambda r, one: one.when == "during" and injected(r) + since < one.at < undone(r) - until,
    )


def readings(low: float) -> Edit:
    """Probes of readiness fell silent ``low`` seconds after the undo."""
    return gone(Sample, lambda r, one: "health" in one.probe and one.started >= undone(r) + low)


def overloaded(_: object, one: Request) -> dict[str, object]:
    return {"status": 0, "served": False, "degraded": None, "error": "overload", "latency": 0.0}


CASES: dict[str, tuple[str, Edit, frozenset[Outcome]]] = {
    "as it was": (PMS, lambda r: r, PASS),
    "as it was, database": (DATABASE, lambda r: r, PASS),
    # the fault
    "the first effect is seen late": (PMS, measured(-1, 9), OPEN),
    "the effect is not seen in the middle": (PMS, measured(4, 4), OPEN),
    "the effect is not seen at the end": (PMS, measured(8, -1), OPEN),
    "the witness was somewhere else": (
        PMS,
        events(
            FaultMeasured,
            lambda _, e: (
                {"measurement": e.measurement.model_copy(update={"subject": "another"})}
                if e.when == "during"
                else {}
            ),
        ),
        OPEN,
    ),
    "nothing measured afterwards": (PMS, gone(FaultMeasured, lambda _, e: e.when == "after"), NOT_PASS),
    "the undo failed": (PMS, events(FaultReverted, lambda *_: {"ok": False, "detail": "there"}), NOT_PASS),
    "the use of links is not counted": (PMS, gone(LinkUse), OPEN),
    # the load and the probes
    "a hole in the load": (PMS, during("", 6, 4), OPEN),
    "one kind is gone during the fault": (PMS, during("POST", 0, 0), OPEN),
    "a hole in the load after the undo": (
        PMS,
        requests(lambda r, one: None if 0.6 <= one.intended - undone(r) < 9 else {}),
        OPEN,
    ),
    "the load ends with the recovery": (PMS, after(8, None), OPEN),
    "probes fall silent after the undo": (PMS, readings(0.6), OPEN),
    "probes fall silent after the recovery": (PMS, readings(9), OPEN),
    "a condition is not sampled afterwards": (
        PMS,
        gone(Sample, lambda r, one: "circuit" in one.probe and one.started >= undone(r)),
        OPEN,
    ),
    "the load does not say when it began": (PMS, gone(LoadStarted), OPEN),
    "the load does not say when it ended": (PMS, gone(LoadStopped), OPEN),
    "requests that were sent and not written down": (
        PMS,
        events(LoadStopped, lambda _, e: {"sent": e.sent + 200}),
        OPEN,
    ),
    "no steady state before": (PMS, gone(SteadyState, lambda _, e: e.when == "before"), OPEN),
    "no steady state afterwards": (PMS, gone(SteadyState, lambda _, e: e.when == "after"), OPEN),
    "nothing is said of what was left": (PMS, gone(LeftOver), OPEN),
    "something was left": (PMS, events(LeftOver, lambda *_: {"containers": ("x",)}), NOT_PASS),
    "this machine could send nothing": (PMS, requests(overloaded), NOT_PASS),
    # answers
    "wrong answers during the fault": (
        PMS,
        requests(lambda r, one: HURT if injected(r) + 8 <= one.intended < undone(r) else {}),
        FAIL,
    ),
    "nobody was answered before the undo": (
        PMS,
        requests(
            lambda r, one: (
                {"latency": undone(r) + 0.3 - one.intended}
                if injected(r) + 1 <= one.intended < undone(r)
                else {}
            )
        ),
        NOT_PASS,
    ),
    "a relapse at the end": (
        PMS,
        requests(lambda r, one: HURT if one.intended >= torn_down(r) - 4 else {}),
        FAIL,
    ),
    "degraded again at the end": (
        PMS,
        requests(lambda r, one: {"degraded": "stale-cache"} if one.intended >= torn_down(r) - 4 else {}),
        FAIL,
    ),
    "a kind of request stays dead": (
        PMS,
        requests(lambda r, one: HURT if one.name.startswith("POST") and one.intended > injected(r) else {}),
        FAIL,
    ),
    # Prometheus
    "its data ends early": (
        PMS,
        samples(lambda r, one: tuple(s for s in one.samples if s[0] < undone(r) + 3)),
        OPEN,
    ),
    "a hole after the undo": (
        PMS,
        samples(lambda r, one: tuple(s for s in one.samples if not -2 <= s[0] - undone(r) < 12)),
        OPEN,
    ),
    "its clock is 4 s behind": (
        PMS,
        samples(lambda _, one: tuple((at - 4, value) for at, value in one.samples)),
        OPEN,
    ),
    "rules were not evaluated": (PMS, gone(RulesEvaluated), OPEN),
    "rules were not read after the injection": (
        PMS,
        gone(RulesEvaluated, lambda r, one: one.at > injected(r)),
        NOT_PASS,
    ),
    "the alert never fired": (
        PMS,
        series(lambda _, one: None if one.labels.get("alertname") == BREAKER else one),
        FAIL,
    ),
    "the alert vanishes while the fault holds": (
        PMS,
        samples(lambda r, one: tuple(s for s in one.samples if s[0] < undone(r) - 6), "ALERTS", BREAKER),
        FAIL,
    ),
    "the breaker never opens": (
        PMS,
        samples(lambda _, one: tuple((at, 0.0) for at, _ in one.samples), "pms_circuit_breaker_state"),
        FAIL,
    ),
    "the breaker is of another job": (
        PMS,
        series(
            lambda _, one: (
                one.model_copy(update={"labels": {"job": "other", "instance": "other:1"}})
                if one.metric == "pms_circuit_breaker_state"
                else one
            )
        ),
        OPEN,
    ),
    # data
    "writers fall silent around the failure": (
        DATABASE,
        writes(lambda r, op: not -9 <= op.at - injected(r) < 8),
        OPEN,
    ),
    "one write in all": (DATABASE, writes(lambda r, op: op.id == r.ledger[0].id), OPEN),
    "the writers do not say when they began": (DATABASE, gone(WritersStarted), OPEN),
    "the writers do not say when they ended": (DATABASE, gone(WritersStopped), OPEN),
    "a row is there twice": (DATABASE, final_rows(lambda _, row: (row, row)), FAIL),
    "rows are wrong": (
        DATABASE,
        final_rows(lambda _, row: (row.model_copy(update={"values": dict.fromkeys(row.values, "?")}),)),
        FAIL,
    ),
    "every row is lost": (DATABASE, final_rows(lambda *_: ()), NOT_PASS),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", CASES)
def test_an_edited_run_is_judged_by_what_is_left_of_it(name: str) -> None:
    run, edit, right = CASES[name]
    assert verdict(edit(recording(run))).outcome in right


def valued(value: float, metric: str = "ALERTS") -> Edit:
    return samples(lambda _, one: tuple((at, value) for at, _ in one.samples), metric)


def dated(seconds: float) -> Edit:
    return samples(lambda _, one: tuple((at + seconds, value) for at, value in one.samples), "ALERTS")


PROMETHEUS: dict[str, Edit] = {
    "ALERTS is gone": series(lambda _, one: None if one.metric.startswith("ALERTS") else one),
    **{f"ALERTS is dated {seconds:+} s": dated(seconds) for seconds in (-20, -4, -2, 2, 4, 20)},
    **{f"ALERTS is {value}": valued(value) for value in (math.nan, math.inf, 1e300, 0.0)},
    **{f"up is {value}": valued(value, "up") for value in (math.nan, math.inf, 1e300, -1.0)},
}


@pytest.mark.thorough
@pytest.mark.parametrize("run", ["http-errors", "bad-deploy"])
@pytest.mark.parametrize("name", PROMETHEUS)
def test_no_alert_is_silent_in_series_that_prometheus_did_not_write(name: str, run: str) -> None:
    """These scenarios promise that no alert fires, and nothing else about Prometheus."""
    assert verdict(recording(run, suites.KEPT)).outcome is Outcome.PASS
    assert verdict(PROMETHEUS[name](recording(run, suites.KEPT))).outcome is Outcome.INCONCLUSIVE
