"""The documents of one compose file, with the scalars that Compose reads in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from chaos.errors import BadInput, Problem
from chaos.scenario.composed.interpolation import interpolate
from chaos.scenario.places import read_document, read_text
from chaos.yaml_text import MAX_DEPTH, Values, compose_documents, yaml_problem

_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})")
_MAX_VALUES = 50_000  # aliases of aliases can make a small file a huge value


@dataclass(frozen=True)
class ResetTag:
    """``!reset``: removes what an earlier file says here."""


@dataclass(frozen=True)
class OverrideTag:
    """``!override``: replaces what an earlier file says instead of being merged into it."""

    value: object


class _Values(Values):
    """Builds the values of YAML 1.2, as Compose does: ``2525:25``, ``on``, 010 and a date are text."""


def _number(values: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return int(node.value) if _INTEGER.fullmatch(node.value) else node.value


def _truth(values: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return node.value.lower() == "true" if node.value.lower() in ("true", "false") else node.value


def _text(values: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return node.value


def _tagged(values: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    """A value under one of Compose's own tags; any other tag counts for nothing."""
    if suffix == "reset":
        return ResetTag()
    value: object
    if isinstance(node, yaml.MappingNode):
        value = values.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = values.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.ScalarNode)
        value = values.construct_scalar(node)
    return OverrideTag(value) if suffix == "override" else value


for _tag, _constructor in (("int", _number), ("bool", _truth), ("float", _text), ("timestamp", _text)):
    _Values.add_constructor(f"tag:yaml.org,2002:{_tag}", _constructor)
_Values.add_multi_constructor("!", _tagged)


def read_documents(path: Path, shown: str, variables: Mapping[str, str]) -> list[dict[str, object]]:
    """The mappings of a file, in its order, with variables filled in.

    BadInput if it is missing, not YAML, or has something else than mappings in it.
    """
    text = read_text(path, shown)
    found: list[dict[str, object]] = []
    try:
        for node in compose_documents(text):
            value = _Filling(variables).value(_Values("").construct_document(node), 0)
            if isinstance(value, dict):
                found.append(value)
            elif value is not None:
                read_document(path, shown)  # says what it is instead
                raise BadInput([Problem(shown, *_place(node), "expected a mapping of keys to values")])
    except yaml.YAMLError as error:
        read_document(path, shown)  # in the words of the slower parser, for one document
        raise BadInput([yaml_problem(shown, error, text)]) from None
    except _TooMuch:
        read_document(path, shown)
        raise BadInput([Problem(shown, 1, 1, "too many values, or nested too deeply")]) from None
    if not found:
        raise BadInput([Problem(shown, 1, 1, "the file is empty, expected a mapping of keys to values")])
    return found


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _TooMuch(Exception):
    """A value has more parts than any project, or contains itself."""


class _Filling:
    """Fills variables into every text of a value, as far as the value has a sensible size."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._left = _MAX_VALUES

    def value(self, value: object, depth: int) -> object:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise _TooMuch
        if isinstance(value, str):
            return interpolate(value, self._variables)
        if isinstance(value, list):
            return [self.value(one, depth + 1) for one in value]
        if isinstance(value, dict):
            return {str(key): self.value(one, depth + 1) for key, one in value.items()}
        if isinstance(value, OverrideTag):
            return OverrideTag(self.value(value.value, depth + 1))
        return value
