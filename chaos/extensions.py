"""Finds kinds in gameday's own packages, and in other packages through their entry points."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import TypeVar

from chaos.errors import BadInput, Problem

K = TypeVar("K")
Named = Iterable[tuple[str, K]]


def modules_of(package: str, group: str) -> list[ModuleType]:
    """Every public module of ``package``, then every module that an entry point of ``group`` names.

    Raises ``BadInput`` for an entry point that cannot be loaded or names something other than a module.
    """
    own = [importlib.import_module(f"{package}.{name}") for name in _own_modules(package)]
    return own + [_loaded(point, group) for point in entry_points(group=group)]


def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of one group. The metadata of the installed packages is read once per process."""
    return _all_entry_points().get(group, ())


class KindTable(Mapping[str, K]):
    """The kinds of one package and of the entry points of one group, by name, in alphabetical order.

    It imports a kind when it is needed: ``container.kill`` of ``chaos.faults`` is in the module
    ``container_kill``. It imports all modules for a name without such a module, for the length and for
    iteration. It imports the modules of other packages at once, because only they contain the names of their
    kinds. Raises ``BadInput`` where an import finds a second kind of the same name. Threads may share it.
    """

    def __init__(self, package: str, group: str, kinds_of: Callable[[ModuleType], Named[K]]) -> None:
        """Raises ``BadInput`` for an entry point that cannot be used, and for two kinds of the same name."""
        self._package = package
        self._kinds_of = kinds_of
        self._unread = set(_own_modules(package))
        self._known: dict[str, K] = {}
        self._reading = threading.RLock()
        for point in entry_points(group=group):
            for name, kind in kinds_of(_loaded(point, group)):
                self._read(_module_of(name))
                add_kind(self._known, name, kind)

    def __getitem__(self, name: str) -> K:
        if name not in self._known:
            self._read(_module_of(name))
        if name not in self._known:
            self._read_all()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        self._read_all()
        return iter(sorted(self._known))

    def __len__(self) -> int:
        self._read_all()
        return len(self._known)

    def _read_all(self) -> None:
        with self._reading:
            for module in sorted(self._unread):
                self._read(module)

    def _read(self, module: str) -> None:
        """Registers what gameday's own module defines, once; does nothing without such a module."""
        with self._reading:  # two threads would register it twice
            if module in self._unread:
                found = importlib.import_module(f"{self._package}.{module}")
                self._unread.discard(module)
                for name, kind in self._kinds_of(found):
                    add_kind(self._known, name, kind)


def add_kind(known: dict[str, K], name: str, kind: K) -> None:
    """Register ``kind``. Raises ``BadInput`` if the name is taken: no kind replaces another silently."""
    if name in known:
        message = f"two installed kinds are named {name}: {known[name]!r} and {kind!r}"
        raise BadInput([Problem.about(f"kind {name}", message, "uninstall one of the two packages")])
    known[name] = kind


def _module_of(name: str) -> str:
    return name.replace(".", "_")


def _own_modules(package: str) -> list[str]:
    home = importlib.import_module(package)
    return [info.name for info in pkgutil.iter_modules(home.__path__) if not info.name.startswith("_")]


@cache
def _all_entry_points() -> Mapping[str, tuple[EntryPoint, ...]]:
    found = importlib.metadata.entry_points()
    return {group: tuple(found.select(group=group)) for group in found.groups}


def _loaded(point: EntryPoint, group: str) -> ModuleType:
    """A module of another package. Raises ``BadInput`` that names the package if it cannot be imported."""
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
