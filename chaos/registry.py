"""Finds the installed kinds of faults, checks and collectors; no list names them.

gameday's own kinds are the classes and checks that the modules of ``chaos.faults``, ``chaos.checks`` and
``chaos.collectors`` define. Other packages add kinds through the entry points ``gameday.faults``,
``gameday.checks`` and ``gameday.collectors``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import TypeVar

from pydantic import BaseModel
from pydantic_core import from_json

from chaos.collector import Collector
from chaos.errors import DamagedRecording
from chaos.extensions import KindTable
from chaos.kinds import AnyCheck, Check, Fault
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams, Scenario


@dataclass(frozen=True)
class Kinds:
    """All installed kinds, by name, in alphabetical order. A kind is imported when it is used."""

    faults: Mapping[str, type[Fault]]
    checks: Mapping[str, AnyCheck]
    collectors: Mapping[str, type[Collector]] = field(default_factory=dict)


@cache
def kinds() -> Kinds:
    """All installed kinds; the packages and entry points are searched once per process.

    Raises ``BadInput`` for an entry point that cannot be used. Raises it too, here or when a kind is first
    used, for two kinds of the same name.
    """
    return Kinds(
        KindTable("chaos.faults", "gameday.faults", _faults_of),
        KindTable("chaos.checks", "gameday.checks", _checks_of),
        KindTable("chaos.collectors", "gameday.collectors", _collectors_of),
    )


def _faults_of(module: ModuleType) -> Iterator[tuple[str, type[Fault]]]:
    return ((fault_name(fault), fault) for fault in _defined(module, Fault))


def _checks_of(module: ModuleType) -> Iterator[tuple[str, AnyCheck]]:
    check = getattr(module, "CHECK", None)
    if isinstance(check, Check):
        yield check.name, check


def _collectors_of(module: ModuleType) -> Iterator[tuple[str, type[Collector]]]:
    return ((_literal(collector, "collector"), collector) for collector in _defined(module, Collector))


M = TypeVar("M", bound=BaseModel)


def _defined(module: ModuleType, base: type[M]) -> Iterator[type[M]]:
    """The public subclasses of ``base`` that a module defines itself."""
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, base) and not value.__name__.startswith("_"):
            yield value


def _literal(kind: type[BaseModel], field_name: str) -> str:
    (name,) = kind.model_fields[field_name].annotation.__args__  # type: ignore[union-attr]
    assert isinstance(name, str)
    return name


def fault_name(kind: type[Fault]) -> str:
    """The name of a fault kind in a scenario, such as ``container.kill``."""
    return _literal(kind, "fault")


def expectations(
    scenario: Scenario, checks: Mapping[str, AnyCheck] | None = None
) -> Iterator[tuple[AnyCheck, CheckParams]]:
    """Every expectation of a scenario with its check, in file order. Expectations of checks that are not
    installed are left out.
    """
    known = kinds().checks if checks is None else checks
    for name, entries in scenario.expect.items():
        if (check := known.get(name)) is not None:
            yield from ((check, entry) for entry in entries)


def awaited_alerts(plan: Plan) -> tuple[str, ...]:
    """The names of the alerts that the expectations of the plan need, each once, in file order."""
    found = [
        deadline.alert
        for check, params in expectations(plan.scenario)
        for deadline in check.alert_deadlines(params)
    ]
    return tuple(dict.fromkeys(found))


def revive_plan(text: str | bytes) -> Plan:
    """The plan of a stored plan.json. Its steps and expectations are values of their own kinds.

    Raises ``DamagedRecording`` if the text is damaged or needs a kind that is not installed.
    """
    try:
        raw = from_json(text, allow_inf_nan=False)
        scenario = raw["scenario"]
        scenario["timeline"] = steps = [_revive_step(step) for step in scenario["timeline"]]
        for planned in raw["steps"]:
            planned["step"] = steps[planned["index"]]
        scenario["expect"] = {
            name: tuple(_params_of(name).model_validate(entry) for entry in entries)
            for name, entries in scenario["expect"].items()
        }
        return Plan.model_validate(raw)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise DamagedRecording(f"plan.json cannot be read: {error}") from error


def _revive_step(raw: dict[str, object]) -> Fault:
    return kinds().faults[str(raw["fault"])].model_validate(raw)


def _params_of(check: str) -> type[CheckParams]:
    kind = kinds().checks[check]
    if not kind.takes_expectation:
        raise ValueError(f"check {check} takes no expectation")
    return kind.params
