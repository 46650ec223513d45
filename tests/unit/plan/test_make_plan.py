from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.errors import BadInput
from chaos.kinds import AlertDeadline, Wait
from chaos.model.base import Frozen
from chaos.model.plan import ALERT_SLACK, Plan, PlannedDuration, ScenarioSource
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.model.scenario import CheckParams, HttpCondition, Load, Scenario, SteadyCondition, TimelineStep
from chaos.model.stack import LoadProfile, PrometheusFacts, Stack, StandIn
from chaos.plan import PlanInput, make_plan, render_plan
from chaos.timing import Duration, Paced
from tests.results import Unjudged

RULE = AlertRule(alert="Gone", expr="rate(x[5m]) > 1", window=300.0, hold=120.0)
OTHER = AlertRule(alert="Other", expr="y[1h]", window=3600.0)
FACTS = DetectionFacts(scrape_interval=10.0, evaluation_interval=10.0, rules=(RULE, OTHER))
STACK = Stack.model_validate(
    {"stack": "shop", "services": {"till": {}}, "paced": {"till": {"PATIENCE": 30}}, "redact": ["SECRET"]}
)


class Slow(TimelineStep):
    lag: Duration

    def target(self) -> str:
        return "till"


class Fires(Frozen):
    alert: str
    within: Paced


class Alarm(CheckParams):
    fires: tuple[Fires, ...] = ()
    must_resolve_within: Paced | None = None


class AlarmCheck(Unjudged):
    name = "alarm"
    params = Alarm

    def alert_deadlines(self, params: CheckParams) -> list[AlertDeadline]:
        assert isinstance(params, Alarm)
        return [AlertDeadline(entry.alert, entry.within) for entry in params.fires]

    def wait(self, params: CheckParams, pace: float) -> Wait:
        assert isinstance(params, Alarm)
        return Wait(needed=(params.must_resolve_within or 0.0) / pace)


class Recovery(CheckParams):
    rto: Duration
    budget: Duration | None = None
    healthy_for: Duration = 5.0


RECOVERY = Recovery.model_validate({"rto": "15m", "budget": "20s"})


class Breaker(CheckParams):
    closes_within: Paced


class RecoveryCheck(Unjudged):
    name = "recovery"
    params = Recovery

    def wait(self, params: CheckParams, pace: float) -> Wait:
        assert isinstance(params, Recovery)
        return Wait((params.budget or 0.0) + params.healthy_for, params.healthy_for)


class BreakerCheck(Unjudged):
    name = "breaker"
    params = Breaker

    def wait(self, params: CheckParams, pace: float) -> Wait:
        assert isinstance(params, Breaker)
        return Wait(params.closes_within / pace)


CHECKS = {
    "alarm": AlarmCheck(),
    "recovery": RecoveryCheck(),
    "breaker": BreakerCheck(),
    "other": RecoveryCheck(),
}


def step(at: str = "2m", hold: str = "10m") -> Slow:
    return Slow.model_validate({"at": at, "fault": "slow", "for": hold, "lag": "500ms"})


def plan_of(
    *steps: Slow,
    pace: float = 20.0,
    detection: DetectionFacts | None = FACTS,
    expect: Mapping[str, CheckParams] | None = None,
    stack: Stack = STACK,
) -> Plan:
    scenario = Scenario(
        scenario="it",
        title="It happens",
        stack="shop",
        steady_state=(SteadyCondition(http=HttpCondition(service="till", path="/ready")),),
        timeline=steps or (step(),),
        expect={name: (params,) for name, params in (expect or {}).items()},
    )
    source = ScenarioSource(file="it.yaml", sha256="0")
    read = PlanInput(scenario, source, stack, Path("stack"), detection)
    return make_plan(read, pace, {"till": {"SECRET": "s3cret"}}, checks=CHECKS)


def alarm(within: str = "8m", resolve: str | None = "5m") -> Alarm:
    raw = {"fires": ({"alert": "Gone", "within": within},), "must_resolve_within": resolve}
    return Alarm.model_validate({key: value for key, value in raw.items() if value is not None})


def figure(plan: Plan, name: str) -> PlannedDuration:
    (found,) = [figure for figure in plan.figures if figure.name == name]
    return found


