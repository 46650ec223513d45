from math import nan

import pytest

from chaos.conditions import ConditionResult, HttpAnswer, http_holds, promql_holds
from chaos.model.scenario import HttpCondition, PromqlCondition


def http(**fields: object) -> HttpCondition:
    return HttpCondition.model_validate({"service": "web", **fields})


def test_the_status_decides_when_nothing_else_is_asked() -> None:
    assert http_holds(http(), HttpAnswer(200, body=b"whatever")) == ConditionResult(True)
    assert http_holds(http(), HttpAnswer(503)) == ConditionResult(False, "status 503")
    assert http_holds(http(status=503), HttpAnswer(503)).holds


def test_no_answer_never_holds() -> None:
    assert http_holds(http(), HttpAnswer(None, error="refused")) == ConditionResult(False, "refused")
    assert http_holds(http(), HttpAnswer(None)) == ConditionResult(False, "no answer")


def test_header_names_know_no_case_and_values_are_exact() -> None:
    wanted = http(header={"X-Mode": "stale"})
    assert http_holds(wanted, HttpAnswer(200, {"x-mode": "stale"})).holds
    assert http_holds(wanted, HttpAnswer(200, {"x-mode": "Stale"})) == ConditionResult(
        False, "header X-Mode: Stale"
    )
    assert http_holds(wanted, HttpAnswer(200)) == ConditionResult(False, "no header X-Mode")


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b'{"a": {"b": 1, "more": 2}, "list": [1, 2], "more": 0}', ConditionResult(True)),
        (b'{"a": {"b": 2}, "list": [1, 2]}', ConditionResult(False, "json a.b: 2")),
        (b'{"a": {}, "list": [1, 2]}', ConditionResult(False, "json has no a.b")),
        (b'{"a": {"b": 1}, "list": [1, 2, 3]}', ConditionResult(False, "json list: [1, 2, 3]")),
        (b'{"a": {"b": true}, "list": [1, 2]}', ConditionResult(False, "json a.b: true")),
        (b"[]", ConditionResult(False, "json body: []")),
        (b"<html>", ConditionResult(False, "the body is not JSON")),
        (b"", ConditionResult(False, "the body is not JSON")),
        (b"\xff", ConditionResult(False, "the body is not JSON")),
    ],
)
def test_json_must_hold_the_keys_that_are_asked_for(body: bytes, seen: ConditionResult) -> None:
    wanted = http(json_equals={"a": {"b": 1}, "list": [1, 2]})
    assert http_holds(wanted, HttpAnswer(200, body=body)) == seen


@pytest.mark.parametrize(
    ("bounds", "values", "holds"),
    [
        ({"equals": 0}, (0.0,), True),
        ({"equals": 0}, (0.0, 1.0), False),  # every sample must meet it
        ({"below": 1}, (0.9,), True),
        ({"below": 1}, (1.0,), False),
        ({"above": 1}, (1.1,), True),
        ({"above": 1}, (1.0,), False),
        ({"above": 1, "below": 2}, (1.5,), True),
        ({"above": 1, "below": 2}, (2.5,), False),
        ({"below": 1}, (nan,), False),
        ({"above": 1}, (nan,), False),
    ],
)
def test_promql_bounds(bounds: dict[str, float], values: tuple[float, ...], holds: bool) -> None:
    assert promql_holds(PromqlCondition.model_validate({"query": "up", **bounds}), values).holds is holds


def test_promql_without_data_never_holds() -> None:
    wanted = PromqlCondition(query="up", equals=1)
    assert promql_holds(wanted, ()) == ConditionResult(False, "no data")


def test_any_of_several_statuses_will_do() -> None:
    either = http(status=[200, 503])
    assert http_holds(either, HttpAnswer(200)).holds
    assert http_holds(either, HttpAnswer(503)).holds
    assert http_holds(either, HttpAnswer(500)) == ConditionResult(False, "status 500")


@pytest.mark.parametrize("statuses", [[], 99, [200, 600]])
def test_statuses_that_no_answer_has_are_refused(statuses: object) -> None:
    with pytest.raises(ValueError, match=r"expected|greater|less"):
        http(status=statuses)


def test_one_of_several_bodies_must_be_there() -> None:
    either = http(body=[{"level": "degraded"}, {"source": {"kind": "cache"}}, "maintenance"])
    assert http_holds(either, HttpAnswer(200, body=b'{"level": "degraded", "more": 1}')).holds
    assert http_holds(either, HttpAnswer(200, body=b'{"source": {"kind": "cache", "age": 3}}')).holds
    assert http_holds(either, HttpAnswer(200, body=b"<h1>under maintenance</h1>")).holds
    assert http_holds(either, HttpAnswer(200, body=b'{"level": "ok"}')) == ConditionResult(
        False, 'none of 3 bodies: json level: "ok"'
    )


def test_a_key_that_must_be_absent() -> None:
    without = http(without=["price", "meta.stale"])
    assert http_holds(without, HttpAnswer(200, body=b'{"rooms": 3, "meta": {"age": 1}}')).holds
    assert http_holds(without, HttpAnswer(200, body=b'{"price": null}')) == ConditionResult(
        False, "json has price"
    )
    assert http_holds(without, HttpAnswer(200, body=b'{"meta": {"stale": false}}')) == ConditionResult(
        False, "json has meta.stale"
    )
    assert http_holds(without, HttpAnswer(200, body=b"<html>")) == ConditionResult(
        False, "the body is not JSON"
    )
