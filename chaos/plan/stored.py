"""A plan as it is stored: judging needs the names in it, and no secret."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from pydantic import JsonValue

from chaos.model.plan import Plan
from chaos.model.stack import Role
from chaos.redaction import HIDDEN, redact


def stored_plan(plan: Plan, secrets: Collection[str]) -> str:
    """The text of plan.json: values of redacted variables are replaced wherever they occur.

    What names something (a service, a link, an alert, a kind, a metric) stays, even if it is also
    the value of a password: the recording refers to it. ``chaos.registry.revive_plan`` reads the text.
    """
    raw = json.loads(plan.model_dump_json())
    for variables in raw["env"].values():
        variables.update({name: HIDDEN for name in variables if name in plan.stack.redact})
    names = {*_keys(raw), *Role, *(breaker.metric for breaker in plan.stack.breakers.values())}
    names |= {planned["step"]["fault"] for planned in raw["steps"]} | {
        plan.stack.stack,
        plan.scenario.scenario,
    }
    names |= {rule.alert for rule in plan.detection.rules} if plan.detection else set()
    return json.dumps(_freed(raw, secrets, names), indent=1, ensure_ascii=False)


def _keys(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _freed(value: JsonValue, secrets: Collection[str], names: Collection[str]) -> JsonValue:
    if isinstance(value, dict):
        return {key: _freed(inner, secrets, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_freed(inner, secrets, names) for inner in value]
    return redact(value, secrets) if isinstance(value, str) and value not in names else value