@pytest.mark.parametrize(("alert", "said"), [("Gone", True), ("Other", False)])
def test_a_stand_in_is_said_of_the_alerts_that_the_scenario_relies_on(alert: str, said: bool) -> None:
    stand_in = StandIn(threshold=1, instead=0.5, because="it is a toy")
    facts = PrometheusFacts(service="till", config="prometheus.yml", stand_ins={alert: stand_in})
    stack = STACK.model_copy(update={"prometheus": facts})
    text = render_plan(plan_of(expect={"alarm": alarm()}, stack=stack))
    assert (f"{alert}: stand-in for its threshold: 1 -> 0.5, because it is a toy" in text) is said


def test_instants_shrink_with_the_pace() -> None:
    plan = plan_of(step("2m", "10m"), step("5m", "1m"))
    assert [(planned.index, planned.start, planned.end) for planned in plan.steps] == [
        (0, 6.0, 36.0),
        (1, 15.0, 18.0),
    ]
    assert plan.timeline_seconds == 36.0


def test_policy_time_is_compressed_and_work_is_not() -> None:
    plan = plan_of(expect={"alarm": alarm(), "recovery": RECOVERY})
    compressed = {found.name: (found.production, found.real) for found in plan.figures if found.compressed}
    assert compressed == {
        "step 1, slow till: at": (120.0, 6.0),
        "step 1, slow till: for": (600.0, 30.0),
        "alarm: fires Gone within": (480.0, 24.0),
        "alarm: must_resolve_within": (300.0, 15.0),
        "till: PATIENCE": (30.0, 1.5),
        "scrape interval": (10.0, 0.5),
        "evaluation interval": (10.0, 0.5),
        "rule Gone: window": (300.0, 15.0),
        "rule Gone: for": (120.0, 6.0),
    }
    kept = {found.name: found.real for found in plan.figures if not found.compressed}
    assert kept == {
        "step 1, slow till: lag": 0.5,
        "steady state, GET till/ready: timeout": 2.0,
        "recovery: rto": 900.0,
        "recovery: budget": 20.0,
        "recovery: healthy_for": 5.0,
        "alerts: least time beyond the bound": 2.0,
        "relapse watch": 8.0,
    }


@pytest.mark.parametrize(("given", "patience"), [({}, 10.0), ({"timeout": "25s"}, 25.0)])
def test_how_long_the_load_waits_for_an_answer_is_a_figure(given: dict[str, str], patience: float) -> None:
    profile = {"entry": "clients->till", "requests": [{"request": "GET /"}]}
    stack = STACK.model_copy(update={"load": {"users": LoadProfile.model_validate(profile)}})
    base = plan_of()
    load = Load.model_validate({"profile": "users", **given})
    scenario = base.scenario.model_copy(update={"load": load})
    plan = make_plan(PlanInput(scenario, base.source, stack, Path("stack")), 20.0)
    assert PlannedDuration(name="load: timeout", production=patience, real=patience) in plan.figures
    assert plan.load_profile is not None
    assert plan.load_profile.timeout == patience


def test_deadlines_stand_beside_their_bounds_and_count_from_the_first_fault() -> None:
    plan = plan_of(step("5m", "1m"), step("2m", "10m"), expect={"alarm": alarm("8m")})
    (deadline,) = plan.deadlines
    assert (deadline.alert, deadline.within, deadline.bound, deadline.step) == ("Gone", 24.0, 22.0, 1)


def test_an_alert_keeps_real_time_beyond_its_bound_at_any_pace() -> None:
    """8m against a bound of 440 s is 40 s of policy time: 0.67 s at pace 60."""
    for pace in (1.0, 20.0, 60.0):
        (deadline,) = plan_of(expect={"alarm": alarm()}, pace=pace).deadlines
        assert deadline.bound == 440 / pace
        assert deadline.slack >= ALERT_SLACK - 1e-9
        assert deadline.within == max(480 / pace, 440 / pace + ALERT_SLACK)
    slack = figure(plan_of(expect={"alarm": alarm()}), "alerts: least time beyond the bound")
    assert (slack.real, slack.limit) == (ALERT_SLACK, True)


