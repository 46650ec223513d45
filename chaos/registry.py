"""Kinds are found, not listed: every module of ``chaos.faults`` and ``chaos.checks`` registers what it
defines,
and third parties add theirs through the entry points ``gameday.faults`` and ``gameday.checks``.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from chaos.errors import BadInput, Problem, RecordingProblem
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams, Step
from chaos.model.stack import Stack, as_link
from chaos.model.verdict import CheckResult
from chaos.ports import Bench
from chaos.timeline.events import Measurement
from chaos.timeline.recording import Recording


class Fault(Step):
    """A fault kind: its parameters are its fields, its behaviour these five methods. See
    docs/adding-a-fault.md.

    A subclass narrows ``fault`` to a ``Literal`` of its name; the docstring's first line is what ``gameday
    kinds`` prints.
    """

    undoable: ClassVar[bool] = True  # False: ``revert`` cannot undo it, so a scenario must say ``answer:``

    def services(self) -> tuple[str, ...]:
        """Services it names; the loader refuses unknown ones."""
        return ()

    def links(self) -> tuple[str, ...]:
        """Links it names."""
        return ()

    def levers(self) -> tuple[str, ...]:
        """Levers it names."""
        return ()

    def volumes(self) -> tuple[str, ...]:
        """Volumes it names, by their names in the compose file; none of them may be off-site storage."""
        return ()

    def hits(self, stack: Stack) -> tuple[str, ...]:
        """The services that it breaks: those named, the targets of its links, those its levers act on."""
        found = [*self.services(), *(as_link(link).target for link in self.links())]
        for lever in (stack.levers[name] for name in self.levers() if name in stack.levers):
            call = lever.inject.http or lever.inject.command
            found += [call.service] if call is not None else []
        return tuple(dict.fromkeys(found))

    def misfits(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        """What does not fit this stack, beyond unknown names: (parameter, what is wrong and what was
        expected). Pure.
        """
        return ()

    def claims(self, stack: Stack) -> frozenset[str]:
        """What it must have to itself while it holds, for people: the undo of another would undo it too.

        Two faults that claim the same thing may not overlap; the loader refuses them. Pure.
        """
        return frozenset()

    async def inject(self, bench: Bench) -> None:
        """Break it. Its undo is registered before this is called."""
        raise NotImplementedError

    async def revert(self, bench: Bench) -> None:
        """Undo it. Idempotent; also correct when ``inject`` never ran or ran half."""
        raise NotImplementedError

    async def reverted(self, bench: Bench) -> bool:
        """Read back: is nothing of it in place any more?"""
        raise NotImplementedError

    async def measure(self, bench: Bench) -> Measurement:
        """Measure the effect itself, once: before injection, while it holds, and after the undo."""
        raise NotImplementedError

    def bites(self, before: Measurement, now: Measurement) -> bool:
        """Does ``now``, beside ``before``, prove that the fault took effect? Pure."""
        raise NotImplementedError


class CheckKind(Protocol):
    """A check kind: a module-level object.

    ``judge`` is pure, reads only the recording, and never returns PASS by default.
    """

    name: str
    summary: str
    params: type[CheckParams] | None  # None: always judged, takes no expectation

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]: ...


@runtime_checkable
class HasCheck(Protocol):
    CHECK: CheckKind


@dataclass(frozen=True)
class Kinds:
    """Every kind that is installed, by name, in alphabetical order."""

    faults: Mapping[str, type[Fault]]
    checks: Mapping[str, CheckKind]


@cache
def kinds() -> Kinds:
    """Walk the packages and the entry points once.

    A second kind of the same name is an error, never a silent winner.
    """
    faults: dict[str, type[Fault]] = {}
    checks: dict[str, CheckKind] = {}
    for module in _modules("chaos.faults", "gameday.faults"):
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, Fault)
                and value.__module__ == module.__name__
                and not value.__name__.startswith("_")
            ):
                _add(faults, fault_name(value), value)
    for module in _modules("chaos.checks", "gameday.checks"):
        if isinstance(module, HasCheck):
            _add(checks, module.CHECK.name, module.CHECK)
    return Kinds(dict(sorted(faults.items())), dict(sorted(checks.items())))


def fault_name(kind: type[Fault]) -> str:
    """The one literal that ``fault`` may be in a scenario: ``container.kill``."""
    (name,) = kind.model_fields["fault"].annotation.__args__  # type: ignore[union-attr]
    assert isinstance(name, str)
    return name


def revive_plan(text: str) -> Plan:
    """A stored plan.json with its steps and expectations as values of their own kinds.

    Raises ``RecordingProblem`` when it is damaged, or needs a kind that is not installed.
    """
    try:
        raw = json.loads(text)
        scenario = raw["scenario"]
        scenario["timeline"] = steps = [_revive_step(step) for step in scenario["timeline"]]
        for planned in raw["steps"]:
            planned["step"] = steps[planned["index"]]
        scenario["expect"] = {
            name: tuple(_params_of(name).model_validate(entry) for entry in entries)
            for name, entries in scenario["expect"].items()
        }
        return Plan.model_validate(raw)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RecordingProblem(f"plan.json cannot be read: {error}") from error


def _revive_step(raw: dict[str, object]) -> Fault:
    return kinds().faults[str(raw["fault"])].model_validate(raw)


def _params_of(check: str) -> type[CheckParams]:
    params = kinds().checks[check].params
    if params is None:
        raise ValueError(f"check {check} takes no expectation")
    return params


K = TypeVar("K")


def _add(known: dict[str, K], name: str, kind: K) -> None:
    if name in known:
        message = f"two installed kinds are called {name}: {known[name]!r} and {kind!r}"
        raise BadInput([Problem.about(f"kind {name}", message, "uninstall one of them")])
    known[name] = kind


def _modules(package: str, group: str) -> list[ModuleType]:
    home = importlib.import_module(package)
    found = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(home.__path__)
        if not info.name.startswith("_")
    ]
    return found + [_loaded(point, group) for point in entry_points(group=group)]


def _loaded(point: EntryPoint, group: str) -> ModuleType:
    """A third party's module. Whatever its import raises is its own fault and named as such: BadInput."""
    try:
        module = point.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    else:
        if isinstance(module, ModuleType):
            return module
        why = f"expected a module, got {type(module).__name__}"
    package = f"the package {point.dist.name}" if point.dist else "the package that brings it"
    message = f"the entry point {point.name} = {point.value} of {group} cannot be used: {why}"
    raise BadInput([Problem.about(f"entry point {point.name}", message, f"fix or uninstall {package}")])
