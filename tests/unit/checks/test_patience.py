"""How long clients wait is derived from what was promised, and shown before the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.checks.degradation import CHECK, Degradation
from chaos.collectors.http import HttpProbe
from chaos.model.plan import Plan, ScenarioSource
from chaos.model.rhythm import CLIENT_PATIENCE, PROBE_HZ
from chaos.model.scenario import Load, Rate
from chaos.plan import PlanInput, make_plan
from tests.recording_builder import FACTS, STACK, RecordingBuilder
from tests.results import context

PROBED: dict[str, object] = {"request": "GET /ready", "status": 503}
SHOWN: dict[str, object] = {"request": "GET /items", "status": 503}


def probe(load: bool = True, **words: object) -> HttpProbe:
    scenario = RecordingBuilder(load=load).plan.scenario
    params = Degradation.model_validate({**PROBED, **words})
    ((_, collected),) = CHECK.collects(params, context(scenario, STACK, FACTS))
    assert isinstance(collected, HttpProbe)
    return collected


def planned(*words: dict[str, object], timeout: float | None = None) -> Plan:
    params = tuple(Degradation.model_validate(one) for one in words)
    scenario = RecordingBuilder({"degradation": params}).plan.scenario
    load = Load(profile="visitors", rate=Rate(per_second=20)).model_copy(update={"timeout": timeout})
    source = ScenarioSource(file="it.yaml", sha256="0")
    scenario = scenario.model_copy(update={"load": load})
    return make_plan(PlanInput(scenario, source, STACK, Path("stack"), FACTS), 20.0)


def waits(plan: Plan) -> float:
    profile = plan.load_profile
    assert profile is not None
    return profile.timeout


def test_a_probe_waits_longer_than_promised_so_that_a_late_answer_is_seen() -> None:
    assert probe(within="8s").patience == pytest.approx(10.0)
    assert probe(within="1s").patience == pytest.approx(2.0)


def test_without_a_promised_time_it_waits_as_long_as_the_load_or_as_clients_do() -> None:
    assert probe().patience == STACK.load["visitors"].timeout
    assert probe(load=False).patience == CLIENT_PATIENCE


def test_a_patient_probe_asks_less_often_than_would_be_a_load_of_its_own() -> None:
    plan = RecordingBuilder().plan
    assert probe(within="2s").every(plan) == 1 / PROBE_HZ
    assert probe(within="40s").every(plan) == pytest.approx(0.5)


def test_the_load_waits_as_long_as_its_promises_need() -> None:
    assert waits(planned({**SHOWN, "within": "20s"})) == pytest.approx(25.0)
    assert waits(planned({**SHOWN, "within": "1s"})) == STACK.load["visitors"].timeout
    assert waits(planned({**PROBED, "within": "20s"})) == STACK.load["visitors"].timeout, (
        "no matter of the load"
    )


def test_a_load_that_says_itself_how_long_it_waits_is_obeyed_and_may_not_contradict_a_promise() -> None:
    assert waits(planned({**SHOWN, "within": "20s"}, timeout=30.0)) == 30.0
    scenario = planned({**SHOWN, "within": "20s"}, timeout=5.0).scenario
    params = Degradation.model_validate({**SHOWN, "within": "20s"})
    ((where, message, fix),) = CHECK.problems(params, context(scenario, STACK, FACTS))
    assert where == ("within",)
    assert message == "the load gives a request up after 5s, before the promised 20s"
    assert fix == "write load: {timeout: 20s} or more"


def test_every_patience_is_in_the_plan() -> None:
    figures = {one.name: one.real for one in planned({**SHOWN, "within": "20s"}, PROBED).figures}
    assert figures["load: timeout"] == pytest.approx(25.0)
    assert figures["degradation: GET /ready: patience"] == pytest.approx(25.0), "as long as the load"


def test_a_post_is_repeated_only_where_its_body_is_written_out() -> None:
    scenario = RecordingBuilder().plan.scenario
    order = {"request": "POST /other", "status": 503, "headers": {"X-Key": "k"}, "json": {"id": "$uuid"}}
    params = Degradation.model_validate(order)
    assert list(CHECK.problems(params, context(scenario, STACK, FACTS))) == []
    ((_, collected),) = CHECK.collects(params, context(scenario, STACK, FACTS))
    assert isinstance(collected, HttpProbe)
    assert (collected.condition.method, collected.condition.json_body) == ("POST", {"id": "$uuid"})
    assert collected.condition.headers == {"X-Key": "k"}
    with pytest.raises(ValueError, match="GET sends no json"):
        Degradation.model_validate({**order, "request": "GET /other"})
