"""Finds the line of a compose project that a message is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.scenario.places import Document, Loc, read_document


def problem_in(
    files: Sequence[tuple[Path, str]],
    loc: Loc,
    message: str,
    fix: str = "",
    value: object = None,
    key: bool = True,
) -> Problem:
    """A problem at ``loc`` of the last of these files that has it; else at what encloses it in the first.

    ``files``: each with the name that the user gave it. ``value``: the entry of the list at ``loc`` that is
    wrong. ``key``: it is about the key, not about its value. What a file includes or
    extends is not looked up.
    """
    enclosing = Problem(files[0][1], 1, 1, message, fix)
    for file, shown in reversed(files):
        try:
            document = read_document(file, shown)
        except BadInput:  # several documents
            continue
        if loc in document.values:
            return document.problem(_entry(document, loc, value), message, fix, key)
        if file == files[0][0]:
            enclosing = document.problem(loc, message, fix)
    return enclosing


def _entry(document: Document, loc: Loc, value: object) -> Loc:
    listed = document.at(loc)
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if value is not None and str(entry) == str(value):
            return (*loc, index)
    return loc
