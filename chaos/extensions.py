"""Finds kinds: by walking a package of gameday's own, and through the entry points of other packages."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from chaos.errors import BadInput, Problem

K = TypeVar("K")


def modules_of(package: str, group: str) -> list[ModuleType]:
    """Every public module of ``package``, then every module that an entry point of ``group`` names.

    Raises ``BadInput`` for an entry point that cannot be loaded or names something other than a module.
    """
    home = importlib.import_module(package)
    found = [
        importlib.import_module(f"{package}.{info.name}")
        for info in pkgutil.iter_modules(home.__path__)
        if not info.name.startswith("_")
    ]
    return found + [_loaded(point, group) for point in entry_points(group=group)]


def add_kind(known: dict[str, K], name: str, kind: K) -> None:
    """Register ``kind``. Raises ``BadInput`` for a name that is taken: there is never a silent winner."""
    if name in known:
        message = f"two installed kinds are called {name}: {known[name]!r} and {kind!r}"
        raise BadInput([Problem.about(f"kind {name}", message, "uninstall one of them")])
    known[name] = kind


def _loaded(point: EntryPoint, group: str) -> ModuleType:
    """Another package's module. Whatever its import raises is reported as that package's fault."""
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
