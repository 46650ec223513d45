"""The files that a stack.yaml names under ``parts:``, added to it: levers can have files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.files import is_file
from chaos.scenario.places import Document, Loc, read_document

PARTS = "parts"
SECTIONS = ("levers", "load", "ledgers")  # mappings of names, to which a part may add names


def with_parts(document: Document, root: Path) -> Document:
    """``document`` with the sections of its parts added. Paths are relative to ``root``.

    A problem in a part is a problem of the returned document, at the part's own file, line and column. Raises
    BadInput for a part that cannot be read.
    """
    listed = document.data.get(PARTS)
    whole = document
    for place, name in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(name, str):
            whole = _added(whole, _read(document, (PARTS, place), name, root))
    return whole


def _read(document: Document, loc: Loc, name: str, root: Path) -> Document:
    if not is_file(root / name):
        fix = "paths are relative to stack.yaml"
        raise BadInput([document.problem(loc, f"no such file {name!r}", fix)])
    return read_document(root / name, str(Path(document.file).parent / name))


def _added(whole: Document, part: Document) -> Document:
    data = dict(whole.data)
    sources = dict(whole.sources)
    problems: list[Problem] = [*whole.problems, *part.problems]
    for section, name, value in _entries(part, problems):
        there = data.get(section) or {}
        if not isinstance(there, dict):
            continue  # the model reports what is wrong with it
        if name in there:
            message = f"{section}: {name!r} is in another file of this stack as well"
            problems.append(part.problem((section, name), message, "keep one of the two", key=True))
            continue
        data[section] = {**there, name: value}
        sources[section, name] = part.file
    keys = {loc: place for loc, place in part.keys.items() if loc[:2] in sources}
    values = {loc: place for loc, place in part.values.items() if loc[:2] in sources or len(loc) == 1}
    return replace(
        whole,
        data=data,
        keys={**keys, **whole.keys},
        values={**values, **whole.values},
        problems=tuple(problems),
        sources=sources,
    )


def _entries(part: Document, problems: list[Problem]) -> Iterator[tuple[str, str, object]]:
    for section, entries in part.data.items():
        if section not in SECTIONS:
            message, fix = f"unknown key {section!r} in a part", f"a part can have {', '.join(SECTIONS)}"
            problems.append(part.problem((section,), message, fix, key=True))
        elif not isinstance(entries, dict):
            problems.append(part.problem((section,), "expected a mapping of names"))
        else:
            for name, value in entries.items():
                yield section, name, value
