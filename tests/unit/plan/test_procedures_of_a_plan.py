"""Plans with procedures and profiles: what is run in place of an undo, and which services there are."""

from __future__ import annotations

from pathlib import Path

from chaos.model.links import as_link
from chaos.model.plan import Plan, ScenarioSource
from chaos.model.procedure import Procedure
from chaos.model.scenario import HttpCondition, Scenario, SteadyCondition, TimelineStep
from chaos.model.stack import Stack
from chaos.plan import PlanInput, make_plan, render_plan

STACK = Stack.model_validate(
    {
        "stack": "shop",
        "services": {"till": {}, "spare": {"profile": "drill"}},
        "links": {"clients->till": 80, "till->spare": 81},
    }
)
CHECK = {"run": "docker compose ps"}


def procedure(name: str, steps: int = 1) -> Procedure:
    body = [
        {"step": f"s{number}", "title": f"Step {number}", "planned": "20m", "check": CHECK}
        for number in range(1, steps + 1)
    ]
    return Procedure.model_validate({"procedure": name, "title": f"To {name}", "steps": body})


def plan_of(steps: int = 1, **more: object) -> Plan:
    scenario = Scenario.model_validate(
        {
            "scenario": "it",
            "title": "It happens",
            "stack": "shop",
            "steady_state": (SteadyCondition(http=HttpCondition(service="till")),),
        }
        | more
    )
    known = {name: procedure(name, steps) for name in ("copy", "restore")}
    source = ScenarioSource(file="it.yaml", sha256="0")
    return make_plan(PlanInput(scenario, source, STACK, Path("stack"), procedures=known), 20.0)


def lost(answer: str | None = "restore") -> TimelineStep:
    return TimelineStep.model_validate(
        {"at": "2m", "fault": "loss"} | ({"answer": answer} if answer else {"for": "1m"})
    )


def test_an_answered_fault_ends_where_it_begins_and_its_steps_stand_in_the_plan() -> None:
    plan = plan_of(timeline=(lost(),), prepare=("copy",))
    assert [(planned.start, planned.end) for planned in plan.steps] == [(6.0, 6.0)]
    text = render_plan(plan)
    assert "  0s    prepare: copy, planned 20m\n" in text
    assert "  6s    loss\n  6s    answer: restore, planned 20m\n" in text
    assert "restore: To restore (planned minutes of an operator)\n  s1   20m  Step 1\n  all  20m" in text
    assert not [figure.name for figure in plan.figures if figure.name.endswith(": for")]


def test_a_plan_may_break_nothing() -> None:
    plan = plan_of(rehearse=("copy",))
    assert (plan.steps, plan.timeline_seconds) == ((), 0.0)
    assert "rehearse: copy, planned 20m" in render_plan(plan)


def test_the_estimate_grows_with_the_steps_and_never_by_planned_minutes() -> None:
    held = plan_of(timeline=(lost(None),)).estimate_seconds
    one, three = (plan_of(steps, timeline=(lost(),)).estimate_seconds for steps in (1, 3))
    assert 0 < three - one < 60
    assert one - held < 60


def test_a_plan_knows_only_the_services_whose_profile_is_active() -> None:
    plain, drill = (plan_of(timeline=(lost(),), profiles=active).stack for active in ((), ("drill",)))
    entry, inner = as_link("clients->till"), as_link("till->spare")
    assert (set(plain.services), set(plain.links)) == ({"till"}, {entry})
    assert (set(drill.services), set(drill.links)) == ({"till", "spare"}, {entry, inner})
