"""A plan as it is stored: checks need its names, but no secrets."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from pydantic import JsonValue

from chaos.model.plan import Plan
from chaos.model.stack import ServiceRole
from chaos.redaction import HIDDEN, Hiding


def stored_plan(plan: Plan, secrets: Collection[str]) -> str:
    """The text of plan.json: values of redacted variables are replaced wherever they occur.

    What names something (a service, a link, an alert, a kind, a metric) stays, even if it is also
    the value of a password: the recording refers to it. ``chaos.registry.revive_plan`` reads the text.
    """
    raw = json.loads(plan.model_dump_json())
    for variables in raw["env"].values():
        variables.update({name: HIDDEN for name in variables if name in plan.stack.redact})
    return json.dumps(_freed(raw, _hiding(plan, raw, secrets)), indent=1, ensure_ascii=False)


def hiding_of(plan: Plan, secrets: Collection[str]) -> Hiding:
    """Removes secrets from every file of a run. The same rule applies to the application's answers and to the
    plan's promises, so that equal texts stay equal.
    """
    return _hiding(plan, json.loads(plan.model_dump_json()), secrets)


def _hiding(plan: Plan, raw: dict[str, JsonValue], secrets: Collection[str]) -> Hiding:
    """``raw``: the plan as JSON."""
    names = {*_keys(raw), *ServiceRole, *(breaker.metric for breaker in plan.stack.breakers.values())}
    names |= {planned.step.fault for planned in plan.steps} | {plan.stack.stack, plan.scenario.scenario}
    names |= {rule.alert for rule in plan.detection.rules} if plan.detection else set()
    return Hiding(tuple(secrets), frozenset(map(str, names)))


def _keys(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _freed(value: JsonValue, hide: Hiding) -> JsonValue:
    if isinstance(value, dict):
        return {key: _freed(inner, hide) for key, inner in value.items()}
    if isinstance(value, list):
        return [_freed(inner, hide) for inner in value]
    return hide(value) if isinstance(value, str) else value