def test_faults_that_leave_an_alert_too_little_time_are_named() -> None:
    """At pace 60 10m are 10 s, 8m are 8 s, and the bound is 7.33 s."""
    assert plan_of(expect={"alarm": alarm()}, pace=60.0).remarks == ()
    (remark,) = plan_of(step(hold="8m"), expect={"alarm": alarm()}, pace=60.0).remarks
    assert remark.subject == "Gone"
    assert "last 667ms beyond its bound, less than 2s" in remark.text


def test_without_prometheus_there_are_no_deadlines() -> None:
    plan = plan_of(detection=None, expect={"alarm": Alarm()})
    assert plan.deadlines == ()
    assert [found.name for found in plan.figures if "interval" in found.name] == []


@pytest.mark.parametrize(
    ("expect", "limit"),
    [
        ({}, 20.0),
        ({"alarm": alarm(resolve="5m")}, 30.0),
        ({"recovery": RECOVERY}, 50.0),
        ({"breaker": Breaker.model_validate({"closes_within": "10m"})}, 60.0),
        ({"alarm": alarm("20m", resolve=None)}, 60.0),
    ],
)
def test_the_runner_waits_twice_as_long_as_the_longest_promise(
    expect: dict[str, CheckParams], limit: float
) -> None:
    assert plan_of(expect=expect).recovery_limit == limit


def test_clients_must_be_well_for_the_longest_window_that_is_asked_for_and_a_little() -> None:
    asked = Recovery.model_validate({"rto": "15m", "healthy_for": "10s"})
    assert plan_of(expect={"recovery": asked, "other": RECOVERY}).healthy_for == 11.0
    assert plan_of().healthy_for == 4.0


def test_the_estimate_grows_with_timeline_and_recovery() -> None:
    short, long = plan_of(), plan_of(step("2m", "20m"))
    assert long.estimate_seconds - short.estimate_seconds == 30.0
    slow = plan_of(expect={"breaker": Breaker.model_validate({"closes_within": "1h"})})
    assert slow.estimate_seconds > short.estimate_seconds


@pytest.mark.parametrize("pace", [0.0, -1.0, 0.05, 1000.0, float("nan")])
def test_a_pace_out_of_bounds_is_bad_input(pace: float) -> None:
    with pytest.raises(BadInput, match=r"--pace: expected 1 to 60"):
        plan_of(pace=pace)


def test_at_pace_one_nothing_is_compressed() -> None:
    plan = plan_of(pace=1.0, expect={"alarm": alarm()})
    assert not [found for found in plan.figures if found.compressed]
    assert "compressed by the pace" not in render_plan(plan)
    assert "production time" in render_plan(plan)


DURATIONS = st.integers(1, 10**7).map(lambda ms: f"{ms}ms")


@settings(deadline=None)  # a busy machine is no finding
@given(
    steps=st.lists(st.tuples(DURATIONS, DURATIONS), min_size=1, max_size=5),
    within=DURATIONS,
    pace=st.floats(1.0, 60.0),
)
def test_invariants_of_every_plan(steps: list[tuple[str, str]], within: str, pace: float) -> None:
    plan = plan_of(*(step(at, hold) for at, hold in steps), pace=pace, expect={"alarm": alarm(within)})
    for planned in plan.steps:
        assert 0 <= planned.start <= planned.end <= plan.timeline_seconds
        assert planned.step is plan.scenario.timeline[planned.index]
    for found in plan.figures:
        assert found.real == found.production or found.real * pace == pytest.approx(found.production)
    for deadline in plan.deadlines:
        assert plan.steps[deadline.step].start == min(planned.start for planned in plan.steps)
        assert deadline.bound * pace == pytest.approx(FACTS.bound(deadline.alert))
    assert plan.recovery_limit >= 20.0
    assert plan.estimate_seconds > plan.timeline_seconds


def test_the_text_says_what_happens_when_and_hides_secrets() -> None:
    text = render_plan(plan_of(expect={"alarm": alarm()}))
    assert "pace 20" in text
    assert "  6s   36s  slow till\n" in text
    assert "  Gone  within 24s  bound 22s\n" in text
    assert "  rule Gone: window           5m   -> 15s\n" in text
    assert "  and likewise windows and `for` of the other rules: Other\n" in text
    assert "Other" not in render_plan(plan_of(expect={"alarm": alarm()}, pace=1))
    assert "s3cret" not in text
