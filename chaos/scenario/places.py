"""Reads a YAML file as plain values with their places, and reports errors that YAML itself accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chaos.errors import BadInput, Problem
from chaos.files import LARGEST, read_utf8
from chaos.yaml_text import MAX_CHARACTERS, Values, compose_text, yaml_problem

Loc = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 1
WHOLE_FILE: Place = (0, 0)
_MAX_NODES = 50_000  # aliases of aliases can turn a small file into a huge value
_MOST_BYTES = 4 * MAX_CHARACTERS  # a character of UTF-8 has at most four
_MAX_KEY = 256  # characters; a name goes into file names, and a file system takes 255 bytes
_MAX_NUMBER = 2**53  # beyond, JSON and floats lose digits; as a duration in seconds it is beyond any clock
_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a character: neither a file nor JSON can hold it
_TEXT_TAGS = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:str")


@dataclass(frozen=True)
class Document:
    """One file that was read. ``keys`` and ``values`` hold the place of each key and value of ``data``."""

    file: str  # as the user named it
    text: str
    data: dict[str, object]
    keys: dict[Loc, Place] = field(default_factory=dict)
    values: dict[Loc, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # such as duplicate keys; the rest of the file is still used
    sources: dict[Loc, str] = field(
        default_factory=dict
    )  # what came from another file, by its first two keys

    def resolve(self, loc: Loc) -> Loc:
        """``loc`` without parts that are not a key or index of the file; validators add such parts."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def where(self, loc: Loc, key: bool = False) -> Place:
        """Line and column of the value at ``loc``, or of its key; else of the nearest enclosing value."""
        exact = self.resolve(loc)
        if key and exact in self.keys:
            return self.keys[exact]
        for end in range(len(exact), -1, -1):
            if exact[:end] in self.values:
                return self.values[exact[:end]]
        return (1, 1)

    def at(self, loc: Loc) -> object:
        """The value at ``loc``, None if the file has no such value."""
        if loc not in self.values:
            return None
        here: Any = self.data
        for part in loc:
            here = here[part]
        return here

    def problem(self, loc: Loc, message: str, fix: str = "", key: bool = False) -> Problem:
        """A problem at the value (or the key) at ``loc``."""
        return Problem(
            self.sources.get(self.resolve(loc)[:2], self.file), *self.where(loc, key), message, fix
        )


def read_text(path: Path, shown: str | None = None, most: int = LARGEST) -> str:
    """The file's text. BadInput if it is missing, a folder, unreadable, not UTF-8 or of more than ``most``
    bytes.
    """
    name = shown or str(path)
    try:
        return read_utf8(path, most)
    except FileNotFoundError:
        raise BadInput([Problem(name, *WHOLE_FILE, "no such file", "check the path")]) from None
    except IsADirectoryError:
        raise BadInput([Problem(name, *WHOLE_FILE, "this is a folder, expected a YAML file")]) from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise BadInput([Problem(name, line, column, "not UTF-8 text", "save the file as UTF-8")]) from None
    except OSError as error:
        raise BadInput([Problem(name, *WHOLE_FILE, f"cannot be read: {error.strerror}")]) from None


def read_document(path: Path, shown: str | None = None) -> Document:
    """Read one YAML mapping. BadInput if no part of it can be used; lesser problems are in ``problems``."""
    name = shown or str(path)
    text = read_text(path, name, _MOST_BYTES)
    try:
        node = compose_text(text)
    except yaml.YAMLError as error:
        raise BadInput([yaml_problem(name, error, text)]) from None
    if node is None:
        raise BadInput([Problem(name, 1, 1, "the file is empty, expected a mapping of keys to values")])
    if not isinstance(node, yaml.MappingNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
        raise BadInput([Problem(name, *_place(node), f"expected a mapping of keys to values, got {kind}")])
    walk = _Walk(name)
    data = walk.value(node, ())
    assert isinstance(data, dict)
    return Document(name, text, data, walk.keys, walk.values, tuple(walk.problems))


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _Walk:
    """Turns nodes into plain values and notes the place of each."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[Loc, Place] = {}
        self.values: dict[Loc, Place] = {}
        self.problems: list[Problem] = []
        self._open: list[yaml.Node] = []
        self._count = 0
        self._loader = Values("")

    def value(self, node: yaml.Node, loc: Loc) -> object:
        self._count += 1
        if node in self._open or self._count > _MAX_NODES:
            message = "an alias refers to its own parent" if node in self._open else "too many values"
            raise BadInput([*self.problems, Problem(self.name, *_place(node), message)])
        self.values[loc] = _place(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self._open.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(child, (*loc, index)) for index, child in enumerate(node.value)]
            assert isinstance(node, yaml.MappingNode)
            return dict(self._pairs(node, loc))
        finally:
            self._open.pop()

    def _scalar(self, node: yaml.ScalarNode) -> object:
        if "\0" in node.value:
            self._note(node, "the text contains a NUL character", "remove it")
            return str(node.value).replace("\0", "")
        if _SURROGATE.search(node.value):
            self._note(node, "the text contains half a character (\\ud800)", "write the whole character")
            return _SURROGATE.sub("?", node.value)
        if node.tag in _TEXT_TAGS:
            return str(node.value)
        try:
            value: object = self._loader.construct_object(node)
        except yaml.YAMLError as error:
            wrong = getattr(error, "problem", None) or str(error)
            unknown = wrong.startswith("could not determine a constructor")
            self._note(node, f"unknown YAML tag {node.tag}" if unknown else wrong, "remove it")
            return str(node.value)
        if isinstance(value, int | float) and not abs(value) <= _MAX_NUMBER:  # also of what is not a number
            self._note(node, f"expected a number of at most {_MAX_NUMBER}", "write a smaller one")
            return 0
        # YAML 1.1 reads 1:30 as the number 90. It stays text here, and the error shows what the user wrote.
        return str(node.value) if isinstance(value, int | float) and ":" in node.value else value

    def _note(self, node: yaml.Node, message: str, fix: str) -> None:
        self.problems.append(Problem(self.name, *_place(node), message, fix))

    def _pairs(self, node: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, object]]:
        first: dict[str, Place] = {}
        for key_node, child in node.value:
            place = _place(key_node)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
                message = "expected a plain key"
                self.problems.append(Problem(self.name, *place, message, "write each key and value out"))
                continue
            key = str(key_node.value)
            if len(key) > _MAX_KEY or "\0" in key or _SURROGATE.search(key):
                message = f"expected a key of at most {_MAX_KEY} whole characters, without NUL"
                self._note(key_node, message, "write a different key")
                continue
            if key in first:
                line, column = first[key]
                message = f"duplicate key {key!r}, first given at {line}:{column}"
                self.problems.append(Problem(self.name, *place, message, "keep one of the two"))
                continue
            first[key] = self.keys[(*loc, key)] = place
            yield key, self.value(child, (*loc, key))
