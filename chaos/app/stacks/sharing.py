"""Which runs may share a stack, and what they need of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.kinds import Fault
from chaos.model.plan import Plan


def why_alone(plan: Plan) -> str:
    """Why a run always gets a stack of its own; "": it may share one."""
    if plan.procedures:
        return "its procedures change the stack for good"
    if any(isinstance(one.step, Fault) and not one.step.undoable for one in plan.steps):
        return "it has a fault that gameday cannot undo"
    return ""


def shareable(one: Plan, other: Plan) -> bool:
    """May both run on the same stack? Both must start it with the same variables, profiles and pace."""
    return not why_alone(one) and not why_alone(other) and _start_of(one) == _start_of(other)


def _start_of(plan: Plan) -> tuple[object, ...]:
    return (plan.stack_root, plan.stack, plan.pace, plan.env, plan.scenario.profiles)


def together(plans: Sequence[Plan]) -> Plan:
    """The plan for deploying one stack for all ``plans``: it has every proxy that any of them needs."""
    first = plans[0]
    steps = tuple(step for plan in plans for step in plan.scenario.timeline)
    scenario = first.scenario.model_copy(update={"timeline": steps})
    estimate = sum(plan.estimate_seconds for plan in plans)
    return first.model_copy(update={"scenario": scenario, "estimate_seconds": estimate})


def grouped(plans: Sequence[Plan]) -> list[int]:
    """The indices of ``plans`` so that those that may share a stack follow one another: the largest group
    first, and those that need a stack of their own last.
    """
    groups: list[list[int]] = []
    for index, plan in enumerate(plans):
        alike = next((group for group in groups if shareable(plans[group[0]], plan)), None)
        if alike is None:
            groups.append([index])
        else:
            alike.append(index)
    groups.sort(key=lambda group: (bool(why_alone(plans[group[0]])), -len(group)))
    return [index for group in groups for index in group]


def forgets(plan: Plan) -> float:
    """Real seconds after which no alert rule sees what is happening now."""
    rules = plan.detection.rules if plan.detection is not None else ()
    return max((rule.window + rule.upstream for rule in rules), default=0.0) / plan.pace
