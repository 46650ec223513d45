"""Which objectives of its stack a run tests, and its tier. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from chaos.kinds import services_hit
from chaos.model.plan import Plan
from chaos.registry import expectations


def objectives_of(plan: Plan) -> tuple[str, ...]:
    """The objectives that a run tests: those of the procedures that answer its faults or are rehearsed, else
    those of the services that its faults hit.
    """
    scenario = plan.scenario
    named = [step.answer for step in scenario.timeline if step.answer is not None] + list(scenario.rehearse)
    found = [plan.procedures[name].objective for name in named if name in plan.procedures]
    own = [name for name in found if name is not None]
    return tuple(dict.fromkeys(own or [name for name in _hit(plan) if name in plan.stack.objectives]))


def rto_tested(plan: Plan) -> tuple[str, ...]:
    """The objectives whose RTO a run measures: ``objectives_of``, and those of every service that it hits.

    Clients recover only when all of them are back: the run's RTO is an upper bound for each.
    """
    return tuple(dict.fromkeys((*objectives_of(plan), *_promised(plan, _hit(plan)))))


def rpo_tested(plan: Plan) -> tuple[str, ...]:
    """The objectives whose RPO a run measures: ``objectives_of``, and those of the services
    whose data a check watches. Data without a ledger has no measured RPO.
    """
    held: list[str] = []
    for check, params in expectations(plan.scenario):
        held += check.data_of(params, plan.stack)
    return tuple(dict.fromkeys((*objectives_of(plan), *_promised(plan, held))))


def _promised(plan: Plan, services: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in services if name in plan.stack.objectives)


def tier_of(plan: Plan) -> int | None:
    """The most critical tier that a run tests, None if the stack names none."""
    tiers = []
    for name in objectives_of(plan) or _hit(plan):
        objective, service = plan.stack.objectives.get(name), plan.stack.services.get(name)
        tier = objective.tier if objective is not None and objective.tier is not None else None
        if tier is None and service is not None:
            tier = service.tier
        if tier is not None:
            tiers.append(tier)
    return min(tiers, default=None)


def _hit(plan: Plan) -> tuple[str, ...]:
    return services_hit((planned.step for planned in plan.steps), plan.stack)
