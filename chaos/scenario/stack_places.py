"""Finds the stack.yaml that a scenario or a command means: by its path, its folder or the stack's name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.files import is_file, is_folder
from chaos.model.project_files import STACK_FILE, compose_file_in, stack_file_of, stack_files_below
from chaos.scenario.places import Document, read_document
from chaos.suggestions import known_words


def resolve_stack(reference: str, scenario: Document, path: Path) -> Path:
    """The stack.yaml that ``stack:`` of the scenario at ``path`` means: a path from there, or a stack's name.

    A name is looked up in ``stack.yaml`` and ``stack/stack.yaml`` of the scenario's folder and those above.
    BadInput if no stack is found.
    """
    if reference.endswith((".yaml", ".yml")) or "/" in reference:
        found = stack_file_of(path.parent / reference)
        if not is_file(found):
            message = f"no such file {reference!r}"
            raise BadInput([scenario.problem(("stack",), message, "the path is relative to this file")])
        return found
    named, broken = _named_stacks(path)
    if reference in named:
        return named[reference]
    if broken:
        raise BadInput(broken)  # the scenario may mean one of these
    words = known_words(reference, named)
    stop = "" if words.endswith("?") else "."
    fix = f"{words}{stop} Looked for stack.yaml and stack/stack.yaml here and above"
    raise BadInput([scenario.problem(("stack",), f"unknown stack {reference!r}", fix)])


def find_stack(reference: Path, cwd: Path) -> Path:
    """The stack.yaml that STACK of a command means: that file, the one in that folder, or a stack's name.

    A name is looked up in ``cwd`` and above, as that of a scenario is, and in two folders below. BadInput if
    there is none.
    """
    found = stack_file_of(cwd / reference)
    if is_file(found):
        return found
    named, broken = _named_stacks(cwd / STACK_FILE, stack_files_below(cwd))
    if str(reference) in named:
        return named[str(reference)]
    where = str(reference)
    if is_folder(cwd / reference):
        compose = compose_file_in(cwd / reference)
        writes = f"gameday init {shown(compose)} writes one" if compose else "name the folder of a stack"
        raise BadInput([Problem.about(where, f"no {STACK_FILE} in this folder", writes)])
    fix = f"name a {STACK_FILE}, its folder or a stack; {known_words(where, named)}"
    raise BadInput([Problem.about(where, "no stack with this path or name", fix), *broken])


def _named_stacks(path: Path, more: Iterable[Path] = ()) -> tuple[dict[str, Path], list[Problem]]:
    """Every stack that a file at ``path`` could mean, and those in ``more`` files, by name; and what is wrong
    with those that cannot be read.
    """
    folder = path.resolve().parent
    named: dict[str, Path] = {}
    broken: list[Problem] = []
    parents = (folder, *folder.parents)
    above = [file for parent in parents for file in (parent / STACK_FILE, parent / "stack" / STACK_FILE)]
    for candidate in filter(is_file, (*above, *more)):
        try:
            named.setdefault(str(read_document(candidate, shown(candidate)).data.get("stack")), candidate)
        except BadInput as bad:
            broken.extend(bad.problems)
    return named, broken


def shown(path: Path) -> str:
    """The path as a user would type it: relative to where they are, if it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
